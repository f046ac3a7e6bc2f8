"""The web: one blueprint a capability. Imports repo and storage, never ingest."""
