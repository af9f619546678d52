"""What people did about it: moves, rulings, opt-outs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.BigInteger  # microseconds since 1970, UTC


def of(*names: str, primary_key: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, ID, nullable=False, primary_key=primary_key) for name in names]


def upgrade() -> None:
    op.create_table(
        "moves",
        sa.Column("id", SERIAL, primary_key=True),
        *of("platform", "community", "move", "channel", "message", "author", "to_channel", "state", "copy"),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.UniqueConstraint("platform", "community", "move", "channel", "message", name="moves_post"),
    )
    op.create_index("moves_by_original", "moves", ["platform", "community", "channel", "message"])
    op.create_table(
        "rulings",
        *of("platform", "community", "subject", "what", "by", primary_key=True),
        sa.Column("at", MOMENT, primary_key=True, autoincrement=False),
        sa.Column("moderator", sa.Boolean, nullable=False),
        sa.Column("drawn", sa.Boolean, nullable=False),
    )
    op.create_index("rulings_in_order", "rulings", ["platform", "community", "at", "by"])
    op.create_table("opt_outs", *of("platform", "community", "member", primary_key=True))


def downgrade() -> None:
    for table in ("opt_outs", "rulings", "moves"):
        op.drop_table(table)
