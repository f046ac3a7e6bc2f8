"""Alembic migrations: additive, so that the previous release still runs on the new schema."""
