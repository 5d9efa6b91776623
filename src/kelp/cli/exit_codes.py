"""What the exit codes of `kelp` mean. Scripts rely on them; docs/reference/command-line.md lists them."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command went."""

    DONE = 0
    FAILED = 1
    """Kelp could not do it: the message says why."""
    USAGE = 2
    """The command line itself, a file it names, or a setting is wrong."""
    REFUSED = 3
    """The query has no meaning, or the service refused the request."""
    NOT_REACHED = 4
    """The service can't be reached, or does not let the caller in."""
    INCOMPLETE = 5
    """Something was done and something was not: a partial answer, records left out, findings of `verify`."""


class CommandFailed(Exception):
    """Ends the command with a message for the user and an exit code."""

    def __init__(self, code: ExitCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
