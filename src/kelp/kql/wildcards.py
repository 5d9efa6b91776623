"""Names with `*` in them."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase


def matches(name: str, pattern: str) -> bool:
    """Tell whether a name fits a pattern, in which only `*` is special."""
    return fnmatchcase(name, re.sub(r"([\[?])", r"[\1]", pattern))
