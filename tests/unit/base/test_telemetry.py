"""The service's own log: its shape, and what never gets into it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import structlog

from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.base.settings import LogFormat, LogLevel, TelemetrySettings
from kelp.base.telemetry import configure_telemetry


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(level)


def start_json_log(level: LogLevel = LogLevel.INFO) -> io.StringIO:
    stream = io.StringIO()
    configure_telemetry(TelemetrySettings(LogFormat.JSON, level), stream)
    return stream


def read_lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_its_event_level_time_and_values() -> None:
    stream = start_json_log()
    workspace_id = UUID("6e5d1a40-0000-4000-8000-0123456789ab")
    structlog.get_logger().info(
        "table created",
        workspace_id=workspace_id,
        resource=ResourceId.parse("/subscriptions/s"),
        path=Path("/a"),
        rows=3,
        fresh=True,
        left=None,
    )
    (line,) = read_lines(stream)
    assert str(line.pop("at")).endswith("Z")
    assert line == {
        "event": "table created",
        "level": "info",
        "workspace_id": str(workspace_id),
        "resource": "/subscriptions/s",
        "path": "/a",
        "rows": 3,
        "fresh": True,
        "left": None,
    }


def test_context_bound_for_a_request_is_on_each_of_its_lines() -> None:
    stream = start_json_log()
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger().info("asked")
    structlog.get_logger().info("later")
    assert [line.get("request_id") for line in read_lines(stream)] == ["r1", None]


def test_records_secrets_and_long_texts_stay_out() -> None:
    stream = start_json_log()
    structlog.get_logger().warning(
        "row refused",
        record={"User": "alice"},
        rows=[{"User": "alice"}, {"User": "alice"}],
        body=b"alice",
        access_token="alice",
        Authorization="Bearer alice",
        text="x" * 300 + "alice",
    )
    (line,) = read_lines(stream)
    assert "alice" not in stream.getvalue()
    assert line["record"] == "[dict of 1]"
    assert line["rows"] == "[list of 2]"
    assert line["body"] == "[bytes of 5]"
    assert line["access_token"] == line["Authorization"] == "[secret]"
    assert line["text"] == "x" * 300 + "... (305 characters)"


def raise_chained() -> None:
    record = "alice"
    try:
        int(record)
    except ValueError as error:
        raise ServiceError(Category.INTERNAL, "Broken", "The loader stopped.") from error


def test_an_exception_shows_types_frames_and_only_our_own_message() -> None:
    stream = start_json_log()
    try:
        raise_chained()
    except ServiceError:
        structlog.get_logger().exception("failed")
    (line,) = read_lines(stream)
    text = str(line["exception"])
    assert "kelp.base.errors.ServiceError: Broken: The loader stopped." in text
    assert "builtins.ValueError" in text
    assert "in raise_chained" in text
    assert "alice" not in text


def test_an_exception_given_by_value_is_described_too() -> None:
    stream = start_json_log()
    structlog.get_logger().error("failed", exc_info=ValueError("alice"))
    assert read_lines(stream)[0]["exception"] == "builtins.ValueError"


def test_the_level_decides_what_is_written() -> None:
    stream = start_json_log(LogLevel.WARNING)
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("heard")
    assert [line["event"] for line in read_lines(stream)] == ["heard"]


def test_libraries_log_in_the_same_shape_from_warnings_on() -> None:
    stream = start_json_log()
    library = logging.getLogger("somebody.else")
    library.info("quiet")
    try:
        int("alice")
    except ValueError:
        library.exception("failed after %d tries", 3)
    (line,) = read_lines(stream)
    assert (line["event"], line["level"]) == ("failed after 3 tries", "error")
    assert "builtins.ValueError" in str(line["exception"])
    assert "alice" not in stream.getvalue()


def test_the_console_form_is_a_plain_line_without_colour_off_a_terminal() -> None:
    stream = io.StringIO()
    configure_telemetry(TelemetrySettings(LogFormat.CONSOLE), stream)
    structlog.get_logger().info("ready", address="https://localhost:8443")
    assert "ready" in stream.getvalue()
    assert "address=https://localhost:8443" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()
