"""One module a command: the only place where word, ledger, checks, desk and register meet."""
