"""The write-ahead journal: envelopes in, durable and sealed frames out. It knows no tables and no plans."""

from kelp.ingest.journal.backlog import Backlog, BacklogLimits
from kelp.ingest.journal.envelope import Envelope, EnvelopeKind, FrameRef, PendingFrame
from kelp.ingest.journal.frame import JournalDamaged
from kelp.ingest.journal.journal import Journal, JournalLimits

__all__ = [
    "Backlog",
    "BacklogLimits",
    "Envelope",
    "EnvelopeKind",
    "FrameRef",
    "Journal",
    "JournalDamaged",
    "JournalLimits",
    "PendingFrame",
]
