"""Members who chose direct messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    names = ("platform", "community", "member")
    op.create_table(
        "direct_messages", *(sa.Column(name, ID, nullable=False, primary_key=True) for name in names)
    )


def downgrade() -> None:
    op.drop_table("direct_messages")
