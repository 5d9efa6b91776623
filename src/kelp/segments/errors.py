"""What a segment can fail with. Values that a function can't use are no error: by KQL's rules they give null."""

from __future__ import annotations


class SegmentRefused(Exception):
    """The input as a whole can't be worked on. The message is shown to the user: a sentence that says what to do."""
