"""What things cost: one frozen value, read from a file of prices. docs/reference/prices.md describes the file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kelp.base.errors import Category, ServiceError

if TYPE_CHECKING:
    from pathlib import Path

_DEFAULT_COMMITMENTS = {
    100: 196.0,
    200: 368.0,
    300: 540.0,
    400: 704.0,
    500: 865.0,
    1000: 1700.0,
    2000: 3320.0,
    5000: 8050.0,
    10000: 15700.0,
    25000: 38000.0,
    50000: 73500.0,
}


class InvalidPrices(ServiceError):
    """A file of prices that can't be used. `details` holds one error for each mistake."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Amounts are of `currency`. A GB is 1,000,000,000 bytes; a month counts as 30 days.

    `commitments` are the prices of a day by the GB reserved a day; what comes on top is charged by `per_gb`. Data is
    kept for `free_retention_days` at no charge. `are_set` is False where nobody gave a file: then amounts are examples.
    """

    currency: str = "EUR"
    are_set: bool = False
    per_gb: float = 2.3
    commitments: Mapping[int, float] = field(default_factory=lambda: MappingProxyType(_DEFAULT_COMMITMENTS))
    free_retention_days: int = 31
    retention_per_gb_month: float = 0.1
    archive_per_gb_month: float = 0.02
    per_node_month: float = 15.0
    mb_per_node_day: float = 500.0

    def commitment(self, reserved_gb: int) -> float:
        """Return the price of a day for so many GB a day; between the listed ones by the GB of the next lower one."""
        if reserved_gb in self.commitments:
            return self.commitments[reserved_gb]
        lower = [level for level in self.commitments if level < reserved_gb]
        level = max(lower, default=min(self.commitments))
        return self.commitments[level] / level * reserved_gb


_NUMBERS = {
    ("pay_as_you_go", "per_gb"): "per_gb",
    ("retention", "free_days"): "free_retention_days",
    ("retention", "per_gb_month"): "retention_per_gb_month",
    ("retention", "archive_per_gb_month"): "archive_per_gb_month",
    ("per_node", "per_node_month"): "per_node_month",
    ("per_node", "mb_per_node_day"): "mb_per_node_day",
}


def load_prices(path: Path | None) -> Prices:
    """Return the prices of a TOML file; what it leaves out, and without a file everything, has its default.

    Raises `InvalidPrices` with all that is wrong.
    """
    if path is None:
        return Prices()
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidPrices(
            Category.INVALID, "InvalidPrices", f"Can't read the prices in {path}: {error}.", target=str(path)
        ) from error
    values: dict[str, Any] = {}
    problems = list(_read(document, values))
    if problems:
        details = tuple(
            ServiceError(Category.INVALID, "InvalidPrices", text, target=at) for at, text in problems
        )
        message = f"{path}: " + " ".join(text for _, text in problems)
        raise InvalidPrices(Category.INVALID, "InvalidPrices", message, target=str(path), details=details)
    return Prices(**values, are_set=True)


def _read(document: Mapping[str, Any], values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Fill `values`; yield the place and the text of each mistake."""
    for name, value in document.items():
        if name == "currency":
            if isinstance(value, str) and len(value) == 3:
                values["currency"] = value.upper()
            else:
                yield name, f"'currency' is a code of three letters, not {value!r}."
        elif not isinstance(value, dict):
            yield name, f"'{name}' is not known; the file has currency and sections."
        elif name == "commitment":
            yield from _read_commitments(value, values)
        else:
            yield from _read_section(name, value, values)


def _read_section(
    section: str, members: Mapping[str, Any], values: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    known = [name for one, name in _NUMBERS if one == section]
    if not known:
        sections = ", ".join(sorted({one for one, _ in _NUMBERS} | {"commitment"}))
        yield section, f"The section '{section}' is not known; there are {sections}."
        return
    for name, value in members.items():
        place = f"{section}.{name}"
        if (section, name) not in _NUMBERS:
            yield place, f"'{place}' is not known; the section has {', '.join(known)}."
        elif not _is_amount(value):
            yield place, f"'{place}' is a number of 0 or more, not {value!r}."
        else:
            values[_NUMBERS[section, name]] = value


def _read_commitments(members: Mapping[str, Any], values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    levels: dict[int, float] = {}
    for name, value in members.items():
        place = f"commitment.{name}"
        if not name.isdigit() or not int(name):
            yield place, f"'{place}' is not a number of GB a day."
        elif not _is_amount(value):
            yield place, f"'{place}' is a number of 0 or more, not {value!r}."
        else:
            levels[int(name)] = float(value)
    if levels:
        values["commitments"] = MappingProxyType(dict(sorted(levels.items())))


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
