"""Settings: precedence, refusals that help, and the page that documents them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kelp.base.errors import Category
from kelp.base.settings import InvalidSettings, LogFormat, Settings, iter_declarations, load_settings


def write_toml(folder: Path, text: str) -> Path:
    path = folder / "kelp.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_need_no_file_and_no_environment() -> None:
    settings = load_settings(None, {"PATH": "/bin", "HOME": "/root"}, {})
    assert settings == Settings()
    assert settings.data == Path("kelp-data")
    assert (settings.server.host, settings.server.port) == ("localhost", 8443)
    assert settings.query.concurrent_per_caller == 5
    assert settings.query.queue_length == 200
    assert settings.query.maximum_rows == 500_000
    assert settings.query.maximum_result_bytes == 104_857_600
    assert (settings.query.default_timeout_seconds, settings.query.maximum_timeout_seconds) == (180, 600)


def test_flags_beat_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    path = write_toml(
        tmp_path,
        """
        data = "/srv/kelp"
        [server]
        host = "file.example"
        port = 1
        [query]
        maximum_rows = 1
        default_timeout_seconds = 20
        """,
    )
    environ = {"KELP_SERVER_PORT": "2", "KELP_QUERY_MAXIMUM_ROWS": "2"}
    settings = load_settings(path, environ, {"query.maximum_rows": 3, "server.host": None})
    assert settings.data == Path("/srv/kelp")
    assert settings.server.host == "file.example"
    assert settings.server.port == 2
    assert settings.query.maximum_rows == 3
    assert settings.query.default_timeout_seconds == 20


def test_every_kind_of_value_can_come_from_the_environment() -> None:
    settings = load_settings(
        None,
        {
            "KELP_DATA": "/tmp/k",
            "KELP_INGEST_FLUSH_INTERVAL_SECONDS": "0.25",
            "KELP_TELEMETRY_LOG_FORMAT": "json",
            "KELP_SERVER_CERTIFICATE_FILE": "/c.pem",
            "KELP_SERVER_CERTIFICATE_KEY_FILE": "/k.pem",
            "KELP_SERVER_REGION": "westeurope",
            "KELP_ENGINE_CONDITION_CACHE": "false",
        },
        {},
    )
    assert settings.data == Path("/tmp/k")
    assert settings.ingest.flush_interval_seconds == 0.25
    assert settings.telemetry.log_format is LogFormat.JSON
    assert settings.server.certificate_file == Path("/c.pem")
    assert settings.server.region == "westeurope"
    assert settings.engine.condition_cache is False


@pytest.mark.parametrize(
    ("toml", "environ", "overrides", "message"),
    [
        ("querry.maximum_rows = 1", {}, {}, "is not a setting. Did you mean query.maximum_rows?"),
        ("[query]\nmaximum_row = 1", {}, {}, "query.maximum_row"),
        ("rows = 1", {}, {}, "rows ("),
        ("[query.maximum_rows]\nx = 1", {}, {}, "expected a whole number"),
        ("query = 3", {}, {}, "query ("),
        ("[query]\nmaximum_rows = '1'", {}, {}, "expected a whole number, not '1'"),
        ("[query]\nmaximum_rows = true", {}, {}, "expected a whole number, not True"),
        ("[query]\nmaximum_rows = 1.5", {}, {}, "expected a whole number, not 1.5"),
        ("[query]\nmaximum_rows = 0", {}, {}, "0 is less than 1"),
        ("[server]\nhost = 1", {}, {}, "expected text, not 1"),
        ("data = ''", {}, {}, "expected text"),
        (
            "[telemetry]\nlog_level = 'loud'",
            {},
            {},
            "expected one of debug, info, warning, error, not 'loud'",
        ),
        ("[engine]\ncondition_cache = 'false'", {}, {}, "expected true or false, not 'false'"),
        ("", {"KELP_ENGINE_CONDITION_CACHE": "no"}, {}, "expected true or false, not 'no'"),
        ("", {"KELP_QUERY_MAX_ROWS": "1"}, {}, "Did you mean KELP_QUERY_MAXIMUM_ROWS?"),
        (
            "",
            {"KELP_SERVER_PORT": "https"},
            {},
            "KELP_SERVER_PORT (environment): expected a whole number, not 'https'",
        ),
        ("", {"KELP_SERVER_PORT": "70000"}, {}, "70000 is more than 65535"),
        ("", {"KELP_SERVER_DRAIN_SECONDS": "nan"}, {}, "nan is less than 0"),
        ("", {}, {"server.prot": 1}, "server.prot (flag) is not a setting. Did you mean server.port?"),
        ("", {}, {"query.default_timeout_seconds": 601.0}, "is more than query.maximum_timeout_seconds"),
        ("", {}, {"server.certificate_file": Path("c.pem")}, "both or not at all"),
        ("", {}, {"engine.memory_bytes": 268_435_456}, "is more than engine.memory_bytes"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(
    tmp_path: Path, toml: str, environ: dict[str, str], overrides: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidSettings) as refused:
        load_settings(write_toml(tmp_path, toml), environ, overrides)
    assert message in refused.value.message
    assert refused.value.category is Category.INVALID
    assert len(refused.value.details) == 1


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    path = write_toml(tmp_path, "colour = 'blue'\n[query]\nmaximum_rows = -1\n")
    with pytest.raises(InvalidSettings) as refused:
        load_settings(path, {"KELP_SERVER_PORT": "x"}, {})
    assert [problem.target for problem in refused.value.details] == [
        "colour",
        "query.maximum_rows",
        "KELP_SERVER_PORT",
    ]


@pytest.mark.parametrize("content", ["[query", "\x00", None])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "missing.toml" if content is None else write_toml(tmp_path, content)
    with pytest.raises(InvalidSettings, match="Can't read the settings file"):
        load_settings(path, {}, {})


def test_variables_of_the_tests_and_the_agent_are_no_settings() -> None:
    environ = {
        "KELP_TEST_CLICKHOUSE": "http://localhost:8123",
        "KELP_REQUIRE_BROWSER": "1",
        "KELP_AGENT_SPOOL": "/s",
    }
    assert load_settings(None, environ, {}) == Settings()


def test_each_setting_is_described_and_its_default_is_within_its_range() -> None:
    for declaration in iter_declarations():
        assert declaration.description.endswith("."), declaration.key
        if isinstance(declaration.default, int | float):
            load_settings(None, {declaration.variable: str(declaration.default).lower()}, {})
