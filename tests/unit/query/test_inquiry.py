"""The engine is asked until the meaning of a text is known, and what that costs is counted."""

from __future__ import annotations

import pytest

from kelp.clickhouse.compiler import CompiledQuery, CompiledResult, DataNeeded
from kelp.kql.questions import Answer, WebRequest
from kelp.query.errors import ColumnsTooLong
from kelp.query.inquiry import MAX_ANSWER_BYTES, Inquiry
from tests.unit.query.samples import Rows

QUESTION = CompiledResult("Question", "SELECT 1", (), frozenset(), None)


async def send(request: WebRequest) -> Answer:
    return (("{}", f'"{request.url}"'),)


async def test_a_request_is_answered_by_what_sends_it() -> None:
    async def open_stream(_: CompiledResult) -> Rows:
        raise AssertionError

    def compile_with(answers: tuple[Answer, ...]) -> CompiledQuery:
        if not answers:
            raise DataNeeded(WebRequest("GET", "https://example.com/", (), None))
        assert answers == ((("{}", '"https://example.com/"'),),)
        return CompiledQuery((), {}, (), reads_clock=True)

    await Inquiry(open_stream, send).compile(compile_with)


async def test_each_answer_stands_behind_those_before() -> None:
    streams = [Rows(b'["a"]\n["b"]\n'), Rows(b'["c"]\n')]
    seen: list[tuple[Answer, ...]] = []

    async def open_stream(_: CompiledResult) -> Rows:
        return streams.pop(0)

    def compile_with(answers: tuple[Answer, ...]) -> CompiledQuery:
        seen.append(answers)
        if streams:
            raise DataNeeded(QUESTION)
        return CompiledQuery((), {}, (), reads_clock=False)

    inquiry = Inquiry(open_stream, send)
    await inquiry.compile(compile_with)
    assert seen == [(), ((("a",), ("b",)),), ((("a",), ("b",)), (("c",),))]
    assert (inquiry.used.elapsed_seconds, inquiry.used.rows_read) == (3.0, 0)


async def test_an_answer_that_is_too_long_is_refused() -> None:
    async def open_stream(_: CompiledResult) -> Rows:
        return Rows(b'["' + b"x" * MAX_ANSWER_BYTES + b'"]\n')

    def compile_with(_: tuple[Answer, ...]) -> CompiledQuery:
        raise DataNeeded(QUESTION)

    with pytest.raises(ColumnsTooLong):
        await Inquiry(open_stream, send).compile(compile_with)
