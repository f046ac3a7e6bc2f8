"""Alembic's entry: runs migrations on the connection that `database.migrate` hands over."""

from alembic import context

from wenyuan.repo.catalogue.schema import Table

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Table.metadata, render_as_batch=True, transactional_ddl=False)
context.run_migrations()
