"""bot/office/own_words.py: a community's own lines are shown as they read, before anybody is told them."""

from __future__ import annotations

from dataclasses import replace

from bot.office.charters import charter_show, charter_text
from bot.office.telling import belongs_here
from moderation.charter_file import render
from moderation.promise import Promise
from tests.bot.office.house import ANN, MONA, WORK, House

OWN = (("stretch_offer", "The kettle is on in {channel}, @everyone"), ("welcome", "Hi {member}"))
READS = "• stretch_offer (to a talk, with the offer to move): The kettle is on in #teabreak, [everyone]"


async def publish(house: House, own: tuple[tuple[str, str], ...]) -> str:
    """Put own lines in force; what was shown before."""
    charter, policy = await house.rules()
    text = render(charter, replace(policy, wording=own)).encode()
    said = await charter_text(house.office, house.by(MONA), text)
    await house.choose(MONA, said, "Publish")
    return said.text


async def test_a_change_shows_how_each_line_reads(house: House) -> None:
    shown = await publish(house, OWN)
    assert "In your own words:" in shown
    assert READS in shown
    assert "• welcome (to a newcomer who said hello): Hi @mona" in shown
    assert (await house.rules())[1].wording == OWN


async def test_only_what_changes_is_shown_and_what_was_ours_again(house: House) -> None:
    await publish(house, OWN)
    shown = await publish(house, OWN[1:])
    assert "In your own words:" not in shown
    assert "In my words again:\n• stretch_offer (" in shown
    assert "welcome" not in shown


async def test_the_charter_is_shown_with_them(house: House) -> None:
    assert "In your own words" not in (await charter_show(house.office, house.by(MONA))).text
    await publish(house, OWN)
    assert READS in (await charter_show(house.office, house.by(MONA))).text


async def test_members_are_told_them(house: House) -> None:
    await publish(house, (("noted", "Thanks, friend."),))
    charter, policy = await house.rules()
    assert (await house.office.voice(house.community)).say("noted") == "Thanks, friend."
    posts = await house.talk()
    said = await belongs_here(house.office, house.by(ANN), WORK, posts[0].key.message)
    assert said.text == "I said nothing about this post, so it simply stays. Thank you for telling me."
    assert policy.wording
    assert charter.version == (await house.rules())[0].version


async def test_that_pitches_will_be_held_is_said(house: House) -> None:
    charter, policy = await house.rules()
    held = replace(policy, promise=str(Promise()), hold_pitches=True)
    said = await charter_text(house.office, house.by(MONA), render(charter, held).encode())
    assert "Pitches will be held only once your rulings show" in said.text
