"""`parse_user_agent`: what browser, system and device a user agent names (rules UA-1 and UA-2).

The patterns are those of the ua-parser project, on which Kusto's function builds too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import pyarrow as pa
from ua_parser import Domain, Parser
from ua_parser.loaders import load_lazy_builtins
from ua_parser.regex import Resolver

from kelp.segments.distinct import map_distinct

if TYPE_CHECKING:
    from ua_parser import PartialResult

    from kelp.segments.table import ScalarFunction

_UNKNOWN = "Other"
_DOMAINS = {"browser": Domain.USER_AGENT, "os": Domain.OS, "device": Domain.DEVICE}


@cache
def _parser() -> Parser:
    """Return the parser; its patterns are compiled once a process."""
    return Parser(Resolver(load_lazy_builtins()))


def _browser(found: PartialResult) -> dict[str, str]:
    names = ("MajorVersion", "MinorVersion", "Patch")
    browser = found.user_agent
    versions = (browser.major, browser.minor, browser.patch) if browser else ()
    return {"Family": browser.family if browser else _UNKNOWN} | _filled(names, versions)


def _system(found: PartialResult) -> dict[str, str]:
    names = ("MajorVersion", "MinorVersion", "Patch", "PatchMinor")
    system = found.os
    versions = (system.major, system.minor, system.patch, system.patch_minor) if system else ()
    return {"Family": system.family if system else _UNKNOWN} | _filled(names, versions)


def _device(found: PartialResult) -> dict[str, str]:
    device = found.device
    named = (device.brand, device.model) if device else ()
    return {"Family": device.family if device else _UNKNOWN} | _filled(("Brand", "Model"), named)


def _filled(names: tuple[str, ...], values: tuple[str | None, ...]) -> dict[str, str]:
    """UA-1: what is not known is the empty text."""
    return {name: (values[place] if values else None) or "" for place, name in enumerate(names)}


_TARGETS: Mapping[str, tuple[str, Callable[[PartialResult], dict[str, str]]]] = {
    "browser": ("Browser", _browser),
    "os": ("OperatingSystem", _system),
    "device": ("Device", _device),
}


def _parse_user_agent(arguments: Sequence[pa.Array]) -> pa.Array:
    """UA-2: without a target all of them; with one that there is not, null."""
    agents = arguments[0]
    if len(arguments) == 1:
        return map_distinct(_reader(tuple(_TARGETS)), agents)
    wanted = arguments[1].dictionary_encode()
    made: pa.Array = pa.nulls(len(agents), pa.utf8())
    for place, text in enumerate(wanted.dictionary.to_pylist()):
        chosen = pa.compute.equal(wanted.indices, place)
        parsed = map_distinct(_reader(_read_targets(text)), pa.compute.if_else(chosen, agents, None))
        made = pa.compute.if_else(chosen, parsed, made)
    return made


def _read_targets(text: str) -> tuple[str, ...]:
    """Return the targets that a name, or the JSON text of a name or of an array of names, asks for."""
    try:
        given = json.loads(text)
    except ValueError:
        given = text
    names = given if isinstance(given, list) else [given]
    targets = tuple(str(name).lower() for name in names)
    return targets if all(target in _TARGETS for target in targets) else ()


def _reader(targets: tuple[str, ...]) -> Callable[[str], str]:
    domains = Domain(0)
    for target in targets:
        domains |= _DOMAINS[target]

    def read(agent: str) -> str:
        if not targets:
            return ""
        found = _parser()(agent, domains)
        known = {name: give(found) for target, (name, give) in _TARGETS.items() if target in targets}
        return json.dumps(known, ensure_ascii=False, separators=(",", ":"))

    return read


FUNCTIONS: Mapping[str, ScalarFunction] = {"parse_user_agent": _parse_user_agent}
