"""Texts that are almost queries: the same ones from a text every time, whatever other texts there are."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Independent of Kelp's lexer, so that a change there leaves the texts as they are.
_PARTS = re.compile(r"""\s+|//[^\n]*|"[^"\n]*"|'[^'\n]*'|\d[\w.]*|\w+|[!=<>]=|=~|!~|\.\.|.""", re.DOTALL)


def iter_mutations(text: str, number: int) -> Iterator[tuple[str, str]]:
    """Yield so many mutations of a text, each with a name that tells what was done to which part."""
    source = random.Random(text)
    parts = _PARTS.findall(text)
    places = [index for index, part in enumerate(parts) if not part.isspace() and part[:2] != "//"]
    if len(places) < 3:
        return
    for _ in range(number):
        place = source.randrange(len(places) - 1)
        kind = source.choice(("delete", "double", "swap", "cut"))
        yield f"{kind}{place}", "".join(_mutate(parts, kind, places[place], places[place + 1]))


def _mutate(parts: list[str], kind: str, here: int, following: int) -> list[str]:
    match kind:
        case "delete":
            return [*parts[:here], *parts[here + 1 :]]
        case "double":
            return [*parts[:here], parts[here], " ", *parts[here:]]
        case "swap":
            between = parts[here + 1 : following]
            return [*parts[:here], parts[following], *between, parts[here], *parts[following + 1 :]]
        case _:
            return parts[: here + 1]
