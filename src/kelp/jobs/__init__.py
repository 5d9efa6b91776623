"""Work that is done by the clock and not by a request. One file a job; each is idempotent and can be cut short."""
