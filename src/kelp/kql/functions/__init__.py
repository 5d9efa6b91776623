"""The functions of the language as rows of a table: name, parameters, result. One module a topic; spelling is elsewhere."""
