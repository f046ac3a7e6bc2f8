"""The sample collection and the script that makes it."""
