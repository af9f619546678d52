"""The tables. Nothing here is personal in the clear but ids; what people wrote is in the sealed columns.

Times are whole microseconds since 1970 in UTC: exact, small, and ordered by the database as by Python. Ids are text,
compared by code point. `thread` is empty where a message stands straight in its channel, so that one index serves
both kinds of place. Migrations say the same again by hand; a test compares the two.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from moderation.storage.cleaning import clean_id

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware UTC time as whole microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Raises TypeError for a naive time."""
        del dialect
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        del dialect
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Id(TypeDecorator[str]):
    """A platform's id, cleaned of what no database takes."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        # PostgreSQL sorts by the language of the machine unless told otherwise; SQLite sorts by bytes anyway.
        plain = String(collation="C") if dialect.name == "postgresql" else String()
        return dialect.type_descriptor(plain)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else clean_id(value)


# SQLite numbers rows by itself only where the type is exactly INTEGER.
SERIAL = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()

messages = Table(
    "messages",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("platform", Id, nullable=False),
    Column("community", Id, nullable=False),
    Column("channel", Id, nullable=False),
    Column("message", Id, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("author", Id, nullable=False),
    Column("is_bot", Boolean, nullable=False),
    Column("kind", Id, nullable=False),
    Column("posted_at", Moment, nullable=False),
    Column("thread", Id, nullable=False),
    Column("reply_to", Id),
    Column("deleted", Boolean, nullable=False),
    Column("waiting", Boolean, nullable=False),  # the newest revision has no decision yet
    Column("keep_text_until", Moment, nullable=False),
    Column("payload", LargeBinary),  # sealed: text, names, roles, mentions, attachments
    UniqueConstraint("platform", "community", "channel", "message", name="messages_key"),
)
Index(
    "messages_by_place",
    *(messages.c[name] for name in ("platform", "community", "channel", "thread", "posted_at", "message")),
)
Index(
    "messages_waiting",
    messages.c.posted_at,
    messages.c.message,
    sqlite_where=text("waiting = 1"),
    postgresql_where=text("waiting"),
)
Index(
    "messages_expiring",
    messages.c.keep_text_until,
    sqlite_where=text("payload IS NOT NULL"),
    postgresql_where=text("payload IS NOT NULL"),
)
Index("messages_by_author", messages.c.platform, messages.c.community, messages.c.author)

decisions = Table(
    "decisions",
    metadata,
    Column("platform", Id, primary_key=True),
    Column("community", Id, primary_key=True),
    Column("channel", Id, primary_key=True),
    Column("message", Id, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("author", Id, nullable=False),
    Column("posted_at", Moment, nullable=False),
    Column("thread", Id, nullable=False),
    Column("outcome", Id, nullable=False),
    Column("on_topic", Double),
    Column("chatter", Double),
    Column("pitch", Double),
    Column("model", Id),  # NULL where there is no verdict
    Column("abstained", Boolean, nullable=False),
    Column("actions", Text),  # NULL where there are none
    Column("charter_version", Text, nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("stretch", Id),
    Column("skipped", Id),
    Column("held_back", Boolean, nullable=False, server_default=false()),  # stays when the notes go
    Column("notes", LargeBinary),  # sealed: why and reasons, which may quote the text and go with it
)
Index(
    "decisions_in_order",
    *(decisions.c[name] for name in ("platform", "community", "posted_at", "message", "channel", "revision")),
)
Index("decisions_by_author", decisions.c.platform, decisions.c.community, decisions.c.author)
Index(
    "decisions_with_actions",
    decisions.c.platform,
    decisions.c.community,
    sqlite_where=text("actions IS NOT NULL"),
    postgresql_where=text("actions IS NOT NULL"),
)
Index(
    "decisions_with_notes",
    *(decisions.c[name] for name in ("platform", "community", "channel", "message")),
    sqlite_where=text("notes IS NOT NULL"),
    postgresql_where=text("notes IS NOT NULL"),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("platform", Id, primary_key=True),
    Column("community", Id, primary_key=True),
    Column("channel", Id, primary_key=True),
    Column("message", Id, primary_key=True),
    Column("giver", Id, primary_key=True),
    Column("receiver", Id, primary_key=True),
    Column("at", Moment, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("platform", Id, nullable=False),
    Column("community", Id, nullable=False),
    Column("marker", Id, nullable=False),
    Column("channel", Id, nullable=False),
    Column("about", Id, nullable=False),
    Column("action", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("state", Id, nullable=False),
    Column("lease_until", Moment),
    Column("tries", Integer, nullable=False),
    Column("result", Id, nullable=False),
    UniqueConstraint("platform", "community", "marker", name="outbox_marker"),
    sqlite_autoincrement=True,  # a deliverer may still hold the id of an erased row: it is never given again
)
Index("outbox_due", outbox.c.state, outbox.c.due_at)
Index("outbox_by_channel", *(outbox.c[name] for name in ("platform", "community", "channel", "state")))
Index("outbox_about", outbox.c.platform, outbox.c.community, outbox.c.about)

charters = Table(
    "charters",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("platform", Id, nullable=False),
    Column("community", Id, nullable=False),
    Column("version", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # charter and policy: examples may be what somebody wrote
)
Index("charters_by_community", charters.c.platform, charters.c.community, charters.c.id)

canary = Table(
    "canary",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)

moves = Table(
    "moves",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("platform", Id, nullable=False),
    Column("community", Id, nullable=False),
    Column("move", Id, nullable=False),
    Column("channel", Id, nullable=False),
    Column("message", Id, nullable=False),
    Column("author", Id, nullable=False),
    Column("to_channel", Id, nullable=False),
    Column("state", Id, nullable=False),
    Column("copy", Id, nullable=False),
    Column("revision", Integer, nullable=False),
    UniqueConstraint("platform", "community", "move", "channel", "message", name="moves_post"),
)
Index("moves_by_original", *(moves.c[name] for name in ("platform", "community", "channel", "message")))

rulings = Table(
    "rulings",
    metadata,
    Column("platform", Id, primary_key=True),
    Column("community", Id, primary_key=True),
    Column("subject", Id, primary_key=True),
    Column("what", Id, primary_key=True),
    Column("by", Id, primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("moderator", Boolean, nullable=False),
    Column("drawn", Boolean, nullable=False),
    # Empty for a ruling from before these were kept, and for one on no verdict.
    Column("model", Id, nullable=False, server_default=text("''")),
    Column("charter_version", Text, nullable=False, server_default=text("''")),
)
Index("rulings_in_order", *(rulings.c[name] for name in ("platform", "community", "at", "by")))

draws = Table(
    "draws",
    metadata,
    Column("platform", Id, primary_key=True),
    Column("community", Id, primary_key=True),
    Column("channel", Id, primary_key=True),
    Column("message", Id, primary_key=True),
    Column("occasion", Id, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("subject", Id, nullable=False),  # what rulings on it name
    Column("label", Id, nullable=False),
    Column("score", Double, nullable=False),
    Column("probability", Double, nullable=False),
    Column("least", Double, nullable=False),
    Column("drawn_at", Moment, nullable=False),
    Column("model", Id, nullable=False),
    Column("charter_version", Text, nullable=False),
    Column("stratum", Id, nullable=False),
)
Index(
    "draws_in_order",
    *(draws.c[name] for name in ("platform", "community", "drawn_at", "channel", "message", "occasion")),
)
Index("draws_by_subject", draws.c.platform, draws.c.community, draws.c.subject)

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("platform", Id, primary_key=True),
    Column("community", Id, primary_key=True),
    Column("member", Id, primary_key=True),
)

direct_messages = Table(
    "direct_messages",  # who chose them
    metadata,
    Column("platform", Id, primary_key=True),
    Column("community", Id, primary_key=True),
    Column("member", Id, primary_key=True),
)

reports = Table(
    "reports",  # of pitches, by members
    metadata,
    Column("platform", Id, primary_key=True),
    Column("community", Id, primary_key=True),
    Column("reporter", Id, primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("case_name", Id, nullable=False),
    Column("keep_until", Moment, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # text, sender and post
)
