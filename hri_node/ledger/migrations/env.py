"""A connection comes in by way of Database.migrate, the schema's steps run on it."""

from alembic import context

from hri_node.ledger import console_tables
from hri_node.ledger.tables import Table

assert console_tables.ActRow.metadata is Table.metadata, "all tables stand in one list"
context.configure(
    connection=context.config.attributes["connection"], target_metadata=Table.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
