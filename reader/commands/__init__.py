"""Commands of the web, found by the `wenyuan` command group through entry points."""
