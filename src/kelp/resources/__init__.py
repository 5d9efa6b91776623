"""Desired state: subscriptions, groups, workspaces, tables, rules, roles, and who changed them.

Knows no engine and no HTTP: `catalog` makes the engine agree, `api` speaks Azure's documents.
"""
