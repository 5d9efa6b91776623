"""`kelp ingest`: which API files go through, and sending them one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kelp.cli.exit_codes import CommandFailed, ExitCode
from kelp.cli.ingestion import (
    CUSTOM_SUFFIX,
    Destination,
    RuleStream,
    open_data_collector,
    open_rule_stream,
    send_patiently,
)
from kelp.cli.progress import reading_progress
from kelp.cli.record_files import iter_bodies

if TYPE_CHECKING:
    from pathlib import Path

    from kelp.cli.credentials import Credentials
    from kelp.cli.service_client import ServiceClient


def open_destination(
    client: ServiceClient,
    credentials: Credentials,
    table: str,
    *,
    rule: str | None = None,
    stream: str | None = None,
    time_field: str = "",
) -> Destination:
    """Return the way into the table: through the rule that is named, else as the kind of table demands.

    Raises `CommandFailed`.
    """
    if rule is not None:
        return RuleStream(client, rule, stream or f"Custom-{table}")
    if stream is not None:
        raise CommandFailed(ExitCode.USAGE, "--stream is a stream of a rule: give --rule ID too.")
    if table.endswith(CUSTOM_SUFFIX):
        return open_data_collector(client, credentials, table, time_field)
    return open_rule_stream(client, credentials, table)


def ingest_files(
    destination: Destination, files: Sequence[Path], sleep: Callable[[float], None] = time.sleep
) -> int:
    """Send every record of the files, in order, and return how many there were.

    Raises `CommandFailed` at the first that can't be read or sent; it says how many were sent before.
    """
    sent = read_before = 0
    with reading_progress(sum(_size(path) for path in files)) as report:
        for path in files:
            try:
                for body in iter_bodies(path):
                    send_patiently(destination, body.content, sleep)
                    sent += body.records
                    report(path.name, read_before + body.file_offset)
            except CommandFailed as failed:
                raise CommandFailed(
                    failed.code, f"{failed.message}\n{sent:,} records were sent before."
                ) from failed
            read_before += _size(path)
    return sent


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise CommandFailed(ExitCode.USAGE, f"Can't read {path}: {error.strerror}.") from error
