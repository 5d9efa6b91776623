"""Running queries: admission, limits, cancellation, the answer as a stream, and a log row for each."""
