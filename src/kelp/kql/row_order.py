"""Which operators give rows in an order that is meant (rule WIN-1)."""

from __future__ import annotations

from kelp.kql import bound


def is_serialized(operator: bound.Operator) -> bool:
    """Tell whether the rows stand in order (WIN-1)."""
    while True:
        match operator:
            case bound.Sort() | bound.Serialize() | bound.Rows() | bound.RangeRows() | bound.StepScan():
                return True
            case bound.ApplyInput(is_ordered=is_ordered):
                return is_ordered
            case (
                bound.Where() | bound.Extend() | bound.Project() | bound.Take() | bound.MvExpand()
                | bound.Parse() | bound.Shared()
            ):  # fmt: skip
                operator = operator.input
            case _:
                return False
