"""What was used last, within a budget."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Values by key; when they cost more than the budget, those not used for longest go. For one thread."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._spent = 0
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def find(self, key: K) -> V | None:
        """Return the value, which counts as used now."""
        found = self._values.get(key)
        if found is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def keep(self, key: K, value: V, cost: int = 1) -> None:
        """Put a value in the place of the one of that key. One that costs more than the budget is not kept."""
        self.drop(key)
        if cost > self._budget:
            return
        self._values[key] = (value, cost)
        self._spent += cost
        while self._spent > self._budget:
            _, (_, oldest) = self._values.popitem(last=False)
            self._spent -= oldest

    def drop(self, key: K) -> None:
        """Forget the value, if there is one."""
        found = self._values.pop(key, None)
        if found is not None:
            self._spent -= found[1]

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
        self._spent = 0
