"""`kelp audit` over a data folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from kelp.app.installation import Installation, initialize_folder
from kelp.app.layout import DataLayout
from kelp.base.settings import ServerSettings
from kelp.cli import main
from kelp.resources.database import Database
from kelp.resources.schema import AUDIT


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "data"
    initialize_folder(folder, ServerSettings())
    Installation.open(folder).close()
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "data"
    source, target = DataLayout(made).database, DataLayout(copy).database
    target.parent.mkdir(parents=True)
    target.write_bytes(source.read_bytes())
    return copy


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(one) for one in arguments])
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out + printed.err


def change(folder: Path, statement: object) -> None:
    database = Database.open_file(DataLayout(folder).database)
    with database.write() as connection:
        connection.execute(statement)  # type: ignore[call-overload]
    database.close()


def test_an_audit_that_nobody_touched(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = run(capsys, "audit", "verify", "--data", folder)
    assert code == 0
    assert "each as it was written" in text
    code, text = run(capsys, "audit", "list", "--data", folder, "--json", "--limit", "2")
    assert code == 0
    first, last = (json.loads(line) for line in text.splitlines())
    assert last["sequence"] == first["sequence"] + 1
    assert "Microsoft." in run(capsys, "audit", "list", "--data", folder)[1]


def test_a_record_that_was_altered_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder, update(AUDIT).where(AUDIT.c.sequence == 2).values(caller_name="somebody"))
    code, text = run(capsys, "audit", "verify", "--data", folder)
    assert code != 0
    assert "Record 2: it was altered" in text


def test_a_record_that_is_missing_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder, delete(AUDIT).where(AUDIT.c.sequence == 2))
    assert (
        "Record 2: it is missing; the next one there is 3"
        in run(capsys, "audit", "verify", "--data", folder)[1]
    )


def test_an_end_that_was_cut_off_shows_against_a_head(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = run(capsys, "audit", "head", "--data", folder)
    assert code == 0
    head = tmp_path / "head.json"
    head.write_text(text)
    assert run(capsys, "audit", "verify", "--data", folder, "--head", head)[0] == 0
    change(folder, delete(AUDIT).where(AUDIT.c.sequence == json.loads(text)["sequence"]))
    assert run(capsys, "audit", "verify", "--data", folder)[0] == 0
    code, text = run(capsys, "audit", "verify", "--data", folder, "--head", head)
    assert code != 0
    assert "the end of the audit was cut off" in text
    head.write_text("{}")
    code, text = run(capsys, "audit", "verify", "--data", folder, "--head", head)
    assert "is not what `kelp audit head` prints" in text


def test_a_folder_without_an_installation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = run(capsys, "audit", "verify", "--data", tmp_path)
    assert code != 0
    assert "holds no Kelp installation" in text
