"""Messages, decisions, exchanges, the outbox, charters, and the canary that tells a wrong key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Revisions say everything themselves: they must mean tomorrow what they mean today, whatever tables.py becomes.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.BigInteger  # microseconds since 1970, UTC


def of(*names: str, primary_key: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, ID, nullable=False, primary_key=primary_key) for name in names]


def partial(name: str, table: str, columns: list[str], sqlite: str, postgresql: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(sqlite), postgresql_where=sa.text(postgresql))


def upgrade() -> None:
    create_messages()
    create_decisions()
    create_outbox()
    op.create_table(
        "charters",
        sa.Column("id", SERIAL, primary_key=True),
        *of("platform", "community"),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_index("charters_by_community", "charters", ["platform", "community", "id"])
    op.create_table(
        "canary",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )


def create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", SERIAL, primary_key=True),
        *of("platform", "community", "channel", "message"),
        sa.Column("revision", sa.Integer, nullable=False),
        *of("author"),
        sa.Column("is_bot", sa.Boolean, nullable=False),
        *of("kind"),
        sa.Column("posted_at", MOMENT, nullable=False),
        *of("thread"),
        sa.Column("reply_to", ID),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("waiting", sa.Boolean, nullable=False),
        sa.Column("keep_text_until", MOMENT, nullable=False),
        sa.Column("payload", sa.LargeBinary),
        sa.UniqueConstraint("platform", "community", "channel", "message", name="messages_key"),
    )
    place = ["platform", "community", "channel", "thread", "posted_at", "message"]
    op.create_index("messages_by_place", "messages", place)
    partial("messages_waiting", "messages", ["posted_at", "message"], "waiting = 1", "waiting")
    kept = "payload IS NOT NULL"
    partial("messages_expiring", "messages", ["keep_text_until"], kept, kept)
    op.create_index("messages_by_author", "messages", ["platform", "community", "author"])


def create_decisions() -> None:
    op.create_table(
        "decisions",
        *of("platform", "community", "channel", "message", primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        *of("author"),
        sa.Column("posted_at", MOMENT, nullable=False),
        *of("thread", "outcome"),
        sa.Column("on_topic", sa.Double),
        sa.Column("chatter", sa.Double),
        sa.Column("pitch", sa.Double),
        sa.Column("model", ID),
        sa.Column("abstained", sa.Boolean, nullable=False),
        sa.Column("actions", sa.Text),
        sa.Column("charter_version", sa.Text, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("stretch", ID),
        sa.Column("skipped", ID),
        sa.Column("notes", sa.LargeBinary),
    )
    order = ["platform", "community", "posted_at", "message", "channel", "revision"]
    op.create_index("decisions_in_order", "decisions", order)
    op.create_index("decisions_by_author", "decisions", ["platform", "community", "author"])
    acts, notes = "actions IS NOT NULL", "notes IS NOT NULL"
    partial("decisions_with_actions", "decisions", ["platform", "community"], acts, acts)
    key = ["platform", "community", "channel", "message"]
    partial("decisions_with_notes", "decisions", key, notes, notes)
    op.create_table(
        "exchanges",
        *of("platform", "community", "channel", "message", "giver", "receiver", primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
    )


def create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", SERIAL, primary_key=True),
        *of("platform", "community", "marker", "channel", "about"),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        *of("state"),
        sa.Column("lease_until", MOMENT),
        sa.Column("tries", sa.Integer, nullable=False),
        *of("result"),
        sa.UniqueConstraint("platform", "community", "marker", name="outbox_marker"),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_due", "outbox", ["state", "due_at"])
    op.create_index("outbox_by_channel", "outbox", ["platform", "community", "channel", "state"])
    op.create_index("outbox_about", "outbox", ["platform", "community", "about"])


def downgrade() -> None:
    for table in ("canary", "charters", "outbox", "exchanges", "decisions", "messages"):
        op.drop_table(table)
