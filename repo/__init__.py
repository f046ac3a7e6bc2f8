"""The catalogue: what we hold, who may use it, how it is found. Imports storage, never ingest or reader."""
