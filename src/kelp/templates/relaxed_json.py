"""JSON as people write templates: with comments, commas at ends, names without quotes, texts over several lines.

Azure's service reads them so, and `az` relies on it: it sends the text of a template file as it is, in an object whose
member has no quotes around its name.
"""

from __future__ import annotations

import json
import re
from typing import Any

from kelp.templates.errors import ExpressionError

_TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<double>"(?:[^"\\]|\\.)*")
      | (?P<single>'(?:[^'\\]|\\.)*')
      | (?P<name>[A-Za-z_$][\w$]*)
      | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<mark>[{}\[\]:,])""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = frozenset(("true", "false", "null"))
_ESCAPED_CONTROL = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_QUOTES = re.compile(r"\\.|\"", re.DOTALL)
_REQUOTED = {"\\'": "'", '"': '\\"'}
_CONTROL = re.compile(r"[\x00-\x1f]")


def decode_relaxed(text: str) -> Any:
    """Return the value of a text. Raises `ExpressionError` with the line and position of what can't be read."""
    parts: list[str] = []
    starts: list[int] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ExpressionError(f"Unexpected {text[at]!r} at {_describe_place(text, at)}.", at)
        if found.lastgroup != "blank":
            _append(parts, starts, _write(found), at)
        at = found.end()
    strict = "".join(parts)
    try:
        return json.loads(strict)
    except json.JSONDecodeError as error:
        place = _describe_place(text, _original_place(parts, starts, error.pos, len(text)))
        raise ExpressionError(f"{error.msg} at {place}.") from error


def _append(parts: list[str], starts: list[int], part: str, at: int) -> None:
    """Add a part; one that closes something takes away a comma before it."""
    if part in "}]" and parts and parts[-1] == ",":
        parts.pop()
        starts.pop()
    parts.append(part)
    starts.append(at)


def _write(found: re.Match[str]) -> str:
    text = found[0]
    if found.lastgroup == "name" and text not in _WORDS:
        return f'"{text}"'
    if found.lastgroup == "single":
        text = '"' + _QUOTES.sub(lambda one: _REQUOTED.get(one[0], one[0]), text[1:-1]) + '"'
    if found.lastgroup in ("single", "double"):
        return _CONTROL.sub(lambda one: _ESCAPED_CONTROL.get(one[0], f"\\u{ord(one[0]):04x}"), text)
    return text


def _original_place(parts: list[str], starts: list[int], position: int, end: int) -> int:
    for part, start in zip(parts, starts, strict=True):
        if position < len(part):
            return start
        position -= len(part)
    return end


def _describe_place(text: str, at: int) -> str:
    line = text.count("\n", 0, at) + 1
    return f"line {line}, position {at - (text.rfind(chr(10), 0, at) + 1)}"
