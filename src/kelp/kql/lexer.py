"""Text to tokens: one regular expression, one pass, linear time.

Spaces and `//` comments are dropped. No word is reserved here: whether `by` is a name or a clause is the parser's
business. The expression uses possessive quantifiers throughout, so no text makes it go back over what it has read.
"""

from __future__ import annotations

import re
from json import JSONDecoder
from typing import NoReturn

from kelp.kql import tokens
from kelp.kql.diagnostics import SYNTAX, Diagnostic, Severity
from kelp.kql.text import SourceText, Span
from kelp.kql.tokens import Token

_TOKEN = re.compile(
    r"""
    (?: [\s\ufeff\u200b]++ | //[^\n]*+ )*+
    (?:
      ( (?:bool|date|datetime|decimal|double|guid|int|int32|int64|long|real|time|timespan)
        [\ \t]*+ \( [^()\r\n]*+ \) )
    | ( [0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12} (?!\w) )
    | ( [hH]?+ (?: " (?:[^"\\\r\n]++|\\[^\r\n])*+ " | ' (?:[^'\\\r\n]++|\\[^\r\n])*+ '
               | @ (?: " (?:[^"\r\n]++|"")*+ " | ' (?:[^'\r\n]++|'')*+ ' )
               | ```[\s\S]*?``` | ~~~[\s\S]*?~~~ ) )
    | ( dynamic \s*+ \( \s*+ )
    | ( in~ | [^\W\d]\w*+ | \$\w++ )
    | ( [0-9]++ (?: \. (?:(?!\.)|(?=\.\.)) [0-9]*+ (?:[eE][+-]?[0-9]++)? | [eE][+-]?[0-9]++ ) (?!\w) )
    | ( [0-9]++ (?:\.[0-9]++)?
        (?: d(?:ays?)? | h(?:rs?|ours?)? | m(?:in(?:utes?)?)? | s(?:ec(?:onds?)?)?
          | m(?:s|illi(?:s|sec|seconds?)?) | micro(?:s|sec|seconds?)? | nano(?:s|sec|seconds?)? | ticks? ) (?!\w) )
    | ( (?: 0[xX][0-9a-fA-F]++ | [0-9]++ ) (?!\w) )
    | ( [0-9]++[^\W\d]\w*+ )
    | ( == | =~ | => | <= | <> | >= | \.\. | != | !~ | !in~ | ![^\W\d]\w*+ | [-+*/%()\[\]{}|.,:;=<>] )
    | ( @?["'][^\r\n]*+ | ```[\s\S]*+ | ~~~[\s\S]*+ )
    | ( \Z )
    | ( && | [\s\S] )
    )
    """,
    re.VERBOSE,
)
_KINDS = (
    "",
    tokens.TYPED,
    tokens.GUID,
    tokens.STRING,
    tokens.DYNAMIC,
    tokens.NAME,
    tokens.REAL,
    tokens.TIMESPAN,
    tokens.LONG,
    tokens.NAME,
)
_DYNAMIC, _PUNCTUATION, _UNCLOSED, _END = 4, 10, 11, 12
_MAX_DIAGNOSTICS = 20
_MAX_JSON_FAILURES = 20
"""A failure costs the standard library time linear in the whole text, because it counts lines."""


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


_JSON = JSONDecoder(parse_constant=_refuse_constant)
_CLOSE = re.compile(r"\s*+\)")


def tokenize(source: SourceText) -> tuple[list[Token], list[Diagnostic]]:
    """Return the tokens of a query, the last one `END`, and what the lexer has to say. Never raises."""
    text = source.text
    found: list[Token] = []
    diagnostics: list[Diagnostic] = []
    append = found.append
    position = 0
    attempts = _MAX_JSON_FAILURES
    match = _TOKEN.match
    while True:
        hit = match(text, position)
        assert hit is not None
        group = hit.lastindex
        assert group is not None
        start, position = hit.span(group)
        if group == _PUNCTUATION:
            word = text[start:position]
            append(Token(word, word, start, position))
        elif group == _DYNAMIC:
            end = _find_dynamic_end(text, position) if attempts else None
            if end is None:
                attempts = max(attempts - 1, 0)
                position = start + len("dynamic")
                append(Token(tokens.NAME, "dynamic", start, position))
            else:
                position = end
                append(Token(tokens.DYNAMIC, text[start:end], start, end))
        elif group < _PUNCTUATION:
            append(Token(_KINDS[group], text[start:position], start, position))
        elif group == _END:
            append(Token(tokens.END, "", position, position))
            return found, diagnostics
        else:
            if group == _UNCLOSED:
                append(Token(tokens.STRING, text[start:position], start, position))
            elif text[start:position] == "&&":
                append(Token(tokens.NAME, "and", start, position))
            if len(diagnostics) < _MAX_DIAGNOSTICS:
                diagnostics.append(_lexical_error(text, group, Span(start, position)))


def _find_dynamic_end(text: str, content: int) -> int | None:
    """Return the end of a `dynamic(...)` that holds JSON.

    The parser reads other content token by token; a list of ten thousand addresses is better read by the standard
    library.
    """
    try:
        _, end = _JSON.raw_decode(text, content)
    except (ValueError, RecursionError):
        return None
    closing = _CLOSE.match(text, end)
    return closing.end() if closing else None


def _lexical_error(text: str, group: int, span: Span) -> Diagnostic:
    if group == _UNCLOSED:
        quote = text[span.start : span.start + 3]
        multiline = quote in {"```", "~~~"}
        quote = quote if multiline else quote.lstrip("@")[0]
        message = f"the string has no closing {quote}"
        hint = f"end the string with {quote}" + ("" if multiline else " on the same line")
        return Diagnostic(SYNTAX, Severity.ERROR, message, span, hint)
    character = text[span.start]
    message = f"`{text[span.start : span.end]}` (U+{ord(character):04X}) means nothing here"
    return Diagnostic(SYNTAX, Severity.ERROR, message, span, _advise(character))


def _advise(character: str) -> str | None:
    if character in "“”„‘’":
        return 'write strings in straight quotes: "text"'
    if character == "!":
        return "negate with not(...), or with `!=`, `!in`, `!has`"
    if character == "&":
        return "write `and`"
    return None
