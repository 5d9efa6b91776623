"""The command line. Composes what a command needs, prints, and says how it went by its exit code."""

from kelp.cli.commands import main

__all__ = ["main"]
