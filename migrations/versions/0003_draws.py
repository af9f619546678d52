"""Messages drawn at random for a ruling, and whose verdict a ruling was about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
MOMENT = sa.BigInteger  # microseconds since 1970, UTC


def of(*names: str, primary_key: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, ID, nullable=False, primary_key=primary_key) for name in names]


def upgrade() -> None:
    op.create_table(
        "draws",
        *of("platform", "community", "channel", "message", "occasion", primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        *of("subject", "label"),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("least", sa.Double, nullable=False),
        sa.Column("drawn_at", MOMENT, nullable=False),
        *of("model"),
        sa.Column("charter_version", sa.Text, nullable=False),
        *of("stratum"),
    )
    order = ["platform", "community", "drawn_at", "channel", "message", "occasion"]
    op.create_index("draws_in_order", "draws", order)
    op.create_index("draws_by_subject", "draws", ["platform", "community", "subject"])
    op.add_column("rulings", sa.Column("model", ID, nullable=False, server_default=sa.text("''")))
    op.add_column(
        "rulings", sa.Column("charter_version", sa.Text, nullable=False, server_default=sa.text("''"))
    )


def downgrade() -> None:
    op.drop_column("rulings", "charter_version")
    op.drop_column("rulings", "model")
    op.drop_table("draws")
