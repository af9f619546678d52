"""bot/office/telling.py: one person's word is kept, two people's is shown, and nothing is done by itself."""

from __future__ import annotations

from datetime import timedelta

from bot.office.choices import choose
from bot.office.setup import Wishes
from bot.office.telling import LONGEST, MOST, belongs_here, its_a_pitch, report
from moderation.actions import PitchCard
from moderation.decisions import Ruled
from moderation.report_actions import ShowReport
from moderation.retention import forget_texts
from tests.bot.office.house import ANN, BEN, CARA, MONA, OFFICE, PETE, WORK, House

OFFER = "Earn a thousand a week from home @everyone, write me for the promo code"


async def test_the_same_text_from_two_people_becomes_one_card(house: House) -> None:
    assert "as soon as a second person" in (await report(house.office, house.by(ANN), OFFER)).text
    assert "already from you" in (await report(house.office, house.by(ANN), OFFER.upper())).text
    await house.settle()
    assert house.seen(OFFICE) == []
    said = await report(house.office, house.by(BEN), f"  {OFFER.replace(' ', '  ')}!", "pete")
    assert "the moderators see it now" in said.text
    await house.settle()
    (card,) = house.seen(OFFICE)
    assert card.startswith("2 members told me of an offer that came to them as a private message")
    assert "write me for the promo code" in card
    assert "as they say: @Pete" in card
    assert "ann" not in card
    await report(house.office, house.by(CARA), OFFER)
    await house.settle()
    (card,) = house.seen(OFFICE)
    assert card.startswith("3 members")
    assert all(isinstance(each.action, ShowReport) for each in await house.outbox())


async def test_the_same_sender_is_the_same_pitch(house: House) -> None:
    await report(house.office, house.by(ANN), OFFER, "@Pete")
    await report(house.office, house.by(BEN), "quite another offer, but just as private", "pete")
    await house.settle()
    assert len(house.seen(OFFICE)) == 1


async def test_different_pitches_stay_apart(house: House) -> None:
    await report(house.office, house.by(ANN), OFFER)
    await report(house.office, house.by(BEN), "quite another offer, but just as private")
    assert await house.outbox() == []


async def test_after_a_week_nothing_is_left_of_it(house: House) -> None:
    await report(house.office, house.by(ANN), OFFER)
    await forget_texts(house.store, house.clock() + timedelta(days=7))
    assert "as soon as a second person" in (await report(house.office, house.by(BEN), OFFER)).text


async def test_what_is_no_report_is_said(house: House) -> None:
    assert "Paste the text" in (await report(house.office, house.by(ANN), "  ")).text
    assert "first 4000 characters" in (await report(house.office, house.by(ANN), "x" * (LONGEST + 1))).text
    for number in range(MOST):
        await report(house.office, house.by(ANN), f"offer number {number:03} of somebody who never stops")
    assert "You told me of many" in (await report(house.office, house.by(ANN), OFFER)).text


async def test_a_post_that_two_members_take_for_a_pitch(house: House) -> None:
    post = await house.post("pete", "my clamps are the best there are")
    where = (post.key.channel, post.key.message)
    assert "nothing about this post" in (await its_a_pitch(house.office, house.by(PETE), *where)).text
    await its_a_pitch(house.office, house.by(ANN), *where)
    await its_a_pitch(house.office, house.by(ANN), *where)
    assert await house.outbox() == []
    await its_a_pitch(house.office, house.by(BEN), *where)
    await house.settle()
    (card,) = house.seen(OFFICE)
    assert card.startswith("2 members told me of a post in #workshop")


async def test_a_post_of_a_channel_that_is_not_read(house: House) -> None:
    for actor in (ANN, BEN):
        await its_a_pitch(house.office, house.by(actor), "C77", "4711", "the best clamps there are", "pete")
    await house.settle()
    assert "the best clamps" in house.seen(OFFICE)[0]


async def test_a_moderator_makes_a_card_of_it(house: House) -> None:
    post = await house.post("pete", "my clamps are the best there are")
    where = (post.key.channel, post.key.message)
    assert "on the way" in (await its_a_pitch(house.office, house.by(MONA), *where)).text
    await house.settle()
    assert "my clamps are the best there are" in house.seen(OFFICE)[0]
    assert "There is a card of it already" in (await its_a_pitch(house.office, house.by(MONA), *where)).text
    assert "no text of this message" in (await its_a_pitch(house.office, house.by(MONA), WORK, "4711")).text
    assert "Thank you, noted." in (await belongs_here(house.office, house.by(MONA), *where)).text
    async with house.store.work() as work:
        (ruling,) = await work.rulings.of(house.community, f"card:{post.key.name}")
    assert ruling.what is Ruled.FINE
    assert isinstance((await house.outbox())[0].action, PitchCard)


async def test_it_belongs_here_answers_the_nudge(house: House) -> None:
    await house.set_up(Wishes(mode="nudge"))
    talk = await house.talk()
    house.clock.pass_by(minutes=3)
    await house.settle()
    where = (talk[3].key.channel, talk[3].key.message)
    assert (
        "the moderators will see what you say"
        in (await belongs_here(house.office, house.by(ANN), *where)).text
    )
    await house.settle()
    assert "says that the talk in #workshop belongs there" in house.seen(OFFICE)[0]


async def test_where_nothing_was_said_nothing_follows(house: House) -> None:
    post = await house.post("ann", "which glue for timber?")
    where = (post.key.channel, post.key.message)
    said = await belongs_here(house.office, house.by(ANN), *where)
    assert "I said nothing about this post" in said.text
    assert said.choices == ()
    assert "I took it so, too" in (await belongs_here(house.office, house.by(MONA), *where)).text
    assert await house.outbox() == []


async def test_a_moderator_s_word_on_what_was_flagged_is_kept_and_may_become_an_example(house: House) -> None:
    post = await house.post("ann", "the cat of our workshop")
    said = await belongs_here(house.office, house.by(MONA), post.key.channel, post.key.message)
    assert "and was wrong" in said.text
    async with house.store.work() as work:
        (ruling,) = await work.rulings.of(house.community, f"message:{post.key.name}")
    assert (ruling.what, ruling.moderator) == (Ruled.BELONGS_HERE, True)
    proposed = await house.choose(MONA, said, "Keep it as an example")
    await house.choose(MONA, proposed, "Publish")
    (example,) = (await house.rules())[0].examples
    assert (example.label, example.text, example.channel) == (
        "on_topic",
        "the cat of our workshop",
        "workshop",
    )
    async with house.store.work() as work:
        await work.communities.erase_member(house.community, "ann")
        assert await work.rulings.of(house.community, f"message:{post.key.name}") == []


async def test_tokens_that_nobody_knows_are_answered_kindly(house: House) -> None:
    for token in ("", "nonsense", "ask:", "ask:right:no", "author:remove:now:pete", "author:", "undo:", "undo:x", "review:x",
                  "review:²", "talk:x", "example:x", "publish:x", "move:", "next:"):  # fmt: skip
        for actor in (MONA, ANN):
            assert (await choose(house.office, house.by(actor), token)).text
