from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kelp.base.errors import Category, ServiceError
from kelp.identity.directory import Account, Directory, Tenant
from kelp.identity.groups import _reach
from kelp.identity.secrets_hash import SecretHasher
from kelp.resources.database import Database
from tests.unit.resources.doubles import TurnedClock


def refused(*attempt: object) -> Category:
    make, *given = attempt
    assert callable(make)
    with pytest.raises(ServiceError) as refusal:
        make(*given)
    return refusal.value.category


def test_whoever_is_in_a_group_is_in_the_groups_around_it(
    directory: Directory, tenant: Tenant, user: Account
) -> None:
    groups = directory.groups
    inner, middle, outer = (groups.create(tenant.id, name).object_id for name in ("inner", "middle", "outer"))
    groups.add_member(outer, middle)
    groups.add_member(middle, inner)
    groups.add_member(inner, user.object_id)
    assert directory.principal_of(user).group_ids == {inner, middle, outer}
    assert groups.find_direct_of(user.object_id) == {inner}
    assert groups.find_all_members(outer) == {middle, inner, user.object_id}
    groups.remove_member(outer, middle)
    assert directory.principal_of(user).group_ids == {inner, middle}
    groups.delete(middle)
    assert directory.principal_of(user).group_ids == {inner}


def test_a_group_is_never_in_itself(directory: Directory, tenant: Tenant) -> None:
    groups = directory.groups
    inner, middle, outer = (groups.create(tenant.id, name).object_id for name in ("inner", "middle", "outer"))
    groups.add_member(outer, middle)
    groups.add_member(middle, inner)
    assert refused(groups.add_member, inner, inner) is Category.INVALID
    assert refused(groups.add_member, inner, middle) is Category.INVALID
    assert refused(groups.add_member, inner, outer) is Category.INVALID
    groups.add_member(outer, inner)  # two ways to the same place are no circle


def test_members_are_of_the_same_tenant_and_there_once(
    directory: Directory, tenant: Tenant, user: Account
) -> None:
    groups = directory.groups
    group = groups.create(tenant.id, "people").object_id
    other = directory.create_tenant("Fabrikam", "fabrikam.local")
    stranger = directory.create_application(other.id, "theirs")
    theirs = groups.create(other.id, "theirs").object_id
    for unknown in (stranger.object_id, theirs, uuid4()):
        assert refused(groups.add_member, group, unknown) is Category.NOT_FOUND
    groups.add_member(group, user.object_id)
    assert refused(groups.add_member, group, user.object_id) is Category.CONFLICT
    assert refused(groups.remove_member, group, stranger.object_id) is Category.NOT_FOUND
    assert refused(groups.delete, uuid4()) is Category.NOT_FOUND


def test_a_removed_account_is_in_no_group(directory: Directory, tenant: Tenant, user: Account) -> None:
    group = directory.groups.create(tenant.id, "people").object_id
    directory.groups.add_member(group, user.object_id)
    directory.delete_account(user.object_id)
    assert directory.groups.find_members(group) == frozenset()
    assert directory.find_account(user.object_id) is None


def test_groups_are_there_after_a_restart(
    directory: Directory,
    tenant: Tenant,
    user: Account,
    database: Database,
    clock: TurnedClock,
    hasher: SecretHasher,
) -> None:
    group = directory.groups.create(tenant.id, "people", "who work here")
    directory.groups.add_member(group.object_id, user.object_id)
    directory.groups.update(group.object_id, name="staff")
    again = Directory(database, clock, hasher)
    known = again.groups.find(group.object_id)
    assert known is not None
    assert (known.name, known.description) == ("staff", "who work here")
    assert again.principal_of(user).group_ids == {group.object_id}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20), st.integers(0, 7))
def test_reaching_is_the_closure_of_single_steps(edges: list[tuple[int, int]], start: int) -> None:
    steps: dict[UUID, frozenset[UUID]] = {}
    for one, other in edges:
        key = UUID(int=one)
        steps[key] = steps.get(key, frozenset()) | {UUID(int=other)}
    closure = {other for one, other in edges if one == start}
    for _ in edges:
        closure |= {other for one, other in edges if one in closure}
    assert _reach(steps, UUID(int=start)) == {UUID(int=one) for one in closure}
