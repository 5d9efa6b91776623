"""Functions over text. Most take any scalar as its text."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, optional, repeated
from kelp.kql.types import ScalarType as T

_TEXT = Accepts.TEXT

FUNCTIONS: tuple[Function, ...] = (
    function("strlen", (_TEXT,), T.LONG),
    function("string_size", (_TEXT,), T.LONG),
    function("tolower", (_TEXT,), T.STRING),
    function("toupper", (_TEXT,), T.STRING),
    function("strcat", (repeated(Accepts.ANY),), T.STRING),
    function("strcat_delim", (_TEXT, repeated(_TEXT)), T.STRING),
    function("strrep", (_TEXT, T.LONG, optional(_TEXT)), T.STRING),
    function("strcmp", (_TEXT, _TEXT), T.LONG),
    function("reverse", (_TEXT,), T.STRING),
    function("substring", (_TEXT, T.LONG, optional(T.LONG)), T.STRING),
    function("split", (_TEXT, T.STRING, optional(T.LONG)), T.DYNAMIC),
    function("indexof", (_TEXT, _TEXT, optional(T.LONG), optional(T.LONG), optional(T.LONG)), T.LONG),
    function("countof", (_TEXT, _TEXT, optional(Accepts.CONSTANT_STRING)), T.LONG),
    function("replace_string", (_TEXT, _TEXT, _TEXT), T.STRING),
    function("replace_strings", (_TEXT, T.DYNAMIC, T.DYNAMIC), T.STRING),
    function("translate", (_TEXT, _TEXT, _TEXT), T.STRING),
    function("has_any_index", (_TEXT, T.DYNAMIC), T.LONG),
    function("isempty", (Accepts.ANY,), T.BOOL),
    function("isnotempty", (Accepts.ANY,), T.BOOL, aliases=("notempty",)),
    function("isascii", (_TEXT,), T.BOOL),
    function("isutf8", (_TEXT,), T.BOOL),
    function("unicode_codepoints_from_string", (_TEXT,), T.DYNAMIC, aliases=("to_utf8",)),
    function("unicode_codepoints_to_string", (repeated(Accepts.ANY),), T.STRING, aliases=("make_string",)),
    function("format_bytes", (Accepts.NUMBER, optional(T.LONG), optional(T.STRING)), T.STRING),
)
