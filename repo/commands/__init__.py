"""Commands that need neither ingest nor the web. One file a command."""
