"""From syntax to meaning: resolves names, types every expression, expands shorthand. One module an operator."""

from kelp.kql.binder.query import bind

__all__ = ["bind"]
