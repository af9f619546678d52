"""moderation/cards_shown.py and waiting.py: a flood of pitches makes a few cards and one line, and nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.office.backlog import open_cards
from bot.playground.world import What
from moderation.actions import PitchCard
from moderation.cards_shown import CardsShown
from moderation.pitch_actions import HoldPitch
from moderation.policy import CARDS_AN_HOUR, HOUR, MOST_COPIES, Leave, Mode, Policy, QuietHours, decide
from moderation.ports import Button, Press
from moderation.record import CardTold, Record, Told
from tests.bot.office.house import MONA, OFFICE, PETE, House
from tests.factories import MONDAY, PITCH, a_charter, a_message

MINUTE = timedelta(minutes=1)
PROMISED = Policy(mode=Mode.OFFER, hold_pitches=True, leave=Leave(holds_from=0.9))


def decided(policy: Policy, told: Told | None = None, copies: Sequence[str] = ("C1/00001",)) -> list[object]:
    record = Record(pitch=copies[0], copies=tuple(copies), told=told or Told())
    message = a_message(text="ten leads a day")
    return list(decide(message, PITCH, None, record, a_charter(), policy, MONDAY).actions)


def card_of(actions: Sequence[object]) -> PitchCard:
    (card,) = (each for each in actions if isinstance(each, PitchCard))
    return card


@pytest.mark.parametrize(
    "told, waits",
    [
        (Told(), False),
        (Told(many_cards_since=MONDAY - 59 * MINUTE), True),
        (Told(many_cards_since=MONDAY - HOUR), False),
        (Told(card=CardTold.SHOWN, many_cards_since=MONDAY), False),
        (Told(card=CardTold.WAITS), True),
    ],
)
def test_a_card_waits_where_an_hour_has_no_room_for_it(told: Told, waits: bool) -> None:
    assert card_of(decided(Policy(), told)).waits is waits


def test_a_card_names_the_latest_of_many_copies() -> None:
    copies = [f"C1/{number:05d}" for number in range(100)]
    assert card_of(decided(Policy(), copies=copies)).copies == tuple(copies[-MOST_COPIES:])


@given(st.lists(st.integers(0, 90), max_size=60))
def test_never_more_new_cards_in_an_hour(minutes: list[int]) -> None:
    known, shown = CardsShown(), []
    for number, minute in enumerate(sorted(minutes)):
        now, pitch = MONDAY + minute * MINUTE, f"C1/{number}"
        since = known.many_since
        waits = since is not None and now - since < HOUR
        known.note(PitchCard(pitch, pitch, "ben", drive_by=True, exchanges=0, waits=waits), now)
        shown += [] if waits else [now]
        assert known.told(pitch) is (CardTold.WAITS if waits else CardTold.SHOWN)
        assert sum(now - each < HOUR for each in shown) <= CARDS_AN_HOUR


# --- holding is decided, too --------------------------------------------------------------------------------------


def test_a_sure_pitch_is_held_under_a_kept_promise() -> None:
    assert decided(PROMISED)[1:] == [HoldPitch("C1/00001", "C1/00001", 0, "ann")]


@pytest.mark.parametrize(
    "policy",
    [
        Policy(mode=Mode.OFFER, leave=Leave(holds_from=0.9)),
        Policy(mode=Mode.OFFER, hold_pitches=True),
        Policy(mode=Mode.OFFER, hold_pitches=True, leave=Leave(holds_from=0.99)),
        Policy(mode=Mode.OBSERVE, hold_pitches=True, leave=Leave(holds_from=0.9)),
        Policy(mode=Mode.OFFER, hold_pitches=True, leave=Leave(holds_from=0.9), paused_until=MONDAY + HOUR),
        Policy(
            mode=Mode.OFFER,
            hold_pitches=True,
            leave=Leave(holds_from=0.9),
            quiet_hours=QuietHours(MONDAY.time(), (MONDAY + HOUR).time()),
        ),
    ],
)
def test_else_it_stays_visible(policy: Policy) -> None:
    assert len(decided(policy)) == 1


# --- a flood ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def house() -> House:
    house = House()
    await house.set_up()
    return house


async def flood(house: House, number: int) -> None:
    for each in range(number):
        word = "abcdefghij"[each // 10] + "klmnopqrst"[each % 10]
        await house.post("pete", f"offer {word}: a real discount for {word}")
    await house.settle()


async def test_a_flood_makes_a_few_cards_and_one_line_with_the_number(house: House) -> None:
    await flood(house, 40)
    house.clock.pass_by(minutes=1)
    await house.settle()
    line = house.seen(OFFICE)[-1]
    assert line == "30 more pitches wait for a ruling, without a card of their own: /relevance review"
    assert house.platform.world.count(What.CARD_SHOWN) == CARDS_AN_HOUR + 1
    async with house.store.work() as work:
        assert len(await open_cards(work, house.community)) == 40


async def test_ruling_on_what_waits_makes_no_new_card_and_the_line_counts_down(house: House) -> None:
    await flood(house, 12)
    house.clock.pass_by(minutes=1)
    await house.settle()
    async with house.store.work() as work:
        cards = await open_cards(work, house.community)
    for each in cards:
        press = Press(
            house.community, Button.REMOVE, f"card:{each.card.pitch}", MONA.id, house.clock(), OFFICE, True
        )
        await house.pipeline.rule(press)
    house.clock.pass_by(minutes=1)
    await house.settle()
    assert house.platform.world.count(What.CARD_SHOWN) == CARDS_AN_HOUR + 1
    assert house.seen(OFFICE)[-1].startswith("The pitches of a flood that waited here have all been ruled on")
    assert house.seen("C1", PETE.id) == [] or all("offer" not in text for text in house.seen("C1", "ann"))


async def test_an_hour_later_cards_are_shown_again(house: House) -> None:
    await flood(house, 12)
    house.clock.pass_by(hours=1)
    await house.post("pete", "one more offer: invest in zzz")
    await house.settle()
    assert any("invest in zzz" in text for text in house.seen(OFFICE))


async def test_a_restart_forgets_nothing_of_it(house: House) -> None:
    await flood(house, 11)
    await house.pipeline.forget_ledger(house.community)
    message = await house.post("pete", "one more offer: invest in zzz")
    async with house.store.work() as work:
        decision = await work.decisions.get(message.key)
    assert decision is not None
    assert card_of(decision.actions).waits
    assert not any("invest in zzz" in text for text in house.seen(OFFICE))


async def test_many_copies_of_one_text_change_the_card_once_a_minute(house: House) -> None:
    for _ in range(60):
        await house.post("pete", "a real discount for all of you out there")
    await house.settle()
    house.clock.pass_by(minutes=2)
    await house.settle()
    (card,) = (text for text in house.seen(OFFICE) if "discount" in text)
    assert "The same text 59 more times" in card
    assert house.platform.world.count(What.CARD_SHOWN) == 1
    assert house.platform.world.count(What.CARD_RENEWED) <= 15
