"""Plan to SQL: lowering, function spellings, the SQL tree, the one printer, DDL, and the proof of isolation. Pure."""
