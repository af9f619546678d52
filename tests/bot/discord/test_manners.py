"""Manners on Discord, through the real client: floods, limits, missing permissions, mentions, reasons, the log, AutoMod."""

from __future__ import annotations

from collections.abc import AsyncIterator
from time import monotonic

import pytest

from bot.office.backlog import open_cards
from moderation.policy import CARDS_AN_HOUR, Caps
from moderation.ports import Button, DeliveryState
from tests.bot.discord.test_pitches import with_offers
from tests.bot.discord.town import PITCH, Town, a_town
from tests.fakes.discord.requests import Request

SAY = ("POST", "/channels/{channel_id}/messages")
CHANGE = ("PATCH", "/channels/{channel_id}/messages/{message_id}")
DELETE = ("DELETE", "/channels/{channel_id}/messages/{message_id}")
HISTORY = ("GET", "/channels/{channel_id}/messages")
MANAGE_MESSAGES, SEND_MESSAGES, READ_HISTORY = 1 << 13, 1 << 11, 1 << 16
BLOCKED = "Message was blocked by automatic moderation"
EVERYONE = "@everyone @here dm me for a discount"


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with a_town() as town:
        yield town


def asked(town: Town, route: tuple[str, str], channel: str) -> list[Request]:
    return [each for each in town.server.requests.to(*route) if town.channels[channel].id in each.path]


def take_away(town: Town, channel: str, permission: int) -> None:
    bot = town.server.people.bot(town.guild)
    town.server.people.set_permissions(town.channels[channel], bot, deny=permission)


async def states(town: Town, prefix: str) -> list[DeliveryState]:
    async with town.store.work() as work:
        return [each.state for each in await work.outbox.beginning(town.community, prefix)]


def word_for(number: int) -> str:
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


# --- floods -------------------------------------------------------------------------------------------------------


async def test_a_thousand_different_pitches_make_a_few_cards_and_lose_none(town: Town) -> None:
    for number in range(1_000):
        word = word_for(number)
        town.post("pete", ("workshop", "business")[number % 2], f"offer {word}, a discount on {word}")
    await town.settle()
    assert len(asked(town, SAY, "moderators")) == CARDS_AN_HOUR
    await town.settle(minutes=2)
    cards = town.ours("moderators")
    assert len(cards) == CARDS_AN_HOUR + 1
    assert cards[-1].content == (
        "990 more pitches wait for a ruling, without a card of their own: /relevance review"
    )
    assert len(asked(town, CHANGE, "moderators")) <= 2
    async with town.store.work() as work:
        assert len(await open_cards(work, town.community)) == 1_000
    assert not await town.open_deliveries()


async def test_a_text_that_is_posted_often_is_one_card_and_goes_with_one_press(town: Town) -> None:
    often = 200
    for number in range(often):
        town.post("pete", ("workshop", "business")[number % 2], f"{PITCH}, and so on")
    await town.settle()
    await town.settle(minutes=2)
    (card,) = town.ours("moderators")
    assert f"The same text {often - 1} more times" in card.content
    assert len(asked(town, CHANGE, "moderators")) <= 6
    await town.press("mona", card, Button.REMOVE)
    gone = asked(town, DELETE, "workshop") + asked(town, DELETE, "business")
    assert len(gone) == often
    assert all(each.status == 204 and each.reason for each in gone)


async def test_a_flood_of_casual_posts_is_spoken_to_no_more_than_the_caps_allow(town: Town) -> None:
    for number in range(1_000):
        who = ("ann", "ben", "cara", "nora")[number % 4]
        town.post(who, ("workshop", "business")[number % 2], f"my cat {word_for(number)} haha")
    await town.settle(minutes=3)
    for channel in ("workshop", "business"):
        assert 1 <= len(town.ours(channel)) <= Caps().channel
    assert not await town.open_deliveries()


async def test_a_limit_is_waited_for(town: Town) -> None:
    town.server.troubles.limit_next(" ".join(SAY), 0.3)
    town.post("pete", "business", PITCH)
    began = monotonic()
    await town.settle()
    assert monotonic() - began >= 0.3
    assert [each.status for each in asked(town, SAY, "moderators")] == [429, 200]
    assert len(town.ours("moderators")) == 1


# --- permissions --------------------------------------------------------------------------------------------------


async def test_a_missing_permission_is_reported_once_by_its_name_and_not_tried(town: Town) -> None:
    take_away(town, "business", MANAGE_MESSAGES)
    for text in (PITCH, "earn with my coupon, a real offer"):
        town.post("pete", "business", text)
        await town.settle()
    cards = [post for post in town.ours("moderators") if post.components and "pitch" in post.content]
    for card in cards:
        await town.press("mona", card, Button.REMOVE)
    await town.settle(minutes=30)
    reports = [post.content for post in town.ours("moderators") if "could not act" in post.content]
    business = town.channels["business"].id
    assert len(reports) == 1
    assert reports[0].startswith(f"I could not act in <#{business}>: Manage Messages is missing.")
    assert asked(town, DELETE, "business") == []
    assert await states(town, "remove:") == [DeliveryState.REFUSED] * 2
    assert town.server.requests.refused() == []


async def test_a_refusal_that_could_not_be_foreseen_is_asked_for_once(town: Town) -> None:
    town.post("pete", "business", PITCH)
    await town.settle()
    town.server.troubles.fail_next(" ".join(DELETE), 403, 50013, times=99)
    await town.press("mona", town.ours("moderators")[0], Button.REMOVE)
    await town.settle(minutes=30)
    assert len(asked(town, DELETE, "business")) == 1
    assert sum("Manage Messages is missing" in post.content for post in town.ours("moderators")) == 1


@pytest.mark.parametrize("permission", [SEND_MESSAGES, READ_HISTORY])
async def test_moderators_who_cannot_be_told_are_not_told_a_hundred_times(
    town: Town, permission: int
) -> None:
    take_away(town, "moderators", permission)
    await town.settle()
    before = len(town.server.requests.all)
    for number in range(100):
        town.post("pete", "business", f"offer {word_for(number)}, a discount on {word_for(number)}")
    await town.settle()
    await town.settle(minutes=30)
    assert len(asked(town, SAY, "moderators")) == 0
    assert len(town.server.requests.all) - before <= 3
    assert town.server.requests.refused() == []
    assert not await town.open_deliveries()


# --- mentions -----------------------------------------------------------------------------------------------------


async def test_nothing_that_we_post_pings_a_crowd() -> None:
    async with a_town(set_up=False) as town:
        town.people["pete"].nick = "@everyone"
        await with_offers(town)
        everybody = f"{EVERYONE} <@&{town.guild.id}> <@{town.people['ann'].id}>"
        town.post("pete", "business", everybody)
        town.post("pete", "workshop", f"{everybody} again")
        await town.settle()
        first, second = town.ours("moderators")
        await town.press("mona", first, Button.REMOVE)
        await town.press("mona", second, Button.PROMOTE)
        (copy,) = town.ours("offers")
        (note, *_) = town.server.people.direct_messages(town.people["pete"])
        assert "everyone" in copy.content
        assert "everyone" in note.content
        for post in (first, second, copy, note):
            assert not post.mention_everyone
            assert not post.mention_roles
            assert not post.mentions
        bodies = [each.body for each in town.server.requests.all if each.method in ("POST", "PATCH")]
        said = [body for body in bodies if isinstance(body, dict) and body.get("content")]
        assert said
        assert all(body["allowed_mentions"]["parse"] == [] for body in said)


# --- reasons and the log ------------------------------------------------------------------------------------------


async def test_every_deletion_says_why_in_the_audit_log(town: Town) -> None:
    town.talk()
    await town.settle(minutes=3)
    await town.press("ann", town.ours("workshop")[0], Button.MOVE_MINE)
    await town.settle()
    pointer = town.ours("workshop")[-1]
    await town.press("ann", pointer, Button.UNDO)
    town.post("pete", "business", PITCH)
    await town.settle(minutes=40)
    card = next(post for post in town.ours("moderators") if "pitch" in post.content)
    await town.press("mona", card, Button.REMOVE)
    deletions = [each for each in town.server.requests.all if each.method == "DELETE"]
    assert len(deletions) >= 5
    assert all(each.reason for each in deletions if "/messages/" in each.path)
    assert any(each.reason == f"ruled by {town.people['mona'].id}" for each in deletions)


# --- AutoMod ------------------------------------------------------------------------------------------------------


async def test_what_automod_blocks_of_ours_is_reported_and_not_tried_again(town: Town) -> None:
    workshop = town.channels["workshop"].id
    town.server.troubles.fail_next(
        f"POST /channels/{workshop}/messages", 400, 200000, message=BLOCKED, times=99
    )
    town.talk()
    await town.settle(minutes=3)
    await town.settle(minutes=5)
    assert await states(town, "nudge:") == [DeliveryState.REFUSED]
    assert len(asked(town, SAY, "workshop")) == 1
    (report,) = town.ours("moderators")
    assert report.content == (
        f"I could not act in <#{workshop}>: an exception for Steward's role in the server's AutoMod rules is missing. "
        f"Discord refused with 400 (200000): {BLOCKED}"
    )


async def test_a_card_that_automod_blocks_waits_in_the_backlog(town: Town) -> None:
    moderators = town.channels["moderators"].id
    town.server.troubles.fail_next(f"POST /channels/{moderators}/messages", 400, 200000)
    town.post("pete", "business", PITCH)
    await town.settle()
    (report,) = town.ours("moderators")
    assert "an exception for Steward's role in the server's AutoMod rules is missing" in report.content
    async with town.store.work() as work:
        assert len(await open_cards(work, town.community)) == 1
