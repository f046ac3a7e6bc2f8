"""Finding: the protocol of a search index and one file for each engine."""
