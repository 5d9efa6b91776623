"""Rules that hold for every resource: names, locations, tags."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kelp.resources.errors import Problem

_LOCATION = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_TAG_NAME_FORBIDDEN = frozenset("<>%&\\?/")
MAXIMUM_TAGS = 50


def normalize_location(location: str) -> str:
    """Return the location as it is compared and stored: `West Europe` and `westeurope` are one."""
    return location.replace(" ", "").lower()


def check_name(name: str, pattern: re.Pattern[str], rule: str) -> list[Problem]:
    """Check a resource name against its rule, told to the caller in words."""
    if pattern.fullmatch(name):
        return []
    return [Problem("name", f"The name '{name}' is not allowed: {rule}.", "InvalidResourceName")]


def check_location(location: str) -> list[Problem]:
    """Check a normalized location; which locations exist is the administrator's business, not a rule."""
    if not location:
        return [Problem("location", "The location property is required.", "LocationRequired")]
    if not _LOCATION.fullmatch(location):
        return [Problem("location", f"'{location}' is not a location name.", "InvalidLocation")]
    return []


def check_tags(tags: Mapping[str, str]) -> list[Problem]:
    """Check number and size of tags."""
    problems = []
    if len(tags) > MAXIMUM_TAGS:
        problems.append(Problem("tags", f"A resource has at most {MAXIMUM_TAGS} tags, not {len(tags)}."))
    for name, value in tags.items():
        if not 1 <= len(name) <= 512 or _TAG_NAME_FORBIDDEN & set(name):
            problems.append(
                Problem(
                    f"tags.{name}",
                    f"'{name[:64]}' is no tag name: 1 to 512 characters, none of < > % & \\ ? /.",
                )
            )
        if len(value) > 256:
            problems.append(
                Problem(f"tags.{name}", f"The value of tag '{name}' is longer than 256 characters.")
            )
    return problems
