"""The only code that talks to an engine: one contract, its implementations, and what they share."""
