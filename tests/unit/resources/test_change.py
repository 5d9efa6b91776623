"""What a write changed, as the audit tells it: nothing that is secret."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kelp.resources.action_group import ActionGroup
from kelp.resources.change import MAXIMUM_MEMBERS, Change, decode_change, encode_change, find_change
from kelp.resources.data_source import DataSource
from kelp.resources.deployment import Deployment, DeploymentMode
from kelp.resources.resource_group import ResourceGroup
from kelp.resources.storage_insight import StorageInsight

GROUP = ResourceGroup("local", {"team": "a"})


def test_only_what_differs_is_told() -> None:
    (member,) = find_change(GROUP, replace(GROUP, tags={"team": "b"})).members
    assert (member.path, member.before, member.after) == ("tags.team", "a", "b")
    assert find_change(GROUP, GROUP) == Change()
    assert encode_change(Change()) == ""
    made = find_change(None, GROUP)
    assert [(one.path, one.before) for one in made.members] == [("location", None), ("tags.team", None)]
    gone = find_change(GROUP, None)
    assert [one.after for one in gone.members] == [None, None]
    assert decode_change(encode_change(gone)) == gone
    assert decode_change("") == Change()


def source(**document: Any) -> DataSource:
    return DataSource(kind="Itsm", document=document)


def test_secrets_are_named_and_never_told() -> None:
    insight = StorageInsight(storage_account_id="/s", wrapped_key="d3JhcHBlZA==", purpose_id="p")
    text = encode_change(find_change(None, insight))
    assert "d3JhcHBlZA" not in text
    assert '"path":"wrappedKey"' in text
    changed = find_change(source(password="one", user="u"), source(password="two", user="u"))
    assert [(one.path, one.before, one.after, one.is_secret) for one in changed.members] == [
        ("document.password", None, None, True)
    ]
    receivers = [{"name": "chat", "serviceUri": "https://user:pass@chat.example/hooks/T0/secret?sig=1"}]
    hook = ActionGroup(location="Global", document={"webhookReceivers": receivers})
    told = {one.path: one.after for one in find_change(None, hook).members}
    assert told["document.webhookReceivers[chat].serviceUri"] == "https://chat.example/…"


def test_a_deployment_tells_nothing() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    deployment = Deployment(
        DeploymentMode.INCREMENTAL, {"a": 1}, "hash", {"admin": {"value": "x"}}, "id", now
    )
    assert find_change(None, deployment) == Change()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=3_000),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=20,
    )
)
def test_any_document_is_told_and_read_again(document: Any) -> None:
    change = find_change(source(), source(value=document, password="hunter2"))
    text = encode_change(change)
    assert "hunter2" not in text
    assert decode_change(text) == change
    assert len(text) < 200_000


def test_very_many_members_are_counted() -> None:
    many = {f"m{number}": number for number in range(MAXIMUM_MEMBERS + 5)}
    change = find_change(source(), source(**many))
    assert (len(change.members), change.more) == (MAXIMUM_MEMBERS, 5)
