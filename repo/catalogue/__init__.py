"""The database: what we hold, on SQLite or PostgreSQL. One file for each kind of thing; `database` opens it."""
