"""moderation/rulings.py: what follows from a press, and what each person may decide."""

from __future__ import annotations

import pytest

from bot.playground.world import What
from moderation.actions import NudgeAuthor, RemovePitch
from moderation.decisions import Ruled, Ruling
from moderation.errors import Unavailable
from moderation.messages import Message
from moderation.move_actions import MoveStretch
from moderation.notices import Answer, Reply
from moderation.policy import Policy
from moderation.ports import Button, DeliveryState, Press
from moderation.rulings import rule
from tests.factories import PITCH
from tests.moderation.stage import (
    BUSINESS,
    MODERATORS,
    SOCIAL,
    WORK,
    Stage,
    a_card,
    a_move,
    a_nudge,
    name_of,
    stretch_of,
)

LINES = (("ann", "my cat ate the sandpaper"), ("ben", "ha, mine eats glue"), ("ann", "what a pair"))


@pytest.fixture
def stage() -> Stage:
    return Stage()


def press(
    stage: Stage, button: Button, subject: str, member: str = "ann", *, moderator: bool = False
) -> Press:
    return Press(stage.community, button, subject, member, stage.clock(), WORK, moderator)


async def nudged(stage: Stage, *, offer: bool = True) -> tuple[list[Message], str]:
    """A talk that was spoken to; returns it and the id of the nudge."""
    talk = await stage.talk(*LINES)
    nudge = a_nudge(talk, offer=offer)
    await stage.queue(nudge)
    await stage.deliver()
    return talk, stage.found(nudge.marker)


async def carded(stage: Stage, *channels: str) -> tuple[list[Message], str]:
    """A pitch that moderators see; returns its posts and the id of the card."""
    posts = [await stage.platform.post("ben", channel, "ten leads a day, dm me") for channel in channels]
    for post in posts:
        await stage.judged(post, PITCH)
    for number in range(len(posts)):
        await stage.queue(a_card(posts[: number + 1]))
    await stage.settle()
    return posts, stage.found(f"card:{name_of(posts[0])}", MODERATORS)


async def rulings(stage: Stage, subject: str) -> list[Ruling]:
    async with stage.store.work() as work:
        return await work.rulings.of(stage.community, subject)


async def queued(stage: Stage, prefix: str) -> list[object]:
    async with stage.store.work() as work:
        return [each.action for each in await work.outbox.beginning(stage.community, prefix)]


def told(stage: Stage, member: str) -> list[str]:
    return [note.text for note in stage.platform.world.notes if note.member == member]


# --- consent ---------------------------------------------------------------------------------------------------


async def test_consent_moves_ones_own_posts_and_nobody_elses(stage: Stage) -> None:
    talk, nudge = await nudged(stage)
    await stage.platform.press(nudge, Button.MOVE_MINE, "ann")
    own = (talk[0].key.message, talk[2].key.message)
    assert await queued(stage, "move:") == [MoveStretch(stretch_of(talk), SOCIAL, own, ("ann",), "ann", 1)]
    assert told(stage, "ann") == ["On the way to #teabreak. You can bring it back for 7 days."]


async def test_posts_that_joined_the_talk_since_go_along(stage: Stage) -> None:
    talk, nudge = await nudged(stage)
    for who in ("ann", "ben"):
        later = await stage.platform.post(who, WORK, "one more cat thing")
        await stage.judged(later, stretch=stretch_of(talk))
    await stage.platform.press(nudge, Button.MOVE_MINE, "ann")
    await stage.settle()
    assert stage.texts(SOCIAL)[1:] == ["my cat ate the sandpaper", "what a pair", "one more cat thing"]


async def test_two_presses_are_one_consent(stage: Stage) -> None:
    _, nudge = await nudged(stage)
    await stage.platform.press(nudge, Button.MOVE_MINE, "ann")
    await stage.platform.press(nudge, Button.MOVE_MINE, "ann")
    assert len(await queued(stage, "move:")) == 1
    await stage.settle()
    await stage.platform.press(nudge, Button.MOVE_MINE, "ann")
    assert told(stage, "ann")[-1] == "There is no post of yours for this button, so nothing changes."


async def test_who_has_no_post_in_the_talk_moves_nothing(stage: Stage) -> None:
    _, nudge = await nudged(stage)
    await stage.platform.press(nudge, Button.MOVE_MINE, "cara")
    assert await queued(stage, "move:") == []
    assert told(stage, "cara") == ["There is no post of yours for this button, so nothing changes."]


async def test_a_move_that_was_lost_can_be_asked_for_again(stage: Stage) -> None:
    talk, nudge = await nudged(stage)
    move = a_move(talk, "ann")
    stage.platform.troubles.forbid(SOCIAL, "Manage Webhooks", "copy")
    await stage.platform.press(nudge, Button.MOVE_MINE, "ann")
    await stage.settle()
    assert (await stage.delivery(move.marker)).state is DeliveryState.REFUSED
    await stage.platform.press(nudge, Button.MOVE_MINE, "ann")
    assert (await stage.delivery(move.marker)).state is DeliveryState.WAITING


async def test_an_unknown_nudge_is_answered_kindly(stage: Stage) -> None:
    for button in (Button.MOVE_MINE, Button.BELONGS_HERE):
        assert await rule(stage.store, press(stage, button, "nudge:C1/9")) == Answer(Reply.TOO_LATE)


# --- objection, question, silence ------------------------------------------------------------------------------


async def test_it_belongs_here_is_kept_as_volunteered_and_shown_once(stage: Stage) -> None:
    talk, nudge = await nudged(stage)
    subject = a_nudge(talk).marker
    for member in ("ann", "ann", "ben"):
        await stage.platform.press(nudge, Button.BELONGS_HERE, member)
    await stage.settle()
    kept = await rulings(stage, subject)
    assert [(each.what, each.by, each.drawn) for each in kept] == [
        (Ruled.BELONGS_HERE, "ann", False),
        (Ruled.BELONGS_HERE, "ben", False),
    ]
    assert stage.texts(MODERATORS, "mona") == ["@Ann says that the talk in #workshop belongs there."]
    assert stage.count(What.CARD_RENEWED) == 0


async def test_only_those_who_were_spoken_to_object(stage: Stage) -> None:
    talk, nudge = await nudged(stage)
    await stage.platform.press(nudge, Button.BELONGS_HERE, "cara")
    assert await rulings(stage, a_nudge(talk).marker) == []
    await stage.platform.press(nudge, Button.BELONGS_HERE, "mona")
    assert [each.moderator for each in await rulings(stage, a_nudge(talk).marker)] == [True]


async def test_the_author_of_a_lone_post_may_object(stage: Stage) -> None:
    post = (await stage.talk(LINES[0]))[0]
    lone = NudgeAuthor("ann", post.key.message, SOCIAL)
    await stage.queue(lone)
    await stage.deliver()
    await stage.platform.press(stage.platform.world.notes[0].id, Button.BELONGS_HERE, "ann")
    assert [each.by for each in await rulings(stage, lone.marker)] == ["ann"]


async def test_why_tells_the_reasons_privately(stage: Stage) -> None:
    talk, nudge = await nudged(stage)
    await stage.judged(talk[-1], stretch=stretch_of(talk), reasons=["3 casual posts by 2 people"])
    await stage.platform.press(nudge, Button.WHY, "cara")
    assert told(stage, "cara") == [
        "This is what I went by:\n• looks like chatter\n• 3 casual posts by 2 people"
    ]
    assert stage.texts(WORK, "ben")[-1].startswith("This talk has")


async def test_why_says_so_when_the_reasons_are_forgotten(stage: Stage) -> None:
    said = await rule(stage.store, press(stage, Button.WHY, "nudge:C1/9"))
    assert said == Answer(Reply.REASONS)


async def test_no_more_nudges_means_none(stage: Stage) -> None:
    _, nudge = await nudged(stage)
    await stage.platform.press(nudge, Button.NO_MORE, "ben")
    async with stage.store.work() as work:
        past = await work.decisions.past(stage.community, stage.clock())
    assert list(past.opted_out) == ["ben"]


# --- undo ------------------------------------------------------------------------------------------------------


async def moved(stage: Stage) -> tuple[MoveStretch, str]:
    talk = await stage.talk(*LINES)
    move = a_move(talk, "ann", "ben")
    await stage.queue(move)
    await stage.settle()
    return move, stage.found(f"{move.marker}:pointer")


async def test_an_author_takes_back_their_own(stage: Stage) -> None:
    _, pointer = await moved(stage)
    await stage.platform.press(pointer, Button.UNDO, "ben")
    await stage.settle()
    assert stage.texts(WORK, "cara")[-1] == "ha, mine eats glue"
    assert len(stage.texts(SOCIAL)) == 3
    assert told(stage, "ben") == ["On the way back to #workshop."]


async def test_a_moderator_takes_everything_back(stage: Stage) -> None:
    _, pointer = await moved(stage)
    await stage.platform.press(pointer, Button.UNDO, "mona")
    await stage.settle()
    assert stage.texts(WORK) == [text for _, text in LINES]
    assert stage.texts(SOCIAL) == []


async def test_after_an_authors_undo_a_moderator_takes_back_the_rest(stage: Stage) -> None:
    _, pointer = await moved(stage)
    await stage.platform.press(pointer, Button.UNDO, "ben")
    await stage.settle()
    await stage.platform.press(pointer, Button.UNDO, "mona")
    await stage.settle()
    assert sorted(stage.texts(WORK)) == sorted(text for _, text in LINES)


async def test_a_second_press_while_it_comes_back_is_answered_the_same(stage: Stage) -> None:
    _, pointer = await moved(stage)
    await stage.platform.press(pointer, Button.UNDO, "ann")
    stage.platform.troubles.fail_next("copy", Unavailable("busy"))
    await stage.deliver()
    await stage.platform.press(pointer, Button.UNDO, "ann")
    assert told(stage, "ann") == ["On the way back to #workshop."] * 2
    assert len(await queued(stage, "undo:")) == 1


async def test_others_take_nothing_back(stage: Stage) -> None:
    _, pointer = await moved(stage)
    await stage.platform.press(pointer, Button.UNDO, "cara")
    assert await queued(stage, "undo:") == []


async def test_after_a_week_it_is_too_late(stage: Stage) -> None:
    _, pointer = await moved(stage)
    stage.clock.pass_by(days=7)
    await stage.platform.press(pointer, Button.UNDO, "ann")
    assert await queued(stage, "undo:") == []
    assert told(stage, "ann") == ["That was too long ago: I no longer have what I would need."]


async def test_without_texts_it_is_too_late(stage: Stage) -> None:
    _, pointer = await moved(stage)
    async with stage.store.work() as work:
        stage.clock.pass_by(days=6, hours=12)
        await work.messages.forget_texts(stage.clock.at.replace(day=20))
        await work.commit()
    await stage.platform.press(pointer, Button.UNDO, "ann")
    assert await queued(stage, "undo:") == []


# --- moderators ------------------------------------------------------------------------------------------------


async def test_removing_is_up_to_moderators(stage: Stage) -> None:
    posts, _ = await carded(stage, WORK)
    subject = f"card:{name_of(posts[0])}"
    for button in (Button.REMOVE, Button.FINE, Button.NOT_NOW):
        assert await rule(stage.store, press(stage, button, subject)) == Answer(Reply.MODERATORS_ONLY)
    assert await rulings(stage, subject) == []


async def test_a_moderator_by_policy_is_one(stage: Stage) -> None:
    posts, _ = await carded(stage, WORK)
    await stage.govern(Policy(moderators=("ann",)))
    said = await rule(stage.store, press(stage, Button.FINE, f"card:{name_of(posts[0])}"))
    assert said == Answer(Reply.RULED)


async def test_a_removal_takes_all_copies_and_the_card_says_so(stage: Stage) -> None:
    posts, card = await carded(stage, WORK, BUSINESS)
    await stage.platform.press(card, Button.REMOVE, "mona")
    await stage.settle()
    assert stage.texts(WORK) == stage.texts(BUSINESS) == []
    assert "ten leads a day, dm me" in told(stage, "ben")[0]
    seen = stage.platform.view(MODERATORS, "mona")[0]
    assert "@Mona: to be removed" in seen.text
    assert seen.labels == ()
    assert [each.what for each in await rulings(stage, f"card:{name_of(posts[0])}")] == [Ruled.REMOVE]


async def test_two_moderators_at_once_remove_once_and_see_each_other(stage: Stage) -> None:
    stage.platform.add_member("max", moderator=True)
    _, card = await carded(stage, WORK)
    await stage.platform.press(card, Button.REMOVE, "mona")
    await stage.platform.press(card, Button.REMOVE, "max")
    await stage.settle()
    assert len(await queued(stage, "remove:")) == 1
    text = stage.texts(MODERATORS, "mona")[0]
    assert "@Mona: to be removed" in text
    assert "@Max: to be removed" in text
    assert len(told(stage, "ben")) == 1


async def test_a_copy_after_the_removal_can_be_removed_too(stage: Stage) -> None:
    posts, card = await carded(stage, WORK)
    await stage.platform.press(card, Button.REMOVE, "mona")
    await stage.settle()
    posts.append(await stage.platform.post("ben", BUSINESS, "ten leads a day, dm me"))
    await stage.queue(a_card(posts), BUSINESS)
    await stage.settle()
    assert len(stage.platform.view(MODERATORS, "mona")[0].labels) == 4
    await stage.platform.press(card, Button.REMOVE, "mona")
    await stage.settle()
    assert stage.texts(BUSINESS) == []
    assert stage.platform.view(MODERATORS, "mona")[0].labels == ()


async def test_fine_leaves_the_post_and_lets_a_moderator_think_again(stage: Stage) -> None:
    posts, card = await carded(stage, WORK)
    await stage.platform.press(card, Button.FINE, "mona")
    await stage.settle()
    assert stage.texts(WORK) == ["ten leads a day, dm me"]
    assert stage.platform.view(MODERATORS, "mona")[0].labels == ("Remove and explain",)
    assert [each.what for each in await rulings(stage, f"card:{name_of(posts[0])}")] == [Ruled.FINE]


async def test_not_now_says_nothing_about_right_or_wrong(stage: Stage) -> None:
    posts, card = await carded(stage, WORK)
    await stage.platform.press(card, Button.NOT_NOW, "mona")
    await stage.settle()
    assert "@Mona: not now" in stage.texts(MODERATORS, "mona")[0]
    assert len(stage.platform.view(MODERATORS, "mona")[0].labels) == 4
    assert [each.what for each in await rulings(stage, f"card:{name_of(posts[0])}")] == [Ruled.NOT_NOW]


async def test_a_double_press_is_one_ruling(stage: Stage) -> None:
    posts, card = await carded(stage, WORK)
    await stage.platform.press(card, Button.FINE, "mona")
    again = press(stage, Button.FINE, f"card:{name_of(posts[0])}", "mona", moderator=True)
    await rule(stage.store, again)
    await rule(stage.store, again)
    assert len(await rulings(stage, f"card:{name_of(posts[0])}")) == 1


async def test_an_unknown_card_is_answered_kindly(stage: Stage) -> None:
    said = await rule(stage.store, press(stage, Button.REMOVE, "card:C1/9", "mona", moderator=True))
    assert said == Answer(Reply.TOO_LATE)
    assert [each for each in await queued(stage, "") if isinstance(each, RemovePitch)] == []
