"""The functions of the language as rows of a table: name, parameters, result. One module a topic.

How they are spelled for an engine is elsewhere.
"""
