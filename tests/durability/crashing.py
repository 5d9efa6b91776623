"""A server process that is killed at random moments while clients send, and the count of what became of the records."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import httpx

from tests.api.ingestion_setup import API_VERSION, Rule, sign
from tests.servers import INGESTION_SCOPE, LOG_FILE, ROOT, Server

_START_SECONDS = 60


@contextmanager
def running_process(server: Server) -> Iterator[subprocess.Popen[str]]:
    """Start a process over the server's folder; it is killed when the block ends, if it still runs."""
    command = [sys.executable, "-m", "tests.server_process", str(server.folder)]
    with (server.folder / LOG_FILE).open("a") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    try:
        timer = threading.Timer(_START_SECONDS, process.kill)
        timer.start()
        first, _, server.endpoint = process.stdout.readline().strip().partition(" ")
        timer.cancel()
        assert first == "ready", (server.folder / LOG_FILE).read_text()[-5_000:]
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@dataclass
class Ledger:
    """The numbers of records: all that were sent, and those that were acknowledged."""

    numbers: Iterator[int] = field(default_factory=count)
    sent: set[int] = field(default_factory=set)
    acknowledged: set[int] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    enough: threading.Event = field(default_factory=threading.Event)

    def take(self, amount: int) -> list[int]:
        with self.lock:
            taken = [next(self.numbers) for _ in range(amount)]
            self.sent.update(taken)
        return taken

    def acknowledge(self, numbers: Sequence[int]) -> None:
        with self.lock:
            self.acknowledged.update(numbers)
        self.enough.set()


class Client(threading.Thread):
    """Sends small bodies, one after the other, until the server is gone. Every other one is of the other API."""

    def __init__(self, server: Server, rule: Rule, log_type: str, ledger: Ledger, seed: int) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._rule = rule
        self._log_type = log_type
        self._ledger = ledger
        self._random = random.Random(seed)
        self._token = server.token(scope=INGESTION_SCOPE)
        self.refusals: list[str] = []

    def run(self) -> None:
        with self._server.client() as client:
            while True:
                numbers = self._ledger.take(self._random.randint(1, 50))
                body = json.dumps([{"N": number, "Text": "x" * 50} for number in numbers]).encode()
                try:
                    answer = self._send(client, body, collects=self._random.random() < 0.5)
                except httpx.HTTPError:
                    return
                if answer.is_success:
                    self._ledger.acknowledge(numbers)
                else:
                    self.refusals.append(answer.text)
                    return

    def _send(self, client: httpx.Client, body: bytes, *, collects: bool) -> httpx.Response:
        if collects:
            headers = sign(self._server.home, len(body)) | {"Log-Type": self._log_type}
            return client.post(
                "/api/logs", params={"api-version": "2016-04-01"}, content=body, headers=headers
            )
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        return client.post(self._rule.path, params=API_VERSION, content=body, headers=headers)


def read_log(folder: Path) -> str:
    """What the processes wrote to their standard errors."""
    return (folder / LOG_FILE).read_text()
