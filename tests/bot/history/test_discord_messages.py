"""discord_messages.py: rows as DiscordChatExporter writes them, one Message each."""

from __future__ import annotations

import pytest

from bot.history.discord_markup import Names
from bot.history.discord_messages import Place, author_from, message_from
from moderation.messages import Attachment, Author, Channel, Kind, Message, MessageKey, Platform
from tests.bot.history.factories import START, discord_message, discord_user

GENERAL = Channel("500", "general")
PLACE = Place("77", GENERAL, names=Names({"12": "Joe"}))


def said(text: str = "hello", place: Place = PLACE, **more: object) -> Message:
    return message_from(discord_message(900, text) | more, START, place)


def test_a_post_is_translated_whole() -> None:
    assert said("<@12> hi", mentions=[discord_user("12", "joe")]) == Message(
        MessageKey(Platform.DISCORD, "77", "500", "900"),
        Author("11", "Mara", roles=("Regular",)),
        "@Joe hi",
        START,
        "general",
        mentions=("12",),
    )


def test_mentions_are_found_in_raw_text_and_in_the_list() -> None:
    assert said("<@12> <@13>", mentions=[discord_user("12"), {"name": "x"}]).mentions == ("12", "13")
    assert said("@Joe hi", mentions=[discord_user("12")]).mentions == ("12",)


@pytest.mark.parametrize("kind", ["Reply", "19"])
def test_a_reply_names_what_it_answers(kind: str) -> None:
    reply = said(type=kind, reference={"messageId": "800", "channelId": "500"})
    assert (reply.kind, reply.reply_to) == (Kind.POST, "800")


@pytest.mark.parametrize("kind", ["Default", "ChannelPinnedMessage", "18"])
def test_other_references_answer_nothing(kind: str) -> None:
    assert said(type=kind, reference={"messageId": "800"}).reply_to is None


@pytest.mark.parametrize(
    "kind, expected",
    [
        ("Default", Kind.POST),
        ("0", Kind.POST),
        (0, Kind.POST),
        ("GuildMemberJoin", Kind.JOIN),
        ("7", Kind.JOIN),
        ("20", Kind.BOT),
        ("ChatInputCommand", Kind.BOT),
        ("23", Kind.BOT),
        ("RecipientAdd", Kind.SYSTEM),
        ("ChannelPinnedMessage", Kind.SYSTEM),
        ("ThreadCreated", Kind.SYSTEM),
        ("21", Kind.SYSTEM),
        ("24", Kind.SYSTEM),
        ("46", Kind.SYSTEM),
    ],
)
def test_kinds_follow_the_type(kind: object, expected: Kind) -> None:
    assert said(type=kind).kind is expected


def test_bots_are_bots_also_when_they_reply() -> None:
    assert said(type="Reply", author=discord_user(isBot=True)).kind is Kind.BOT


def test_an_author_is_called_as_in_this_community() -> None:
    assert author_from(discord_user(nickname="Boss")) == Author("11", "Boss", roles=("Regular",))
    assert author_from({"id": "11", "name": "mara"}) == Author("11", "mara")
    assert author_from({"id": "11"}) == Author("11", "11")
    assert author_from({"name": "mara"}) is None


def test_a_message_in_a_thread_names_it_and_its_root_does_not() -> None:
    assert said(place=Place("77", GENERAL, "700")).thread == "700"
    assert said(place=Place("77", GENERAL, "900")).thread is None


def test_files_stickers_previews_and_polls_hang_on_the_message() -> None:
    found = said(
        attachments=[
            {"id": "1", "url": "https://cdn.example/a.PNG?ex=1", "fileName": "a.PNG"},
            {"id": "2", "url": "media/b.unknown", "fileName": "b.unknown"},
            {"id": "3"},
            {"fileName": "c.mp4"},
        ],
        stickers=[{"id": "1", "name": "Wave", "format": "Png", "sourceUrl": "https://cdn.example/s.png"}, {}],
        embeds=[{"title": "A course", "url": "https://a.example"}, {"author": {"name": "Bob"}}, {}],
        poll={"question": {"text": "Lunch?"}},
    ).attachments
    assert found == (
        Attachment("a.PNG", "image", "https://cdn.example/a.PNG"),
        Attachment("b.unknown", "file", "media/b.unknown"),
        Attachment("3"),
        Attachment("c.mp4", "video"),
        Attachment("Wave", "sticker", "https://cdn.example/s.png"),
        Attachment("sticker", "sticker"),
        Attachment("A course", "embed", "https://a.example"),
        Attachment("Bob", "embed"),
        Attachment("embed", "embed"),
        Attachment("Lunch?", "poll"),
    )
    assert said(poll={"question": "Tea?"}).attachments == (Attachment("Tea?", "poll"),)


def test_a_forward_says_what_was_forwarded() -> None:
    forwarded = {"content": "old words", "attachments": [{"fileName": "a.png"}]}
    message = said("", forwardedMessage=forwarded, reference={"type": "Forward", "messageId": "5"})
    assert (message.text, message.reply_to) == ("old words", None)
    assert message.attachments == (Attachment("old words", "forward"), Attachment("a.png", "image"))
    assert said("look", forwardedMessage=forwarded).text == "look"


def test_a_message_of_previews_alone_says_what_they_say() -> None:
    assert said("", embeds=[{"title": "Build", "description": "failed"}]).text == "Build\nfailed"


@pytest.mark.parametrize("odd", [{"author": None}, {"author": {}}, {"author": "x"}, {"content": [1]}])
def test_an_odd_row_is_an_empty_system_message(odd: dict[str, object]) -> None:
    message = message_from(discord_message(900) | odd, START, PLACE)
    assert (message.kind, message.text, message.key.message) == (Kind.SYSTEM, "", "900")


def test_unfit_letters_are_mended() -> None:
    assert said("a\udc00\x00\u202e").text == "a\ufffd\u202e"
