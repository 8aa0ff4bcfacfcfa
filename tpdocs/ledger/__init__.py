"""The ledger: append-only revisions in SQL, the only truth."""
