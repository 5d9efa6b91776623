"""A full disk: records are refused with 503, what was acknowledged is kept, and all goes on once there is room again."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.ingestion_setup import Rule, collect, make_rule, post, wait_for_rows
from tests.servers import Server, start_server

SIZE_MEBIBYTES = 192
MEBIBYTE = 1024 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small file system needs root")
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MEBIBYTES}m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not let us mount a file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


@pytest.fixture
def server(small_disk: Path) -> Iterator[Server]:
    with start_server(small_disk / "server") as server:
        yield server


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def fill(file: Path, left_bytes: int) -> None:
    """Write a file that leaves so much of its disk."""
    with file.open("wb") as filler:
        while (rest := free_bytes(file.parent) - left_bytes) > 0:
            filler.write(random.randbytes(min(rest, MEBIBYTE)))
            filler.flush()


def send(server: Server, rule: Rule, number: int) -> httpx.Response:
    """Send a record that can't be compressed, by one API or the other."""
    record = {"N": number, "Text": random.randbytes(200_000).hex()}
    if number % 2:
        return post(server, rule.path, [record])
    return collect(server, json.dumps([record]).encode(), "Full")


def count_stored(server: Server, expected: int) -> dict[int, int]:
    query = "union Disk_CL, (Full_CL | project N = tolong(N_d)) | summarize n = count() by N"
    return {int(number): int(times) for number, times in wait_for_rows(server, query, expected)}


@pytest.mark.timeout(300)
def test_a_full_disk_refuses_and_loses_nothing(server: Server, small_disk: Path) -> None:
    rule = make_rule(server, "Disk", {"N": "long", "Text": "string"})
    acknowledged = {number for number in (0, 1) if send(server, rule, number).is_success}
    count_stored(server, 2)
    filler = small_disk / "filler"
    fill(filler, 4 * MEBIBYTE)
    refusals: list[httpx.Response] = []
    for number in range(2, 60):
        answer = send(server, rule, number)
        if answer.is_success:
            acknowledged.add(number)
        else:
            refusals.append(answer)
    assert refusals
    assert {answer.status_code for answer in refusals} == {503}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refusals)
    filler.unlink()
    assert send(server, rule, 100).is_success
    acknowledged.add(100)
    stored = count_stored(server, len(acknowledged))
    assert sorted(acknowledged - stored.keys()) == []
    assert {number: times for number, times in stored.items() if times > 1} == {}
