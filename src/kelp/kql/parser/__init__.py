"""Tokens to syntax: a hand-written parser that recovers from errors. One file for each operator."""

from kelp.kql.parser.query import ParsedQuery, parse

__all__ = ["ParsedQuery", "parse"]
