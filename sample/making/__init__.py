"""Makers of the sample collection, one kind of thing a file."""
