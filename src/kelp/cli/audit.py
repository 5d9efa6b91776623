"""`kelp audit`: reads the audit of a data folder, also while a server serves it, and changes nothing."""

from __future__ import annotations

import json
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kelp.app.layout import DataLayout
from kelp.base.errors import Category, ServiceError
from kelp.cli.exit_codes import CommandFailed, ExitCode
from kelp.resources import audit
from kelp.resources.audit import AuditHead
from kelp.resources.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from kelp.resources.audit import AuditRecord


def verify_audit(folder: Path, head_file: Path | None) -> tuple[int, list[str]]:
    """Walk the chain; return how many records there are and what is wrong, the first broken record only.

    `head_file` is what `kelp audit head` once printed: records cut off the end since, or replaced, show against it.
    Raises `ServiceError` for a folder without an installation, `CommandFailed` for a file that can't be read.
    """
    kept = None if head_file is None else _read_head(head_file)
    with _open(folder) as connection:
        broken = audit.find_break(connection)
        problems = [] if broken is None else [f"Record {broken.sequence:,}: {broken.reason}."]
        head = audit.find_head(connection)
        if kept is not None:
            found = audit.find_digest(connection, kept.sequence)
            if found is None:
                problems.append(
                    f"Record {kept.sequence:,} of {head_file} is not there: the end of the audit was cut off."
                )
            elif found != kept.digest:
                problems.append(
                    f"Record {kept.sequence:,} is not the one of {head_file}: the audit was written anew."
                )
    return (0 if head is None else head.sequence), problems


def read_head(folder: Path) -> AuditHead:
    """Return the last record's number and digest. Raises `ServiceError` where there is none."""
    with _open(folder) as connection:
        head = audit.find_head(connection)
    if head is None:
        raise ServiceError(Category.NOT_FOUND, "NoAudit", "The audit has no record.")
    return head


def encode_head(head: AuditHead) -> str:
    """Return the JSON that `verify --head` reads."""
    at = head.at.isoformat() if head.at is not None else None
    return json.dumps({"sequence": head.sequence, "digest": head.digest.hex(), "at": at})


def list_audit(folder: Path, *, limit: int) -> list[AuditRecord]:
    """Return the last records, oldest first."""
    with _open(folder) as connection:
        return audit.list_last(connection, limit)


def describe_record(record: AuditRecord) -> str:
    """Return a record as a line."""
    outcome = record.outcome.value if not record.code else f"{record.outcome.value} ({record.code})"
    return (
        f"{record.sequence:>8}  {record.at:%Y-%m-%d %H:%M:%S}Z  {outcome:<12}  {record.author.name}  "
        f"{record.action}  {record.resource_id}"
    )


def encode_record(record: AuditRecord) -> str:
    """Return a record as a line of JSON."""
    return msgspec.json.encode(record).decode()


def _read_head(file: Path) -> AuditHead:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        return AuditHead(int(document["sequence"]), bytes.fromhex(document["digest"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandFailed(
            ExitCode.USAGE, f"{file} is not what `kelp audit head` prints: {error}."
        ) from error


@contextmanager
def _open(folder: Path) -> Iterator[Connection]:
    file = DataLayout(folder.resolve()).database
    if not file.exists():
        message = f"{folder} holds no Kelp installation. Make one with: kelp init --data {folder}"
        raise ServiceError(Category.NOT_FOUND, "NoInstallation", message)
    with closing(Database.open_file(file)) as database, database.read() as connection:
        yield connection
