"""Alembic's environment: every schema that the database ever had, in order."""
