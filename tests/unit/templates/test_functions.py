"""What the functions give, checked against the examples of Azure's documentation where it has some."""

from __future__ import annotations

from typing import Any

import pytest

from kelp.templates.errors import ExpressionError
from tests.unit.templates.templates_setup import GROUP, SUBSCRIPTION, value_of

CASES: list[tuple[str, Any]] = [
    ("plain", "plain"),
    ("[[escaped]", "[escaped]"),
    ("[concat('a', 1, true())]", "a1True"),
    ("[concat(createArray(1), createArray('b', 2))]", [1, "b", 2]),
    ("[format('{0}-{1:D3}-{{x}}|{2,4}|{2,-4}|', 'a', 7, 'z')]", "a-007-{x}|   z|z   |"),
    ("[format('{0:N0} {0:X4} {0:00000}', 12345)]", "12,345 3039 12345"),
    ("[toLower('AbC')]", "abc"),
    ("[toUpper('AbC')]", "ABC"),
    ("[trim('  a ')]", "a"),
    ("[substring('abcdef', 2)]", "cdef"),
    ("[substring('abcdef', 2, 3)]", "cde"),
    ("[replace('a-b-c', '-', '')]", "abc"),
    ("[split('a,b;c', createArray(',', ';'))]", ["a", "b", "c"]),
    ("[split('a,b', ',')]", ["a", "b"]),
    ("[join(createArray('a', 1), '-')]", "a-1"),
    ("[indexOf('abcA', 'CA')]", 2),
    ("[lastIndexOf('abcA', 'a')]", 3),
    ("[indexOf(createArray(1, 2), 2)]", 1),
    ("[startsWith('abc', 'AB')]", True),
    ("[endsWith('abc', 'x')]", False),
    ("[padLeft(7, 3, '0')]", "007"),
    ("[padLeft('x', 3)]", "  x"),
    ("[string(createObject('a', createArray(1, true())))]", '{"a":[1,true]}'),
    ("[int('-12')]", -12),
    ("[bool('TRUE')]", True),
    ("[float('1.5')]", 1.5),
    ("[json('{\"a\": [null, 1.5]}').a[1]]", 1.5),
    ("[base64('one, two')]", "b25lLCB0d28="),
    ("[base64ToString(base64('ä'))]", "ä"),
    ("[base64ToJson(base64('{\"one\": \"a\"}')).one]", "a"),
    ("[dataUriToString(dataUri('Hello'))]", "Hello"),
    ("[uri('http://contoso.org/firstpath/', 'myscript.sh')]", "http://contoso.org/firstpath/myscript.sh"),
    ("[uriComponent('a b/c')]", "a%20b%2Fc"),
    ("[uriComponentToString('a%20b')]", "a b"),
    # Values that Azure gave, as others have published them.
    ("[uniqueString('tyeth')]", "zcztcwvu6iyg6"),
    ("[uniqueString('hello', 'world')]", "a7wkljktk6wne"),
    ("[length(guid('a', 'b'))]", 36),
    ("[equals(guid('a', 'b'), guid('a-b'))]", True),
    ("[array(1)]", [1]),
    ("[contains('abc', 'b')]", True),
    ("[contains(createObject('A', 1), 'a')]", True),
    ("[contains(createArray(1, '1'), '1')]", True),
    ("[contains(createArray(1), true())]", False),
    ("[empty(createArray())]", True),
    ("[empty(null())]", True),
    ("[first('abc')]", "a"),
    ("[last(createArray(1, 2))]", 2),
    ("[skip(createArray(1, 2, 3), 1)]", [2, 3]),
    ("[take('abc', 2)]", "ab"),
    ("[union(createArray(1, 2), createArray(2, 3))]", [1, 2, 3]),
    ("[union(json('{\"a\":{\"b\":1}}'), json('{\"a\":{\"c\":2}}'))]", {"a": {"b": 1, "c": 2}}),
    ("[intersection(createArray(1, 2, 3), createArray(3, 2))]", [2, 3]),
    ("[items(createObject('b', 1, 'a', 2))]", [{"key": "a", "value": 2}, {"key": "b", "value": 1}]),
    ("[objectKeys(createObject('b', 1, 'a', 2))]", ["a", "b"]),
    ("[range(3, 3)]", [3, 4, 5]),
    ("[flatten(createArray(createArray(1), createArray(2, 3)))]", [1, 2, 3]),
    ("[shallowMerge(createArray(createObject('a', 1), createObject('a', 2)))]", {"a": 2}),
    ("[tryGet(createObject('a', createArray(5)), 'a', 0)]", 5),
    ("[tryGet(createObject('a', 1), 'b')]", None),
    ("[coalesce(null(), 'x', 'y')]", "x"),
    ("[map(range(1, 3), lambda('n', mul(lambdaVariables('n'), 2)))]", [2, 4, 6]),
    ("[filter(range(1, 4), lambda('n', equals(mod(lambdaVariables('n'), 2), 0)))]", [2, 4]),
    ("[reduce(range(1, 4), 0, lambda('sum', 'n', add(lambdaVariables('sum'), lambdaVariables('n'))))]", 10),
    ("[sort(createArray(3, 1, 2), lambda('a', 'b', less(lambdaVariables('a'), lambdaVariables('b'))))]", [1, 2, 3]),
    ("[toObject(createArray('a', 'b'), lambda('x', lambdaVariables('x')), lambda('x', 1))]", {"a": 1, "b": 1}),
    ("[length(createObject('a', 1))]", 1),
    ("[add(1, 2)]", 3),
    ("[sub(1, 2)]", -1),
    ("[mul(-2, 3)]", -6),
    ("[div(-7, 2)]", -3),
    ("[mod(-7, 2)]", -1),
    ("[min(3, 1, 2)]", 1),
    ("[max(createArray(3, 1, 2))]", 3),
    ("[and(true(), not(false()))]", True),
    ("[or(false(), false())]", False),
    ("[if(equals('a', 'A'), 'same', 'other')]", "other"),
    # Only the branch that is taken is computed.
    ("[if(true(), 1, div(1, 0))]", 1),
    ("[greaterOrEquals('b', 'a')]", True),
    ("[less(2, 1)]", False),
    ("[equals(createArray(1), createArray(1))]", True),
    ("[equals(1, true())]", False),
    ("[createObject('a', 1)['A']]", 1),
    ("[createObject('a', 1).?b]", None),
    ("[createArray(1)[?5]]", None),
    ("[dateTimeAdd('2026-01-31T00:00:00Z', 'P1M')]", "2026-02-28T00:00:00Z"),
    ("[dateTimeAdd('20260101T000000Z', '-PT90M')]", "20251231T223000Z"),
    ("[dateTimeAdd('2026-01-01 00:00:00Z', 'P1Y2DT3S')]", "2027-01-03 00:00:03Z"),
    ("[dateTimeToEpoch('1970-01-02T00:00:00Z')]", 86400),
    ("[dateTimeFromEpoch(86400)]", "1970-01-02T00:00:00Z"),
    ("[resourceGroup().location]", "local"),
    ("[subscription().subscriptionId]", SUBSCRIPTION),
    ("[deployment().name]", "d"),
    ("[resourceId('Microsoft.X/a/b', 'n', 'm')]", f"{GROUP}/providers/Microsoft.X/a/n/b/m"),
    (
        "[resourceId('other', 'Microsoft.X/a', 'n')]",
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/other/providers/Microsoft.X/a/n",
    ),
    (
        "[resourceId('22222222-2222-2222-2222-222222222222', 'other', 'Microsoft.X/a', 'n')]",
        "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/other/providers/Microsoft.X/a/n",
    ),
    (
        "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'r')]",
        f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/r",
    ),
    ("[tenantResourceId('Microsoft.X/a', 'n')]", "/providers/Microsoft.X/a/n"),
    ("[extensionResourceId('/x', 'Microsoft.X/a', 'n')]", "/x/providers/Microsoft.X/a/n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_a_function_gives(text: str, expected: Any) -> None:
    found = value_of(text)
    assert found == expected
    assert type(found) is type(expected)


REFUSED = [
    ("[nothing()]", "There is no function 'nothing'"),
    ("[substring('abc', 2, 5)]", "asks for 5 characters from 2"),
    ("[toLower(1)]", "Argument 1 of 'toLower' must be a string, not a whole number"),
    ("[split('a')]", "takes 2 arguments, not 1"),
    ("[concat()]", "takes at least 1 arguments, not 0"),
    ("[parameters('x')]", "There is no parameter 'x'; there is: none"),
    ("[variables('x')]", "There is no variable 'x'"),
    ("[copyIndex()]", "outside of a loop"),
    ("[createArray(1)[1]]", "no item 1 in an array of 1"),
    ("[createObject('a', 1).b]", "no member 'b' among a"),
    ("['x'.y]", "A string has no item 'y'"),
    ("[div(1, 0)]", "divides by 0"),
    ("[json('{')]", "is not JSON"),
    ("[utcNow()]", "default value of a parameter only"),
    ("[newGuid()]", "default value of a parameter only"),
    ("[reference('/subscriptions/x')]", "may wait for resources"),
    ("[reference('x')]", "neither a resource of this template nor the id"),
    ("[format('{1}', 'a')]", "asks for {1}"),
    ("[resourceId('a', 'b')]", "is the type of a resource"),
    ("[resourceId('Microsoft.X/a', 'n', 'm')]", "needs 1 names, not 2"),
    ("[int('x')]", "no whole number"),
    ("[dateTimeAdd('x', 'P1D')]", "not a moment"),
    ("[dateTimeAdd('2026-01-01', '1 day')]", "not a duration"),
    ("[if(1, 2, 3)]", "must be a bool"),
]


@pytest.mark.parametrize(("text", "told"), REFUSED, ids=[text for text, _ in REFUSED])
def test_a_refusal_says_what_was_wrong(text: str, told: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        value_of(text)
    assert told in refused.value.message


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("", "20260301T123005Z"),
        ("'d'", "03/01/2026"),
        ("'yyyy-MM-dd'", "2026-03-01"),
        ("'u'", "2026-03-01 12:30:05Z"),
        ("'o'", "2026-03-01T12:30:05.0000000Z"),
        ("'d MMM yy, h:m tt'", "1 Mar 26, 12:30 PM"),
    ],
)
def test_the_moment_of_the_deployment(form: str, expected: str) -> None:
    assert value_of(f"[utcNow({form})]", is_default=True) == expected
