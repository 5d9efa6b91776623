"""The history of the database's schema: the resource store's tables and the directory's."""
