"""How each function of the language is spelled in SQL. One module a topic, with the same stem as in `kql.functions`."""
