"""What is kept within a budget, and what goes first."""

from __future__ import annotations

from kelp.base.recent import Recent


def test_what_was_not_used_for_longest_goes_first() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.keep("a", 1)
    recent.keep("b", 2)
    assert recent.find("a") == 1
    recent.keep("c", 3)
    assert [recent.find(key) for key in "abc"] == [1, None, 3]


def test_costs_count_and_are_given_back() -> None:
    recent: Recent[str, str] = Recent(10)
    recent.keep("a", "first", 6)
    recent.keep("a", "second", 4)
    recent.keep("b", "other", 6)
    assert (recent.find("a"), recent.find("b")) == ("second", "other")
    recent.drop("b")
    recent.drop("never there")
    recent.keep("c", "third", 6)
    assert (recent.find("a"), recent.find("b"), recent.find("c")) == ("second", None, "third")


def test_what_is_larger_than_the_budget_is_not_kept_and_displaces_nothing() -> None:
    recent: Recent[str, str] = Recent(10)
    recent.keep("a", "small", 10)
    recent.keep("b", "large", 11)
    assert (recent.find("a"), recent.find("b")) == ("small", None)
    recent.keep("a", "grown", 11)
    assert recent.find("a") is None


def test_clearing_gives_the_budget_back() -> None:
    recent: Recent[str, int] = Recent(1)
    recent.keep("a", 1)
    recent.clear()
    assert recent.find("a") is None
    recent.keep("b", 2)
    assert recent.find("b") == 2
