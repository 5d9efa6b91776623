"""The Kusto query endpoint: the same queries under another wire, for Kusto's own clients."""
