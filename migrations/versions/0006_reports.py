"""What members told of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    names = ("platform", "community", "reporter")
    op.create_table(
        "reports",
        *(sa.Column(name, ID, nullable=False, primary_key=True) for name in names),
        sa.Column("at", sa.BigInteger(), nullable=False, primary_key=True, autoincrement=False),
        sa.Column("case_name", ID, nullable=False),
        sa.Column("keep_until", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("reports")
