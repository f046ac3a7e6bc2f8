"""Search: recall and precision against a scan, speed and size, beside SQLite FTS5."""
