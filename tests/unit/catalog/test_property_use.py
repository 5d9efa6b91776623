from __future__ import annotations

from kelp.catalog.property_use import PropertyUse
from kelp.clickhouse.types import EngineTable
from kelp.plan.scope import PropertyPath

TABLE = EngineTable("ws_1", "Logs")
STATUS = TABLE, PropertyPath("P", ("http", "status"), "Nullable(Int64)")
HOST = TABLE, PropertyPath("P", ("host",), "String")


def test_a_property_is_due_after_so_many_rows_and_counts_anew_then() -> None:
    use = PropertyUse(100)
    use.record([STATUS, HOST], 60)
    assert use.take_due() == ()
    use.record([STATUS], 60)
    assert use.take_due() == (STATUS,)
    use.record([STATUS, HOST], 39)
    assert use.take_due() == ()


def test_answers_that_read_nothing_do_not_count() -> None:
    use = PropertyUse(1)
    use.record([STATUS], 0)
    assert use.take_due() == ()


def test_names_that_are_values_are_left_alone() -> None:
    use = PropertyUse(1)
    use.record([(TABLE, PropertyPath("P", ("x" * 201,), "String"))], 10)
    assert use.take_due() == ()
