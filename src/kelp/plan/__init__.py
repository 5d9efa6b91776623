"""What to compute: relational nodes with KQL's semantics made explicit, and the passes that rewrite them. Pure."""
