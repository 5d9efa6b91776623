"""Syntax to canonical KQL text."""

from kelp.kql.unparse.tree import unparse

__all__ = ["unparse"]
