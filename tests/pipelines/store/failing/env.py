"""Executed by Alembic for each migration, over the connection that `schema.migrate` passes."""

from alembic import context

from pipelines.store.tables import METADATA, VERSIONS

# Prefect and MLflow use the name `alembic_version`, and may share a PostgreSQL database with us.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSIONS.name,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
