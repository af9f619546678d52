"""bot/office/questions.py and backlog.py: one question after another, and the pitches of one author at once."""

from __future__ import annotations

from bot.office.backlog import review
from bot.office.questions import audit, calibrate
from bot.office.setup import Wishes
from moderation.actions import RemovePitch
from moderation.draws import Draw, Occasion
from moderation.promise import Promise
from tests.bot.office.house import ANN, MONA, OFFICE, House

PITCHES = ("buy ten leads a day from me, a real discount", "earn a thousand a week, write me for the promo")


async def drawn(house: House, *texts: str, occasion: Occasion = Occasion.FLAGGED) -> None:
    """Messages that were drawn, without asking the lot."""
    for text in texts:
        message = await house.post("ann", text)
        async with house.store.work() as work:
            decision = await work.decisions.get(message.key)
            assert decision is not None
            assert decision.verdict is not None
            stratum = "" if occasion is Occasion.FLAGGED else "below 10 %"
            draw = Draw(
                message.key, 0, occasion, decision.verdict.label, 0.96, 1.0, 1.0, house.clock(), "keyword-1",
                decision.charter_version, stratum,
            )  # fmt: skip
            await work.draws.add([draw])
            await work.commit()


async def rulings(house: House) -> list[tuple[str, str, bool]]:
    async with house.store.work() as work:
        every = [ruling async for ruling in work.rulings.all(house.community)]
    return [(ruling.by, ruling.what.value, ruling.drawn) for ruling in every]


async def test_calibrating_asks_one_after_another(house: House) -> None:
    await drawn(house, "my cat", "pizza @everyone")
    first = await calibrate(house.office, house.by(MONA))
    assert "my cat" in first.text
    assert "(2 to go)" in first.text
    assert all(len(each.token) <= 90 for each in first.choices)
    second = await house.choose(MONA, first, "Right")
    assert "pizza [everyone]" in second.text
    last = await house.choose(MONA, second, "Not right")
    assert "Nothing is drawn without a promise" in last.text
    assert await rulings(house) == [("mona", "chatter", True), ("mona", "fine", True)]


async def test_what_is_skipped_does_not_come_again_at_once(house: House) -> None:
    await house.set_up(Wishes(promise=str(Promise())))
    await drawn(house, "my cat")
    said = await house.choose(MONA, await calibrate(house.office, house.by(MONA)), "Not now")
    assert "No drawn message that was flagged waits" in said.text


async def test_the_audit_leads_nobody_and_ends_with_what_the_answers_say(house: House) -> None:
    await house.set_up(Wishes(promise=str(Promise())))
    await drawn(house, "which glue for timber?", occasion=Occasion.NOT_FLAGGED)
    first = await audit(house.office, house.by(MONA))
    assert "Does it belong there?" in first.text
    assert "96" not in first.text
    said = await house.choose(MONA, first, first.choices[0].label)
    assert "No drawn message that was not flagged waits" in said.text
    assert "What was missed" in said.text


async def test_members_cannot_answer_for_moderators(house: House) -> None:
    await drawn(house, "my cat")
    asked = await calibrate(house.office, house.by(MONA))
    assert "for the moderators" in (await house.choose(ANN, asked, "Right")).text
    assert "for the moderators" in (await calibrate(house.office, house.by(ANN))).text
    assert await rulings(house) == []


async def test_the_backlog_is_by_author_with_its_age(house: House) -> None:
    assert "No pitch waits" in (await review(house.office, house.by(MONA))).text
    for text in PITCHES:
        await house.post("pete", text)
    house.clock.pass_by(hours=5)
    await house.post("ben", "a sale: ten clamps for the price of nine")
    await house.settle()
    said = await review(house.office, house.by(MONA))
    assert said.text.startswith("3 pitches wait for a ruling, of 2 people; the oldest first:")
    assert "@pete: 2, the oldest for 5 hours" in said.text
    assert f"“{PITCHES[0]}”" in said.text
    assert "ten clamps" not in said.text
    assert all(len(each.token) <= 90 for each in said.choices)
    following = await house.choose(MONA, said, "Next author")
    assert "ten clamps" in following.text


async def test_all_of_one_author_at_once_but_nothing_that_was_not_shown(house: House) -> None:
    for text in PITCHES:
        await house.post("pete", text)
    await house.settle()
    said = await review(house.office, house.by(MONA))
    await house.post("pete", "a third offer, which nobody has seen yet")
    await house.settle()
    after = await house.choose(MONA, said, "Remove and explain (all 2)")
    assert after.text.startswith("Kept for 2 pitches of @pete.")
    assert "a third offer" in after.text
    removed = [each.action for each in await house.outbox() if isinstance(each.action, RemovePitch)]
    assert len(removed) == 2
    await house.settle()
    assert len(house.seen("C1")) == 1
    assert house.woken > 0


async def test_a_pitch_that_its_author_took_back_waits_no_more(house: House) -> None:
    post = await house.post("pete", PITCHES[0])
    await house.settle()
    await house.platform.delete(post.key.channel, post.key.message)
    assert "No pitch waits" in (await review(house.office, house.by(MONA))).text


async def test_drawn_questions_are_one_press_away(house: House) -> None:
    await drawn(house, "my cat")
    said = await review(house.office, house.by(MONA))
    assert "my cat" in (await house.choose(MONA, said, "Drawn questions (1)")).text
    assert house.seen(OFFICE) == []
