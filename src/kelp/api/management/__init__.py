"""The resource management API: Azure's documents in and out, one module a resource type."""
