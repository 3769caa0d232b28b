"""Alembic's environment: all revisions of the schema, in order."""
