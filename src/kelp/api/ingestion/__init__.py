"""The ingestion planes: records come in over HTTP, are checked, made durable, and only then acknowledged."""
