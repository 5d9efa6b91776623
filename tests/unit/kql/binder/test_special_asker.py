"""Who asks is told to the query as constants."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from kelp.kql import bound
from kelp.kql.asker import Asker
from kelp.kql.binder import bind
from kelp.kql.diagnostics import QueryRefusedError
from kelp.kql.parser import parse
from kelp.kql.schema import StoredFunction, TableReference, TableSymbol

TENANT, OTHER = "72f988bf-86f1-41af-91ab-2d7cd011db47", "11111111-86f1-41af-91ab-2d7cd011db47"
USER, APP, GROUP, WORKSPACE = (f"0000000{n}-0000-0000-0000-000000000000" for n in range(1, 5))
ANN = Asker(
    is_user=True,
    tenant_id=TENANT,
    object_id=USER,
    application_id=APP,
    name="ann@example.org",
    group_ids=frozenset({GROUP}),
    workspace_id=WORKSPACE,
)
ROBOT = Asker(
    is_user=False,
    tenant_id=TENANT,
    object_id=USER,
    application_id=APP,
    name="robot",
    group_ids=frozenset(),
    workspace_id=WORKSPACE,
)


class NoTables:
    def find_table(self, reference: TableReference) -> TableSymbol | None:
        del reference
        return None

    def has_workspace(self, workspace: str) -> bool:
        del workspace
        return False

    def iter_tables(self, workspace: str | None) -> Iterator[TableSymbol]:
        del workspace
        yield from ()

    def table_names(self) -> Iterator[str]:
        yield from ()

    def find_function(self, name: str) -> StoredFunction | None:
        del name
        return None


def value_of(expression: str, asker: Asker | None) -> object:
    result = bind(parse(f"print x = {expression}"), NoTables(), 0, asker=asker).results[0].operator
    assert isinstance(result, bound.Extend | bound.Project)
    value = result.outputs[0].value
    assert isinstance(value, bound.Literal)
    return value.value


def test_the_name_says_what_the_asker_is() -> None:
    assert value_of("current_principal()", ANN) == f"aaduser={USER};{TENANT}"
    assert value_of("current_principal()", ROBOT) == f"aadapp={APP};{TENANT}"


def test_the_details_hold_what_is_known() -> None:
    details = json.loads(str(value_of("current_principal_details()", ANN)))

    assert details["UserPrincipalName"] == "ann@example.org"
    assert details["ObjectId"] == USER
    assert details["Authority"] == TENANT
    assert details["Type"] == "AadUser"
    assert details["FQN"] == f"aaduser={USER};{TENANT}"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (f"'aadgroup={GROUP}'", True),
        (f"'aadgroup={GROUP};{TENANT}'", True),
        (f"'aadgroup={GROUP};{OTHER}'", False),
        (f"'aadgroup={APP}', 'AADUSER={USER};{TENANT}'", True),
        ("'aaduser=ann@example.org'", True),
        ("dynamic(['aadgroup=somebody', 'aaduser=Ann@example.org'])", True),
        (f"pack_array('aadapp={APP}')", False),
        ("'ann@example.org'", False),
    ],
)
def test_membership_is_by_id_in_the_same_tenant(names: str, expected: bool) -> None:
    assert value_of(f"current_principal_is_member_of({names})", ANN) is expected


def test_the_database_is_the_workspace() -> None:
    assert value_of("current_database()", ROBOT) == WORKSPACE


@pytest.mark.parametrize("call", ["current_principal()", "current_database()"])
def test_nobody_has_no_name(call: str) -> None:
    with pytest.raises(QueryRefusedError, match="nobody has signed in"):
        value_of(call, None)


@pytest.mark.parametrize("names", ["", "strcat('a', 'b')", "5"])
def test_names_are_constant_texts(names: str) -> None:
    with pytest.raises(QueryRefusedError):
        value_of(f"current_principal_is_member_of({names})", ANN)
