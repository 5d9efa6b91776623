"""The subset of JSONPath that KQL's functions take: `$`, `.name`, `['name']`, `[0]`."""

from __future__ import annotations

import re

_STEP = re.compile(
    r"""\.(?P<plain>[^.\[\]'"*?@()\s]+)      # .name
      | \.?\[\s*'(?P<single>(?:[^'\\]|\\.)*)'\s*\]  # ['name'], also .['name']
      | \.?\[\s*"(?P<double>(?:[^"\\]|\\.)*)"\s*\]  # ["name"]
      | \.?\[\s*(?P<position>-?\d+)\s*\]            # [0]
    """,
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)")

Step = str | int


def parse_json_path(text: str) -> tuple[Step, ...] | None:
    """Return the steps from the root: names, and positions from 0; None for what is no path of this subset."""
    stripped = text.strip()
    if not stripped.startswith("$"):
        return None
    steps: list[Step] = []
    at = 1
    while at < len(stripped):
        found = _STEP.match(stripped, at)
        if found is None:
            return None
        at = found.end()
        if found["position"] is not None:
            steps.append(int(found["position"]))
        else:
            name = found["plain"] or found["single"] or found["double"] or ""
            steps.append(_ESCAPED.sub(r"\1", name))
    return tuple(steps)
