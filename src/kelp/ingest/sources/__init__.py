"""Where records come from. A source frames what it hears or reads and hands it on; it knows no engine."""
