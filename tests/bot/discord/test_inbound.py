"""inbound.py: captured payloads through discord.py to our own types, and the same choices as in exported history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord.inbound import HIGHEST_REVISION, channels_of, message_from, posted_in, revision_at
from bot.history.discord_markup import Names
from bot.history.discord_messages import Place
from bot.history.discord_messages import message_from as message_from_export
from bot.history.times import iso_time
from moderation.messages import Attachment, Author, Channel, Kind, Message, MessageKey, Platform
from tests.bot.discord.gateway import NAMES, Listener, Payload, heard, payload

GUILD, TEXT, FORUM, THREAD, POST = (f"1200000000000000{end}" for end in ("077", "500", "510", "800", "810"))
MARA, JOE = "1200000000000000011", "1200000000000000012"
NOWHERE = {"private", "unknown_channel"}
SOMEWHERE = [name for name in NAMES if name not in NOWHERE]
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds the zone


def read(name: str, **changed: object) -> Message:
    message = heard(name, **changed)
    where = posted_in(message.channel)
    assert where is not None
    return message_from(message, where)


def test_a_post_is_translated_whole() -> None:
    post = payload("post")
    assert read("post") == Message(
        MessageKey(Platform.DISCORD, GUILD, TEXT, post["id"]),
        Author(MARA, "Mara of Elm", roles=("1200000000000000091", "Regular")),
        "which glue for oak outdoors?",
        datetime(2026, 3, 2, 9, 1, tzinfo=UTC),
        "workshop",
    )


def test_text_is_what_people_see_and_what_is_unknown_stays_readable() -> None:
    message = read("mentions")
    assert message.text == (
        "@Joe the Joiner @Joe the Joiner @1200000000000000013 @Seller @1200000000000000094 #questions #glue "
        "#1200000000000000599 :plane: :saw: 2024-05-01 09:00 UTC /relevance setup \\*not bold\\* @everyone"
    )
    assert message.mentions == (JOE, "1200000000000000013")


def test_an_id_that_no_id_can_be_stays_as_it_is() -> None:
    endless = "9" * 4_000
    assert read("post", content=f"<#{endless}> <@{endless}>").text == f"#{endless} @{endless}"


@pytest.mark.parametrize(
    "name, channel, channel_name, thread",
    [
        ("post", TEXT, "workshop", None),
        ("thread_root", TEXT, "workshop", None),
        ("in_thread", TEXT, "workshop", THREAD),
        ("thread_starter", TEXT, "workshop", THREAD),
        ("in_loose_thread", TEXT, "workshop", "1200000000000000820"),
        ("forum_post", FORUM, "questions", None),
        ("forum_answer", FORUM, "questions", POST),
        ("voice_text", "1200000000000000520", "shop-floor", None),
    ],
)
def test_a_thread_belongs_to_its_parent(
    name: str, channel: str, channel_name: str, thread: str | None
) -> None:
    message = read(name)
    assert (message.key.channel, message.channel_name, message.thread) == (channel, channel_name, thread)


@pytest.mark.parametrize("name", sorted(NOWHERE))
def test_what_is_private_or_in_an_unknown_channel_stands_nowhere(name: str) -> None:
    assert posted_in(heard(name).channel) is None


@pytest.mark.parametrize(
    "name, kind",
    [
        ("post", Kind.POST),
        ("reply", Kind.POST),
        ("forward", Kind.POST),
        ("poll", Kind.POST),
        ("forum_post", Kind.POST),
        ("who_left", Kind.POST),
        ("bot", Kind.BOT),
        ("own", Kind.BOT),
        ("proxy", Kind.BOT),
        ("crosspost", Kind.BOT),
        ("slash_command", Kind.BOT),
        ("menu_command", Kind.BOT),
        ("from_game", Kind.BOT),
        ("join", Kind.JOIN),
        ("pin", Kind.SYSTEM),
        ("boost", Kind.SYSTEM),
        ("automod", Kind.SYSTEM),
        ("thread_created", Kind.SYSTEM),
        ("thread_starter", Kind.SYSTEM),
        ("poll_result", Kind.SYSTEM),
        ("unknown_type", Kind.SYSTEM),
    ],
)
def test_only_what_people_post_is_a_post(name: str, kind: Kind) -> None:
    assert read(name).kind is kind


def test_only_a_reply_answers() -> None:
    answers = {name: read(name).reply_to for name in SOMEWHERE}
    asked = payload("post")["id"]
    assert {name: answer for name, answer in answers.items() if answer} == {
        "reply": asked,
        "reply_to_deleted": asked,
    }


@pytest.mark.parametrize(
    "name, attachments",
    [
        (
            "files",
            [
                Attachment("oak.PNG", "image", "https://cdn.discordapp.com/attachments/1/2/oak.PNG"),
                Attachment("saw.mp4", "video", "https://cdn.discordapp.com/attachments/1/2/saw.mp4"),
                Attachment(
                    "voice-message.ogg",
                    "audio",
                    "https://cdn.discordapp.com/attachments/1/2/voice-message.ogg",
                ),
                Attachment("plan", "file", "https://cdn.discordapp.com/attachments/1/2/plan"),
            ],
        ),
        (
            "sticker",
            [Attachment("Wave", "sticker", "https://cdn.discordapp.com/stickers/749054660769218631.json")],
        ),
        ("poll", [Attachment("Lunch? (Soup / Salad)", "poll")]),
        (
            "forward",
            [
                Attachment(f"old words for @{JOE}", "forward"),
                Attachment("oak.PNG", "image", "https://cdn.discordapp.com/attachments/1/2/oak.PNG"),
            ],
        ),
        ("link_unfurled", [Attachment("Oak", "embed", "https://timber.example/oak")]),
    ],
)
def test_what_hangs_on_a_message(name: str, attachments: list[Attachment]) -> None:
    assert read(name).attachments == tuple(attachments)


def test_a_forward_and_an_embed_speak_where_there_is_no_text() -> None:
    assert read("forward").text == f"old words for @{JOE}"
    assert read("bot_of_embeds").text == "Build\nfailed"


def test_an_author_who_left_is_named_without_roles() -> None:
    assert read("who_left").author == Author("1200000000000000014", "Ann")


def test_an_edit_is_whole_without_a_cache_and_an_unfurled_link_is_no_edit() -> None:
    listener = Listener()
    edit = listener.hear("MESSAGE_UPDATE", payload("edited"))
    where = posted_in(edit.message.channel)
    assert where is not None
    assert message_from(edit.message, where) == replace(
        read("edited", edited_timestamp=None), revision=13
    )  # 1.25 seconds after posting, the thirteenth tenth
    assert read("link_unfurled").revision == 0


@given(MOMENTS, st.lists(st.timedeltas(timedelta(0), timedelta(days=2400)), min_size=2, max_size=2))
def test_a_later_edit_has_a_higher_revision(posted: datetime, after: list[timedelta]) -> None:
    first, second = sorted(after)
    earlier, later = revision_at(posted, posted + first), revision_at(posted, posted + second)
    assert 1 <= earlier <= later <= HIGHEST_REVISION
    if second - first >= timedelta(milliseconds=100):
        assert earlier < later


def test_a_revision_fits_whatever_the_clocks_say() -> None:
    posted = datetime(2015, 6, 1, tzinfo=UTC)
    assert revision_at(posted, None) == 0
    assert revision_at(posted, posted - timedelta(seconds=1)) == 1
    assert revision_at(posted, posted + timedelta(days=10_000)) == HIGHEST_REVISION


def test_channels_are_those_in_which_people_write_and_that_we_see() -> None:
    assert channels_of(Listener().here) == [
        Channel(TEXT, "workshop", "Jobs and timber, offers in #news"),
        Channel(FORUM, "questions", "One question a post"),
        Channel("1200000000000000520", "shop-floor"),
        Channel("1200000000000000530", "news"),
        Channel("1200000000000000540", "gallery"),
    ]


# --- as in exported history ------------------------------------------------------------------------------------


def exported(data: Payload) -> Payload:
    """What DiscordChatExporter writes of a message, with its markup left alone."""

    def user(told: Payload, member: Payload) -> Payload:
        return {
            "id": told["id"],
            "name": told["username"],
            "nickname": member.get("nick") or told["global_name"],
            "isBot": told.get("bot", False),
        }

    def hanging(post: Payload) -> Payload:
        return {
            "content": post["content"],
            "attachments": [
                {"id": each["id"], "url": each["url"], "fileName": each["filename"]}
                for each in post["attachments"]
            ],
            "embeds": post["embeds"],
            "stickers": [
                {"name": each["name"], "sourceUrl": f"https://cdn.discordapp.com/stickers/{each['id']}.json"}
                for each in post.get("sticker_items", [])
            ],
        }

    snapshots = [hanging(each["message"]) for each in data.get("message_snapshots", [])]
    return {
        "id": data["id"],
        "type": data["type"],
        "author": user(data["author"], data.get("member", {})),
        "mentions": [user(each, each.get("member", {})) for each in data["mentions"]],
        "reference": {"messageId": data.get("message_reference", {}).get("message_id")},
        "forwardedMessage": snapshots[0] if snapshots else None,
        **hanging(data),
    }


@pytest.mark.parametrize("name", [name for name in SOMEWHERE if name not in {"poll", "from_game"}])
def test_a_replay_reads_the_same(name: str) -> None:
    data, message = payload(name), heard(name)
    where = posted_in(message.channel)
    guild = message.guild
    posted_at = iso_time(data["timestamp"])
    assert where is not None
    assert guild is not None
    assert posted_at is not None
    names = Names(
        {str(each.id): each.display_name for each in message.mentions},
        {str(each.id): each.name for each in (*guild.channels, *guild.threads)},
        {str(each.id): each.name for each in guild.roles},
    )
    place = Place(where.community, Channel(where.channel, where.channel_name), where.thread or "", names)
    live, replayed = message_from(message, where), message_from_export(exported(data), posted_at, place)
    assert _comparable(live) == _comparable(replayed)


def _comparable(message: Message) -> Message:
    """Without what only a living bot knows: role ids, edits, and in a forward's name the names of the mentioned."""
    hanging = tuple(
        replace(each, name="") if each.kind == "forward" else each for each in message.attachments
    )
    return replace(message, author=replace(message.author, roles=()), revision=0, attachments=hanging)
