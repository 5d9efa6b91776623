"""From accepted bytes to rows: journal, load plans, decoding, transformation, loading. It never imports `query`."""
