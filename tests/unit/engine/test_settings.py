from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from kelp.engine.contract import QueryLimits, ResultFormat
from kelp.engine.settings import (
    SESSION_SETTINGS,
    EmbeddedSettings,
    insert_settings,
    print_engine_configuration,
    print_settings,
    query_clauses,
)


def clauses(limits: QueryLimits, remaining_seconds: float = 5) -> str:
    return query_clauses(
        result_format=ResultFormat.JSON_ROWS,
        limits=limits,
        remaining_seconds=remaining_seconds,
        identity="it's",
        condition_cache=False,
    )


def test_settings_are_quoted_by_their_kind() -> None:
    assert print_settings({"a": 1, "b": "it's", "c": 0.5}) == "a=1, b='it\\'s', c=0.5"


def test_a_query_is_read_only_timed_and_named() -> None:
    text = clauses(QueryLimits(deadline_seconds=10), 2.5)
    assert text.startswith("\nFORMAT JSONCompactEachRow SETTINGS readonly=1, log_comment='it\\'s', ")
    assert "max_execution_time=2.5," in text
    assert "use_query_condition_cache=0," in text


def test_a_passed_deadline_is_never_no_deadline() -> None:
    assert "max_execution_time=0.001," in clauses(QueryLimits(deadline_seconds=10), -3)


def test_only_given_limits_are_set() -> None:
    text = clauses(QueryLimits(deadline_seconds=1))
    assert not re.search("max_result|max_memory|max_threads|max_rows|max_bytes", text)
    text = clauses(
        QueryLimits(
            deadline_seconds=1,
            max_result_rows=1,
            max_result_bytes=2,
            max_memory_bytes=3,
            max_threads=4,
            max_rows_to_read=5,
            max_bytes_to_read=6,
        )
    )
    assert text.endswith(
        "max_result_rows=1, max_result_bytes=2, max_memory_usage=3, max_threads=4, max_rows_to_read=5, max_bytes_to_read=6"
    )


def test_nothing_spills_to_disk() -> None:
    spilling = [name for name in SESSION_SETTINGS if "external" in name]
    assert len(spilling) == 8
    assert {SESSION_SETTINGS[name] for name in spilling} == {0}
    assert SESSION_SETTINGS["max_temporary_data_on_disk_size_for_query"] == 1


def test_the_memory_of_an_insert_is_limited_where_asked() -> None:
    assert "max_memory_usage" not in insert_settings("i", None)
    assert insert_settings("i", 5)["max_memory_usage"] == 5


def test_the_configuration_is_xml_and_fits_the_machine() -> None:
    settings = EmbeddedSettings(data_directory=Path("/a <b>"), memory_bytes=3200, merge_threads=3)
    root = ET.fromstring(print_engine_configuration(settings))
    assert root.findtext("custom_local_disks_base_directory") == "/a <b>/disks/"
    assert root.findtext("max_server_memory_usage") == "3200"
    assert root.findtext("mark_cache_size") == "200"
    assert root.findtext("background_pool_size") == "3"
    assert [one.tag for one in root if one.tag.endswith("_log") or one.tag.endswith("_port")] == []
