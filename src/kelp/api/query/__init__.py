"""The query data plane as Azure Monitor's clients speak it: `/v1/workspaces/{id}/query` and its relatives."""
