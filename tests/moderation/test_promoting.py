"""moderation/promoting.py: a pitch is moved to where offers are welcome, once, whatever happens on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from moderation.errors import Unavailable
from moderation.messages import Message
from moderation.notices import Answer, Reply
from moderation.policy import Policy
from moderation.ports import Button, DeliveryState, Press
from moderation.rulings import rule
from tests.factories import PITCH, a_charter
from tests.moderation.stage import BUSINESS, MODERATORS, WORK, Crash, Stage, a_card, name_of

OFFERS = "C4"
TEXT = "ten leads a day, dm me"


@pytest.fixture
async def stage() -> Stage:
    stage = Stage()
    stage.platform.add_channel(OFFERS, name="for-sale")
    stage.platform.add_member("max", moderator=True)
    await stage.govern(Policy())
    return stage


async def carded(stage: Stage, *channels: str) -> list[Message]:
    posts = [await stage.platform.post("ben", channel, TEXT) for channel in channels]
    stage.platform.guarded.add(TEXT)
    for number, post in enumerate(posts, 1):
        await stage.judged(post, PITCH)
        await stage.queue(a_card(posts[:number]))
    await stage.settle_now()
    return posts


def card(stage: Stage) -> str:
    return stage.platform.view(MODERATORS, "mona")[0].id


def told(stage: Stage) -> list[str]:
    return [note.text for note in stage.platform.world.notes if note.member == "ben"]


async def states(stage: Stage) -> list[DeliveryState]:
    async with stage.store.work() as work:
        return [each.state for each in await work.outbox.beginning(stage.community, "promote:")]


async def test_all_copies_become_one_post_there_and_the_author_is_told(stage: Stage) -> None:
    await carded(stage, WORK, BUSINESS)
    await stage.platform.press(card(stage), Button.PROMOTE, "mona")
    await stage.settle_now()
    assert stage.texts(OFFERS) == [TEXT]
    assert stage.platform.view(OFFERS, "ann")[0].author == "Ben"
    assert stage.texts(WORK) == stage.texts(BUSINESS) == []
    assert told(stage) == [
        "The moderators have moved a post of yours to #for-sale, where offers are at home. It stands there under your name."
    ]
    seen = stage.platform.view(MODERATORS, "mona")[0]
    assert seen.text.splitlines()[0].endswith("to be moved to where offers are welcome.")
    assert seen.labels == ()
    assert stage.platform.lost == []


async def test_it_is_offered_only_where_there_is_such_a_channel(stage: Stage) -> None:
    posts = await carded(stage, WORK)
    assert "To the offers" in stage.platform.view(MODERATORS, "mona")[0].labels
    plain = replace(a_charter(), channels=a_charter().channels[:3])
    async with stage.store.work() as work:
        await work.communities.publish(stage.community, plain, Policy(), stage.clock())
        await work.commit()
    subject = f"card:{name_of(posts[0])}"
    press = Press(stage.community, Button.PROMOTE, subject, "mona", stage.clock(), WORK, moderator=True)
    assert await rule(stage.store, press) == Answer(Reply.TOO_LATE)
    await stage.platform.press(card(stage), Button.NOT_NOW, "mona")
    await stage.settle_now()
    assert "To the offers" not in stage.platform.view(MODERATORS, "mona")[0].labels


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("commits", range(9))
async def test_dying_at_any_commit_changes_nothing(stage: Stage, commits: int, after: bool) -> None:
    await carded(stage, WORK, BUSINESS)
    await stage.platform.press(card(stage), Button.PROMOTE, "mona")
    stage.store.plan.left, stage.store.plan.after = commits, after
    for _ in range(3):
        try:
            await stage.settle_now()
        except Crash:
            stage.clock.pass_by(minutes=11)
    stage.clock.pass_by(minutes=11)
    await stage.settle_now()
    assert stage.texts(OFFERS) == [TEXT]
    assert stage.texts(WORK) == stage.texts(BUSINESS) == []
    assert len(set(told(stage))) <= 1
    assert stage.platform.lost == []


async def test_an_edit_before_it_is_done_wins(stage: Stage) -> None:
    (post,) = await carded(stage, WORK)
    await stage.platform.press(card(stage), Button.PROMOTE, "mona")
    stage.platform.guarded.clear()
    await stage.platform.edit(WORK, post.key.message, "which glue for oak?")
    await stage.settle()
    assert stage.texts(WORK) == ["which glue for oak?"]
    assert stage.texts(OFFERS) == []


async def test_an_edit_after_the_copy_wins_too(stage: Stage) -> None:
    (post,) = await carded(stage, WORK)
    await stage.platform.press(card(stage), Button.PROMOTE, "mona")
    stage.platform.guarded.clear()
    stage.platform.troubles.fail_next("remove", Unavailable("busy"))
    await stage.deliver()
    assert stage.texts(OFFERS) == [TEXT]
    await stage.platform.edit(WORK, post.key.message, "which glue for oak?")
    await stage.settle()
    assert stage.texts(WORK) == ["which glue for oak?"]
    assert stage.texts(OFFERS) == []


async def test_an_author_who_deletes_in_between_wins(stage: Stage) -> None:
    (post,) = await carded(stage, WORK)
    stage.platform.guarded.clear()
    await stage.platform.press(card(stage), Button.PROMOTE, "mona")
    await stage.platform.delete(WORK, post.key.message)
    await stage.settle_now()
    assert stage.texts(OFFERS) == []
    assert await states(stage) == [DeliveryState.GONE]
    assert told(stage) == []


async def test_without_the_permission_everything_stays_and_can_be_ruled_again(stage: Stage) -> None:
    await carded(stage, WORK)
    stage.platform.troubles.forbid(WORK, "Manage Messages", "remove")
    await stage.platform.press(card(stage), Button.PROMOTE, "mona")
    await stage.settle()
    assert stage.texts(WORK) == [TEXT]
    assert stage.texts(OFFERS) == []
    assert told(stage) == []
    assert any("Manage Messages is missing" in text for text in stage.texts(MODERATORS, "mona"))
    assert "Remove and explain" in stage.platform.view(MODERATORS, "mona")[0].labels
    stage.platform.troubles.clear()
    await stage.platform.press(card(stage), Button.PROMOTE, "mona")
    await stage.settle()
    assert stage.texts(OFFERS) == [TEXT]
    assert stage.texts(WORK) == []


async def test_a_place_that_others_can_read_is_none(stage: Stage) -> None:
    await carded(stage, WORK)
    stage.platform.world.rooms[OFFERS] = replace(stage.platform.world.rooms[OFFERS], for_moderators=True)
    await stage.platform.press(card(stage), Button.PROMOTE, "mona")
    await stage.settle()
    assert stage.texts(WORK) == [TEXT]
    assert any("Equal access" in text for text in stage.texts(MODERATORS, "mona"))


async def test_of_two_rulings_at_once_the_first_is_done(stage: Stage) -> None:
    await carded(stage, WORK)
    await stage.platform.press(card(stage), Button.PROMOTE, "mona")
    await stage.platform.press(card(stage), Button.REMOVE, "max")
    await stage.settle_now()
    assert stage.texts(OFFERS) == [TEXT]
    assert len(told(stage)) == 1
    assert "@Max: to be removed" in stage.texts(MODERATORS, "mona")[0]


async def test_what_was_given_up_leaves_no_copy(stage: Stage) -> None:
    await carded(stage, WORK)
    await stage.platform.press(card(stage), Button.PROMOTE, "mona")
    for _ in range(4):
        stage.platform.troubles.fail_next("remove", Unavailable("busy"))
    await stage.settle()
    assert stage.texts(WORK) == [TEXT]
    assert stage.texts(OFFERS) == []
