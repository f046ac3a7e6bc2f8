"""Who works on pages: one file a way. See docs/add-an-executor.md."""
