"""Alembic revisions of the database; `moderation.storage.schema` runs them."""
