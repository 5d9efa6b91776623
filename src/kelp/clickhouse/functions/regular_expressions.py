r"""KQL's regular expressions in the engine's dialect (rules REGEX-1 to REGEX-5).

KQL reads them with Unicode in mind: `\d` is any decimal digit, `\w` any letter, mark, digit or connector,
and `.` is no line end. The engine's RE2 knows ASCII classes only and lets `.` match line ends. So a pattern
becomes two: one that is right for ASCII text and as fast as a handwritten one, and one for all other text.
What RE2 cannot express is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn

from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.spelling import call, literal
from kelp.clickhouse.sql import SqlCall, SqlCast, SqlLiteral, SqlSubquery
from kelp.kql.diagnostics import UNSUPPORTED, WRONG_ARGUMENTS, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.text import Span

MAX_REPEAT = 1000
"""RE2 counts no further."""

_WORD = r"\p{L}\p{M}\p{Nl}\p{Nd}\p{Pc}\x{200c}\x{200d}"
_SPACE = r"\s\v\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
_PERL_CLASSES = {"d": (r"0-9", r"\p{Nd}"), "w": (r"0-9A-Za-z_", _WORD), "s": (r"\s\v", _SPACE)}
"""What stands between brackets for a class: for ASCII text, and for any text."""

_CATEGORY_NAMES = {
    "letter": "L",
    "lowercase_letter": "Ll",
    "uppercase_letter": "Lu",
    "titlecase_letter": "Lt",
    "lowercase": "Ll",
    "uppercase": "Lu",
    "mark": "M",
    "number": "N",
    "decimal_number": "Nd",
    "letter_number": "Nl",
    "other_number": "No",
    "punctuation": "P",
    "symbol": "S",
    "separator": "Z",
    "other": "C",
}
_CATEGORY = re.compile("C[cfo]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?")
_SCRIPT = re.compile(
    "Arabic|Armenian|Bengali|Bopomofo|Common|Cyrillic|Devanagari|Ethiopic|Georgian|Greek|Gujarati|Gurmukhi|Han|Hangul|"
    "Hebrew|Hiragana|Inherited|Kannada|Katakana|Khmer|Lao|Latin|Malayalam|Mongolian|Myanmar|Sinhala|Tamil|Telugu|Thai|"
    "Tibetan"
)
_POSIX = re.compile(
    r"\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit)"
)
_CONTROL = frozenset("aftnrv")
_QUANTIFIERS = frozenset("*+?")


@dataclass(frozen=True, slots=True)
class EnginePattern:
    """A pattern as RE2 reads it, in pieces: what is right for ASCII text, and for any text.

    An int among the pieces opens the group of that number. `names` are the names of the groups, None where
    one has none.
    """

    ascii: tuple[str | int, ...]
    any_text: tuple[str | int, ...]
    names: tuple[str | None, ...]

    @property
    def groups(self) -> int:
        """The number of capturing groups."""
        return len(self.names)

    def print(self) -> tuple[str, str]:
        """Return both forms, with all groups."""
        return self.keep(range(1, self.groups + 1))

    def capture(self, group: int) -> tuple[str, str]:
        """Return both forms capturing one group only, which is several times faster; 0 is the whole match."""
        if group:
            return self.keep((group,))
        for_ascii, for_any = self.keep(())
        return f"({for_ascii})", f"({for_any})"

    def keep(self, groups: Container[int]) -> tuple[str, str]:
        """Return both forms in which only these groups capture."""
        return _printed(self.ascii, groups), _printed(self.any_text, groups)


def _printed(pieces: tuple[str | int, ...], groups: Container[int]) -> str:
    return "".join(piece if isinstance(piece, str) else "(" if piece in groups else "(?:" for piece in pieces)


class PatternError(ValueError):
    """The pattern is none, or holds what RE2 does not have; `is_unsupported` tells which."""

    def __init__(self, message: str, *, is_unsupported: bool = False) -> None:
        super().__init__(message)
        self.is_unsupported = is_unsupported


def read_pattern(pattern: str, span: Span, flags: str = "") -> EnginePattern:
    """Return the engine's form of a constant pattern, or refuse it at `span`.

    `flags` are letters of `(?flags)`.
    """
    try:
        return _translate(pattern, flags)
    except PatternError as error:
        code = UNSUPPORTED if error.is_unsupported else WRONG_ARGUMENTS
        raise refusal(code, f"the regular expression {pattern!r}: {error}", span) from error


def quote_pattern(text: str) -> str:
    """Return the pattern that matches exactly `text`."""
    return "".join(
        rf"\x{{{ord(c):x}}}" if c < " " else c if c.isalnum() or c > "\x7f" or c in " _" else f"\\{c}"
        for c in text
    )


def with_pattern(
    subject: SqlExpression, forms: tuple[str, str], spell: Callable[[SqlExpression, str], SqlExpression]
) -> SqlExpression:
    """Return `spell(subject, pattern)` with the form that is right for the text at hand."""
    for_ascii, for_any = forms
    if for_ascii == for_any:
        return spell(subject, for_ascii)

    def choose(text: SqlExpression) -> SqlExpression:
        return call("if", call("isValidASCII", text), spell(text, for_ascii), spell(text, for_any))

    return bind_once((subject,), choose)


def computed_pattern(pattern: SqlExpression) -> SqlExpression:
    """Return a pattern that is not known before the query runs; only its `.` is KQL's (REGEX-5)."""
    if isinstance(pattern, SqlLiteral):
        return literal(f"(?-s){pattern.value}")
    return call("concat", "(?-s)", pattern)


def is_constant(value: SqlExpression) -> bool:
    """Tell whether the engine knows the value before it reads a row."""
    match value:
        case SqlLiteral() | SqlSubquery():
            return True
        case SqlCast(value=inner):
            return is_constant(inner)
        case SqlCall(arguments=arguments):
            return all(is_constant(argument) for argument in arguments)
        case _:
            return False


@lru_cache(maxsize=1024)
def _translate(pattern: str, flags: str) -> EnginePattern:
    return _Reader(pattern, flags).read()


class _Reader:
    """One pass over a pattern, writing both forms."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern = pattern
        self.position = 0
        self.names: list[str | None] = []
        self.ascii: list[str | int] = []
        self.any_text: list[str | int] = []
        self.flags = frozenset("u") | frozenset(flags)
        self.outer: list[frozenset[str]] = []
        self.repeatable = False
        """Whether a quantifier may come next."""
        own = "".join(flag for flag in "imU" if flag in flags)
        if own:
            self.write(f"(?{own})")
        if "R" in flags and "m" in flags:
            self.lack("line ends of two characters (flag R)")

    def fail(self, message: str) -> NoReturn:
        raise PatternError(f"{message} at {self.position}")

    def lack(self, what: str) -> NoReturn:
        raise PatternError(f"{what} at {self.position} is not supported by Kelp", is_unsupported=True)

    def write(self, ascii_text: str, any_text: str | None = None) -> None:
        self.ascii.append(ascii_text)
        self.any_text.append(ascii_text if any_text is None else any_text)

    def read(self) -> EnginePattern:
        while self.position < len(self.pattern):
            self.read_part()
        if self.outer:
            self.fail("a group is not closed")
        return EnginePattern(tuple(self.ascii), tuple(self.any_text), tuple(self.names))

    def take(self) -> str:
        if self.position >= len(self.pattern):
            self.fail("the pattern ends too early")
        self.position += 1
        return self.pattern[self.position - 1]

    def starts(self, text: str) -> bool:
        return self.pattern.startswith(text, self.position)

    def read_part(self) -> None:
        character = self.take()
        if "x" in self.flags and self.skip_verbose(character):
            return
        match character:
            case "(":
                self.open_group()
            case ")":
                if not self.outer:
                    self.fail("a group is closed that was not opened")
                self.flags = self.outer.pop()
                self.write(")")
                self.repeatable = True
            case "|":
                self.write("|")
                self.repeatable = False
            case "*" | "+" | "?":
                self.repeat(character)
            case "{":
                self.read_count()
            case "[":
                self.read_class()
            case "\\":
                self.read_escape()
            case ".":
                self.atom("." if "s" in self.flags else r"[^\n]")
            case "}" | "]":
                self.atom(f"\\{character}")
            case _:
                self.atom(character if character >= " " else quote_pattern(character))

    def atom(self, ascii_text: str, any_text: str | None = None) -> None:
        self.write(ascii_text, any_text)
        self.repeatable = True

    def skip_verbose(self, character: str) -> bool:
        if character == "#":
            end = self.pattern.find("\n", self.position)
            self.position = len(self.pattern) if end < 0 else end + 1
        return character.isspace() or character == "#"

    def repeat(self, quantifier: str) -> None:
        if not self.repeatable:
            self.fail(f"nothing comes before {quantifier} that it could repeat")
        lazy = "?" if self.starts("?") else ""
        self.position += len(lazy)
        if self.position < len(self.pattern) and self.pattern[self.position] in _QUANTIFIERS:
            self.lack("a repetition of a repetition")
        self.write(quantifier + lazy)
        self.repeatable = False

    def read_count(self) -> None:
        """`{n}`, `{n,}`, `{n,m}`, `{,m}`; any other brace is itself."""
        low, comma, high = self.pattern[self.position :].partition("}")[0].partition(",")
        digits = [part.strip() for part in (low, high)]
        closed = "}" in self.pattern[self.position :]
        if (
            not closed
            or not any(digits)
            or not all(part == "" or (part.isascii() and part.isdigit()) for part in digits)
        ):
            self.atom(r"\{")
            return
        if any(int(part or 0) > MAX_REPEAT for part in digits):
            self.lack(f"a repetition of more than {MAX_REPEAT}")
        if all(digits) and int(digits[0]) > int(digits[1]):
            self.fail("a repetition counts backwards")
        self.position = self.pattern.index("}", self.position) + 1
        self.repeat(f"{{{digits[0] or '0'}{comma}{digits[1]}}}")

    # --- groups ------------------------------------------------------------------------------------------------------

    def open_group(self) -> None:
        self.repeatable = False
        if not self.starts("?"):
            self.capture(None)
            return
        self.position += 1
        for sign in ("=", "!", "<=", "<!", ">", "P=", "P>", "#", "|", "R", "&"):
            if self.starts(sign) and not (sign == "R" and self.starts("R)")):
                self.lack(f"the group (?{sign}")
        if self.starts("P<") or self.starts("<"):
            self.named_group()
        else:
            self.flag_group()

    def named_group(self) -> None:
        end = self.pattern.find(">", self.position)
        if end < 0:
            self.fail("the name of a group is not closed")
        name = self.pattern[self.pattern.index("<", self.position) + 1 : end]
        self.position = end + 1
        self.capture(name)

    def capture(self, name: str | None) -> None:
        self.outer.append(self.flags)
        self.names.append(name)
        self.ascii.append(len(self.names))
        self.any_text.append(len(self.names))

    def flag_group(self) -> None:
        on: set[str] = set()
        off: set[str] = set()
        target = on
        while (flag := self.take()) not in ":)":
            if flag == "-":
                target = off
            elif flag in "imsUuxR":
                target.add(flag)
            else:
                self.fail(f"there is no flag {flag!r}")
        if "R" in on and "m" in (self.flags | on):
            self.lack("line ends of two characters (flag R)")
        flags = (self.flags | on) - off
        spelled = "".join(f for f in "imU" if f in on)
        spelled += "-" + without if (without := "".join(f for f in "imU" if f in off)) else ""
        if flag == ":":
            self.outer.append(self.flags)
            self.write(f"(?{spelled}:")
        elif spelled:
            self.write(f"(?{spelled})")
        self.flags = flags

    # --- escapes and classes -----------------------------------------------------------------------------------------

    def perl_class(self, letter: str, *, bracketed: bool) -> tuple[str, str]:
        r"""Return `\d`, `\w`, `\s` or a negation for both texts.

        REGEX-4: a negation of several ranges stays ASCII inside brackets.
        """
        ascii_set, any_set = _PERL_CLASSES[letter.lower()]
        if "u" not in self.flags:
            any_set = ascii_set
        if letter.islower():
            return (ascii_set, any_set) if bracketed else (f"[{ascii_set}]", f"[{any_set}]")
        if not bracketed:
            return f"[^{ascii_set}]", f"[^{any_set}]"
        return f"\\{letter}", r"\P{Nd}" if letter == "D" and "u" in self.flags else f"\\{letter}"

    def read_escape(self) -> None:
        letter = self.take()
        if letter in "dDwWsS":
            self.atom(*self.perl_class(letter, bracketed=False))
        elif letter == "b" and self.starts("{"):
            self.lack("a half word boundary")
        elif letter in "AzbB":
            self.write(f"\\{letter}")
            self.repeatable = letter in "bB"
        elif letter == "Q":
            end = self.pattern.find("\\E", self.position)
            stop = len(self.pattern) if end < 0 else end
            self.atom(quote_pattern(self.pattern[self.position : stop]))
            self.position = stop if end < 0 else stop + 2
        else:
            self.atom(self.character_escape(letter))

    def character_escape(self, letter: str) -> str:
        """Return an escape that stands for one character or one Unicode class."""
        if letter in "xuU":
            return rf"\x{{{self.code_point(letter):x}}}"
        if letter in "pP":
            return f"\\{letter}{{{self.unicode_class()}}}"
        if letter in _CONTROL:
            return f"\\{letter}"
        if letter.isdigit():
            return self.octal(letter)
        if letter.isalpha() and letter.isascii():
            self.fail(f"there is no escape \\{letter}")
        return quote_pattern(letter)

    def code_point(self, letter: str) -> int:
        if self.starts("{"):
            digits = self.pattern[self.position + 1 :].partition("}")[0]
            self.position += len(digits) + 2
        else:
            width = {"x": 2, "u": 4, "U": 8}[letter]
            digits = self.pattern[self.position : self.position + width]
            self.position += width
        try:
            value = int(digits, 16)
        except ValueError:
            self.fail(f"\\{letter} needs hexadecimal digits")
        if value > 0x10FFFF:
            self.fail(f"there is no character U+{value:X}")
        return value

    def octal(self, first: str) -> str:
        digits = first
        while (
            len(digits) < 3
            and self.position < len(self.pattern)
            and self.pattern[self.position] in "01234567"
        ):
            digits += self.take()
        if first in "89" or (len(digits) == 1 and first != "0"):
            self.lack(f"the reference to a group \\{first}")
        return rf"\x{{{int(digits, 8):x}}}"

    def unicode_class(self) -> str:
        if self.starts("{"):
            name = self.pattern[self.position + 1 :].partition("}")[0]
            self.position += len(name) + 2
        else:
            name = self.take()
        bare = name.removeprefix("^")
        negation = name[: len(name) - len(bare)]
        known = _CATEGORY_NAMES.get(bare.lower().replace(" ", "_"), bare)
        if _CATEGORY.fullmatch(known):
            return negation + known
        if not _SCRIPT.fullmatch(known.capitalize()):
            self.lack(f"the Unicode class {name!r}")
        return negation + known.capitalize()

    def read_class(self) -> None:
        """A bracketed class. Classes inside of classes, and `&&`, `--`, `~~` between them, are refused."""
        ascii_parts, any_parts = ["["], ["["]
        if self.starts("^"):
            self.position += 1
            ascii_parts.append("^")
            any_parts.append("^")
        is_first = True
        while is_first or not self.starts("]"):
            is_first = False
            if self.position >= len(self.pattern):
                self.fail("a class [...] is not closed")
            for_ascii, for_any = self.class_item()
            ascii_parts.append(for_ascii)
            any_parts.append(for_any)
        self.position += 1
        self.atom("".join(ascii_parts) + "]", "".join(any_parts) + "]")

    def class_item(self) -> tuple[str, str]:
        for sign in ("&&", "--", "~~"):
            if self.starts(sign):
                self.lack(f"the operator {sign} between classes")
        low = self.class_member()
        if low[2] is None or not self.starts("-") or self.starts("-]") or self.starts("--"):
            return low[:2]
        self.position += 1
        high = self.class_member()
        if high[2] is None:
            return low[0] + r"\-" + high[0], low[1] + r"\-" + high[1]
        if low[2] > high[2]:
            self.fail(f"the range {low[0]}-{high[0]} counts backwards")
        return f"{low[0]}-{high[0]}", f"{low[1]}-{high[1]}"

    def class_member(self) -> tuple[str, str, str | None]:
        """Return one member for both texts, and what orders it where it is a single character."""
        character = self.take()
        if "x" in self.flags and character.isspace():
            return "", "", None
        if character == "[":
            if not self.starts(":"):
                self.lack("a class inside of a class")
            name, colon, _ = self.pattern[self.position + 1 :].partition(":]")
            if not colon:
                self.fail("a class [:name:] is not closed")
            self.position += len(name) + 3
            if not _POSIX.fullmatch(name):
                self.fail(f"there is no class [:{name}:]")
            return f"[:{name}:]", f"[:{name}:]", None
        if character != "\\":
            escaped = character if character.isalnum() or character > "\x7f" else quote_pattern(character)
            return escaped, escaped, character
        letter = self.take()
        if letter in "dDwWsS":
            return (*self.perl_class(letter, bracketed=True), None)
        if letter == "b":
            return r"\x08", r"\x08", "\b"
        spelled = self.character_escape(letter)
        order = None if letter in "pP" else _character_of(spelled)
        return spelled, spelled, order


def _character_of(spelled: str) -> str:
    if spelled.startswith(r"\x{"):
        return chr(int(spelled[3:-1], 16))
    named = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
    return named.get(spelled[-1], spelled[-1]) if spelled.startswith("\\") else spelled
