"""What an editor asks of the language: the statement at the cursor, edits of a query's text, and fixes. Pure."""
