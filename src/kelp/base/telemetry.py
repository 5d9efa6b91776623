"""The service's own log: structured lines for people or for collectors.

A log line says what Kelp did, never what customers sent: values are scalars of bounded length, anything larger is
replaced by its kind and size, secrets by their name are struck out, and of a foreign exception only the type and the
frames are written, because libraries quote their input in messages. `configure_telemetry` is called once, in `app`;
everyone else calls `structlog.get_logger()`.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator, Sized
from datetime import datetime, timedelta
from enum import Enum
from pathlib import PurePath
from typing import TextIO
from uuid import UUID

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId
from kelp.base.settings import LogFormat, TelemetrySettings

MAXIMUM_VALUE_CHARACTERS = 300
_SCALARS = (bool, int, float, UUID, ResourceId, datetime, timedelta, PurePath, Enum, type(None))
_SECRET_WORDS = ("authorization", "cookie", "password", "secret", "token", "private_key", "shared_key")
_INTERNAL_KEYS = frozenset({"_record", "_from_structlog", "exc_info"})


def configure_telemetry(settings: TelemetrySettings, stream: TextIO) -> None:
    """Send all logging of this process to `stream`. Process-wide: the last call holds.

    Loggers of libraries come out in the same shape, from warnings on.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _keep_customers_out,
        _describe_exception,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=_service_logger,
        wrapper_class=structlog.make_filtering_bound_logger(_level_number(settings)),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _make_renderer(settings.log_format, stream),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("kelp").setLevel(_level_number(settings))


def _service_logger(*_arguments: object) -> logging.Logger:
    return logging.getLogger("kelp")


def _level_number(settings: TelemetrySettings) -> int:
    return logging.getLevelNamesMapping()[settings.log_level.upper()]


def _make_renderer(log_format: LogFormat, stream: TextIO) -> Processor:
    if log_format is LogFormat.JSON:
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=stream.isatty(), timestamp_key="at")


def _keep_customers_out(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {
        key: value if key in _INTERNAL_KEYS else _bound_value(key.lower(), value)
        for key, value in event.items()
    }


def _bound_value(key: str, value: object) -> object:
    if any(word in key for word in _SECRET_WORDS):
        return "[secret]"
    if isinstance(value, str):
        if len(value) <= MAXIMUM_VALUE_CHARACTERS:
            return value
        return f"{value[:MAXIMUM_VALUE_CHARACTERS]}... ({len(value)} characters)"
    if isinstance(value, _SCALARS):
        return value if isinstance(value, bool | int | float | None) else str(value)
    size = f" of {len(value)}" if isinstance(value, Sized) else ""
    return f"[{type(value).__name__}{size}]"


def _describe_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by text: types, frames, and the message of our own errors only."""
    raised = event.pop("exc_info", None)
    if isinstance(raised, tuple):
        raised = raised[1]
    elif raised is True:
        raised = sys.exc_info()[1]
    if isinstance(raised, BaseException):
        event["exception"] = "\n".join(_iter_exception_lines(raised))
    return event


def _iter_exception_lines(raised: BaseException) -> Iterator[str]:
    seen: set[int] = set()
    link: BaseException | None = raised
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        name = f"{type(link).__module__}.{type(link).__qualname__}"
        yield f"{name}: {link.code}: {link.message}" if isinstance(link, ServiceError) else name
        for frame in traceback.extract_tb(link.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        link = link.__cause__ or link.__context__
