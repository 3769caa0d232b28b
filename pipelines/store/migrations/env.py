"""Alembic's script for a migration over the connection of `schema.migrate`."""

from alembic import context

from pipelines.store.tables import METADATA, VERSIONS

# Prefect and MLflow use the table `alembic_version`, and may share a PostgreSQL database with Needloop.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSIONS.name,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
