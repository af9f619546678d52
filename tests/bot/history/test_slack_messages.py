"""slack_messages.py: rows as Slack writes them, one Message each."""

from __future__ import annotations

import pytest

from bot.history.mrkdwn import Names
from bot.history.slack_messages import Workspace, author_from, message_from
from moderation.messages import Attachment, Author, Channel, Kind, Message, MessageKey, Platform
from tests.bot.history.factories import SLACK_START, START, slack_message, slack_user

GENERAL = Channel("C1", "general")
MARA = author_from(slack_user("U1", "mara", is_admin=True))
WORKSPACE = Workspace(
    "T1", {"U1": MARA, "B9": Author("B9", "helper", is_bot=True)}, Names({"U1": "mara", "U2": "joe"})
)


def said(text: str = "hello", **more: object) -> Message:
    return message_from(slack_message(text=text) | more, START, GENERAL, WORKSPACE)


def test_a_post_is_translated_whole() -> None:
    assert said("<@U2> hi") == Message(
        MessageKey(Platform.SLACK, "T1", "C1", f"{SLACK_START}.000000"),
        Author("U1", "mara", roles=("admin",)),
        "@joe hi",
        START,
        "general",
        mentions=("U2",),
    )


def test_a_reply_names_its_root_and_the_root_does_not() -> None:
    assert said(thread_ts="1714550000.000100").thread == "1714550000.000100"
    assert said(thread_ts=f"{SLACK_START}.000000", reply_count=3).thread is None


def test_an_edited_message_is_revision_0_with_its_last_text() -> None:
    edited = said("final", edited={"user": "U1", "ts": "1714554100.000000"})
    assert (edited.text, edited.revision) == ("final", 0)


@pytest.mark.parametrize("subtype", ["me_message", "thread_broadcast", "file_share"])
def test_what_a_person_posts_is_a_post(subtype: str) -> None:
    assert said(subtype=subtype).kind is Kind.POST


@pytest.mark.parametrize("subtype", ["channel_join", "group_join"])
def test_joins(subtype: str) -> None:
    joined = said("<@U1> has joined the channel", subtype=subtype)
    assert (joined.kind, joined.text) == (Kind.JOIN, "@mara has joined the channel")


@pytest.mark.parametrize(
    "subtype",
    [
        "channel_leave",
        "channel_topic",
        "channel_purpose",
        "channel_name",
        "channel_archive",
        "pinned_item",
        "tombstone",
        "reminder_add",
        "huddle_thread",
        "bot_add",
        "message_deleted",
        "something_new",
    ],
)
def test_everything_that_slack_tells_about_is_system(subtype: str) -> None:
    assert said(subtype=subtype).kind is Kind.SYSTEM


def test_hidden_messages_are_system() -> None:
    assert said(hidden=True).kind is Kind.SYSTEM


def test_a_bot_without_a_user_has_its_own_name() -> None:
    bot = said(user=None, subtype="bot_message", bot_id="B1", username="Deploys")
    assert (bot.kind, bot.author) == (Kind.BOT, Author("B1", "Deploys", is_bot=True))
    assert said(user=None, bot_id="B1", bot_profile={"name": "Polls"}).author.name == "Polls"
    assert said(user=None, bot_id="B1").author.name == "B1"


def test_apps_and_bot_users_are_bots() -> None:
    assert said(bot_id="B1").kind is Kind.BOT
    assert said(user="B9").kind is Kind.BOT
    assert said(subtype="slackbot_response").kind is Kind.BOT
    assert author_from(slack_user("USLACKBOT", "slackbot")).is_bot


def test_a_person_who_is_in_no_list_is_named_by_the_row_or_the_id() -> None:
    assert said(user="U7", user_profile={"display_name": "guest"}).author == Author("U7", "guest")
    assert said(user="U7").author == Author("U7", "U7")


def test_names_are_what_slack_shows() -> None:
    assert (
        author_from({"id": "U1", "name": "h", "profile": {"display_name": "", "real_name": "Real"}}).name
        == "Real"
    )
    assert author_from({"id": "U1", "name": "handle"}).name == "handle"
    assert author_from({"id": "U1"}).name == "U1"


def test_roles_are_the_flags_that_slack_knows() -> None:
    assert author_from(slack_user("U1", "m", is_owner=True, is_admin=True)).roles == ("owner", "admin")
    assert author_from(slack_user("U1", "m", is_restricted=True)).roles == ("guest",)


def test_an_old_comment_on_a_file_is_its_authors_post() -> None:
    row = said(
        "joe commented", user=None, subtype="file_comment", comment={"user": "U1", "comment": "nice & tidy"}
    )
    assert (row.author, row.text, row.kind) == (MARA, "nice & tidy", Kind.POST)


def test_text_is_taken_from_blocks_and_attachments_where_it_is_nowhere_else() -> None:
    user = {"type": "user", "user_id": "U2"}
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [user]}]}]
    assert said("", blocks=blocks).text == "@joe"
    assert said("", blocks=blocks).mentions == ("U2",)
    assert said("", attachments=[{"fallback": "Build &lt;1&gt;"}]).text == "Build <1>"
    assert said("text", blocks=blocks).text == "text"


def test_files_hang_on_the_message_without_their_token() -> None:
    files = [
        {"name": "a.png", "mimetype": "image/png", "url_private": "https://files.example/a.png?t=xoxe-1"},
        {"title": "Notes", "mimetype": "text/plain", "permalink": "https://x.example/n"},
        {"id": "F1", "mode": "hidden_by_limit"},
        {"name": "v.mp4", "mimetype": "video/mp4"},
    ]
    assert said(files=files).attachments == (
        Attachment("a.png", "image", "https://files.example/a.png"),
        Attachment("Notes", "file", "https://x.example/n"),
        Attachment("F1"),
        Attachment("v.mp4", "video"),
    )
    assert said(file={"name": "old.mp3", "mimetype": "audio/mpeg"}).attachments == (
        Attachment("old.mp3", "audio"),
    )


def test_previews_and_shared_messages_hang_on_the_message() -> None:
    parts = [
        {"title": "A &amp; B", "from_url": "https://a.example"},
        {"is_share": True, "fallback": "old words"},
    ]
    assert said(attachments=parts).attachments == (
        Attachment("A & B", "embed", "https://a.example"),
        Attachment("old words", "forward"),
    )


@pytest.mark.parametrize("odd", [{"user": None}, {"user": ["U1"]}, {"text": {"a": 1}}, {"text": 3}])
def test_an_odd_row_is_an_empty_system_message(odd: dict[str, object]) -> None:
    row = message_from({**slack_message(), **odd}, START, GENERAL, WORKSPACE)
    assert (row.kind, row.text, row.key.message) == (Kind.SYSTEM, "", f"{SLACK_START}.000000")


def test_unfit_letters_are_mended() -> None:
    assert said("a\ud800\x00\u202e").text == "a\ufffd\u202e"
