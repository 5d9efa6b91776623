"""Every setting given to an engine, in one place: of the process, of a session, of a query."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from kelp.clickhouse.quoting import quote_string
from kelp.engine.contract import InputFormat

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kelp.engine.contract import QueryLimits, ResultFormat

MIBIBYTE = 1024 * 1024
_UNREACHABLE = 1 << 40
_MERGE_BLOCK_BYTES = 4 * MIBIBYTE
"""Of rows that a merge has in memory at a time: merges of large parts run beside loading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedSettings:
    """How the embedded engine uses its machine."""

    data_directory: Path
    """The engine's own folder; made if missing, used by one process at a time."""
    clusters_directory: Path | None = None
    """Where the folders of clusters are, absolute; `disks/clusters` in the engine's own folder if it is None."""
    reader_threads: int = 4
    """Queries that run at once; more wait."""
    writer_threads: int = 2
    """Inserts that run at once, apart from queries so that long queries never hold up loading."""
    memory_bytes: int = 2048 * MIBIBYTE
    """What the engine may allocate in all; a query that would pass it fails, the engine lives on."""
    merge_threads: int = 2
    read_ahead_bytes: int = 8 * MIBIBYTE
    """How much of a result waits for a slow reader."""
    query_condition_cache: bool = True
    """Remember which granules match no row of a condition. Off for measurements."""


SESSION_SETTINGS: Mapping[str, str | int] = {
    # Kelp means UTC everywhere; the machine's zone must not leak into results.
    "session_timezone": "UTC",
    # An outer join yields nulls for the missing side, as in KQL.
    "join_use_nulls": 1,
    # Generated SQL is longer than what people type.
    "max_query_size": 16 * MIBIBYTE,
    "max_ast_elements": 500_000,
    "max_expanded_ast_elements": 5_000_000,
    # A union of hundreds of tables is deep in brackets, in which the parser looks ahead and comes back.
    "max_parser_backtracks": 100_000_000,
    # Spill files are not encrypted, so a query that needs more memory fails instead.
    "max_bytes_before_external_group_by": 0,
    "max_bytes_ratio_before_external_group_by": 0,
    "max_bytes_before_external_sort": 0,
    "max_bytes_ratio_before_external_sort": 0,
    "max_bytes_before_external_distinct": 0,
    "max_bytes_ratio_before_external_distinct": 0,
    "max_bytes_before_external_join": 0,
    "max_bytes_ratio_before_external_join": 0,
    "max_temporary_data_on_disk_size_for_query": 1,
    # What a query materializes is computed once, not at each use.
    "enable_materialized_cte": 1,
    # Dynamic values are JSON text, also inside of queries; a slash needs no escape.
    "output_format_json_escape_forward_slashes": 0,
    # Whether rings cross themselves is not looked at (GEO-7); the engine would fail the statement.
    "validate_polygons": 0,
    # A statement of ours never reaches out; one that does must not hang.
    "http_max_tries": 1,
    # A table's disk takes its key from the environment.
    "dynamic_disk_allow_from_env": 1,
}
"""Given to every connection when it is opened."""

_SOURCE_SETTINGS: Mapping[str, str | int] = {
    # One thread keeps the order of records.
    "max_threads": 1,
    "max_parsing_threads": 1,
    "input_format_parallel_parsing": 0,
    # The file is another one each time, though its path may come again.
    "use_cache_for_count_from_files": 0,
    "input_format_skip_unknown_fields": 1,
    "input_format_null_as_default": 1,
    "input_format_json_read_numbers_as_strings": 1,
    "input_format_json_read_bools_as_strings": 1,
    "input_format_json_read_arrays_as_strings": 1,
    "input_format_json_read_objects_as_strings": 1,
    "date_time_input_format": "best_effort",
}
"""How a body is read."""

_ARROW_SETTINGS: Mapping[str, str | int] = {
    # Rows come in the order they have from one reader; what is done with them may have several threads.
    "parallelize_output_from_storages": 0,
    "use_cache_for_count_from_files": 0,
    "input_format_null_as_default": 1,
}
"""How bodies are read that are Arrow alone, beside which a statement may read large tables."""

_OUTPUT_SETTINGS: Mapping[str, str | int] = {
    "date_time_output_format": "iso",
    "output_format_json_quote_64bit_integers": 0,
    "output_format_json_quote_denormals": 1,
    "output_format_json_quote_decimals": 1,
    "output_format_json_escape_forward_slashes": 0,
    "output_format_json_validate_utf8": 1,
    "format_csv_null_representation": "",
    "output_format_arrow_string_as_string": 1,
    "output_format_arrow_compression_method": "none",
}


def print_settings(settings: Mapping[str, str | int | float]) -> str:
    """Return the assignments of a SETTINGS clause or a SET statement."""
    return ", ".join(
        f"{name}={quote_string(value) if isinstance(value, str) else value}"
        for name, value in settings.items()
    )


def query_clauses(
    *,
    result_format: ResultFormat,
    limits: QueryLimits,
    remaining_seconds: float,
    identity: str,
    condition_cache: bool,
    source_formats: frozenset[InputFormat] = frozenset(),
    explains: bool = False,
) -> str:
    """Return what follows a SELECT: its format and everything that binds it.

    Settings stand behind FORMAT, where they hold for the whole statement, also for a union. `readonly` is given for
    this statement alone: on a session it could never be taken back, and no setting could follow it.
    """
    settings: dict[str, str | int | float] = {
        # The strictest kind does not let a statement read a body, nor be explained with settings of its own.
        "readonly": 2 if source_formats or explains else 1,
        "log_comment": identity,
        # Below a millisecond the engine would read "no limit".
        "max_execution_time": max(round(remaining_seconds, 3), 0.001),
        "timeout_overflow_mode": "throw",
        "use_query_condition_cache": int(condition_cache),
        **_OUTPUT_SETTINGS,
        **_limit_settings(limits),
        **_source_settings(source_formats),
        # Else the set after IN would be made, and that query run.
        **({"use_index_for_in_with_subqueries": 0} if explains else {}),
    }
    return f"\nFORMAT {result_format.value} SETTINGS {print_settings(settings)}"


def _source_settings(formats: frozenset[InputFormat]) -> Mapping[str, str | int]:
    if not formats:
        return {}
    return _ARROW_SETTINGS if formats == {InputFormat.ARROW} else _SOURCE_SETTINGS


def insert_settings(identity: str, max_memory_bytes: int | None) -> dict[str, str | int]:
    """Return the settings of an insert: one block, hence one part, for each partition, whatever the body's size.

    One thread reads, parses and writes: several would make several blocks. Inserts run side by side instead.
    """
    settings: dict[str, str | int] = {
        "log_comment": identity,
        "max_insert_threads": 1,
        "max_insert_block_size": _UNREACHABLE,
        "min_insert_block_size_rows": _UNREACHABLE,
        "min_insert_block_size_bytes": _UNREACHABLE,
        # Late rows may belong to many partitions; refusing them would only refuse them again at the next try.
        "max_partitions_per_insert_block": 0,
        "deduplicate_insert_select": "disable",
        **_SOURCE_SETTINGS,
    }
    if max_memory_bytes is not None:
        settings["max_memory_usage"] = max_memory_bytes
    return settings


def _limit_settings(limits: QueryLimits) -> dict[str, int]:
    given = {
        "max_result_rows": limits.max_result_rows,
        "max_result_bytes": limits.max_result_bytes,
        "max_memory_usage": limits.max_memory_bytes,
        "max_threads": limits.max_threads,
        "max_rows_to_read": limits.max_rows_to_read,
        "max_bytes_to_read": limits.max_bytes_to_read,
    }
    return {name: value for name, value in given.items() if value is not None}


def print_engine_configuration(settings: EmbeddedSettings) -> str:
    """Return the configuration file of the embedded engine: sized for a small machine, no logs, no listeners."""
    places = [settings.data_directory / "disks", settings.clusters_directory]
    disks = escape(os.path.commonpath([place for place in places if place is not None]).rstrip("/")) + "/"
    pool = settings.merge_threads
    return f"""<clickhouse>
  <!-- Written at every start; changes here are lost. -->
  <logger><level>none</level><console>0</console></logger>
  <custom_local_disks_base_directory>{disks}</custom_local_disks_base_directory>
  <max_server_memory_usage>{settings.memory_bytes}</max_server_memory_usage>
  <background_pool_size>{pool}</background_pool_size>
  <background_merges_mutations_concurrency_ratio>1</background_merges_mutations_concurrency_ratio>
  <background_move_pool_size>1</background_move_pool_size>
  <background_fetches_pool_size>1</background_fetches_pool_size>
  <background_common_pool_size>2</background_common_pool_size>
  <background_schedule_pool_size>{pool * 2}</background_schedule_pool_size>
  <mark_cache_size>{settings.memory_bytes // 16}</mark_cache_size>
  <index_mark_cache_size>{settings.memory_bytes // 32}</index_mark_cache_size>
  <merge_tree>
    <merge_max_block_size_bytes>{_MERGE_BLOCK_BYTES}</merge_max_block_size_bytes>
    <number_of_free_entries_in_pool_to_lower_max_size_of_merge>1</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
    <number_of_free_entries_in_pool_to_execute_mutation>1</number_of_free_entries_in_pool_to_execute_mutation>
    <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>1</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
  </merge_tree>
</clickhouse>
"""
