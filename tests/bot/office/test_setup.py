"""bot/office/setup.py: what is given is set, the rest stays, and what cannot be is said."""

from __future__ import annotations

import pytest

from bot.office.rules import channel_among
from bot.office.setup import Wishes, honest_line
from bot.office.status import status
from bot.wording import LANGUAGES
from moderation.charter import Charter
from moderation.errors import BadInput
from moderation.messages import Channel
from moderation.policy import Mode, Policy
from moderation.promise import Promise
from tests.bot.office.house import ANN, MONA, PURPOSE, SOCIAL, House

FIRST = Wishes(purpose=PURPOSE, social="teabreak", moderators="#office")


async def test_it_publishes_at_once_in_observe_and_says_what_comes_next() -> None:
    house = House()
    said = await house.set_up(FIRST)
    charter, policy = await house.rules()
    assert (charter.name, charter.purpose, charter.draft) == ("Bench & Plane", PURPOSE, False)
    assert charter.social_channel is not None
    assert charter.social_channel.id == SOCIAL
    assert [entry.name for entry in charter.channels if entry.watched] == ["teabreak", "workshop", "business"]
    assert charter.channel("C1") is not None
    assert charter.channels[1].purpose == "jobs, timber and machines"
    assert (policy.mode, policy.moderators_channel) == (Mode.OBSERVE, "C9")
    assert "Casual talk is at home in #teabreak" in said.text
    assert "Read: #workshop and #business" in said.text
    assert "/relevance promise" in said.text
    message = await house.post("ann", "which glue for timber?")
    async with house.store.work() as work:
        assert await work.decisions.get(message.key) is not None


async def test_a_second_setup_changes_only_what_is_given() -> None:
    house = House()
    await house.set_up(FIRST)
    before, _ = await house.rules()
    said = await house.set_up(Wishes(mode="Offer", promise=str(Promise())))
    charter, policy = await house.rules()
    assert charter == before
    assert (policy.mode, policy.promise, policy.moderators_channel) == (Mode.OFFER, str(Promise()), "C9")
    assert "changed" in said.text


async def test_the_same_social_channel_again_changes_nothing_that_evidence_hangs_on() -> None:
    house = House()
    await house.set_up(FIRST)
    await house.set_up(Wishes(watched=("C2", SOCIAL)))
    before, _ = await house.rules()
    await house.set_up(Wishes(social=SOCIAL))
    after, _ = await house.rules()
    assert after.version == before.version


def test_a_channel_that_is_told_twice_is_one() -> None:
    twice = [Channel("C1", "workshop"), Channel("C2", "business"), Channel("C1", "Workshop")]
    assert channel_among(twice, "#workshop").id == "C1"
    with pytest.raises(BadInput, match="2 channels"):
        channel_among([*twice, Channel("C7", "workshop")], "workshop")


async def test_only_chosen_channels_are_read_and_the_social_one() -> None:
    house = House()
    await house.set_up(FIRST)
    await house.set_up(Wishes(watched=("C2",)))
    charter, _ = await house.rules()
    assert {entry.name for entry in charter.channels if entry.watched} == {"business", "teabreak"}


@pytest.mark.parametrize(
    "wishes, why",
    [
        (Wishes(purpose=PURPOSE, social="office", moderators="office"), "cannot be both"),
        (Wishes(purpose=PURPOSE), "Name the channel that only moderators see"),
        (Wishes(moderators="offise"), "Did you mean #office?"),
        (Wishes(moderators="office", social="nowhere"), "There is no channel #nowhere"),
        (Wishes(moderators="office", mode="loud"), "is no mode: write observe, nudge, offer, move"),
        (Wishes(moderators="office", promise="never wrong"), "is no promise: write"),
        (Wishes(moderators="office", language="klingon"), "is no language that I know"),
        (Wishes(moderators="office", mode="move"), 'typing "move whole talks"'),
        (Wishes(moderators="office", purpose="x" * 3000), "purpose"),
    ],
)
async def test_what_cannot_be_is_said_in_a_sentence_and_nothing_is_set(wishes: Wishes, why: str) -> None:
    house = House()
    said = await house.set_up(wishes)
    assert why in said.text
    assert await house.office.known_rules(house.community) is None


async def test_the_social_channel_may_not_become_the_moderators_one() -> None:
    house = House()
    await house.set_up(FIRST)
    assert "cannot be both" in (await house.set_up(Wishes(moderators="teabreak"))).text
    assert (await house.rules())[1].moderators_channel == "C9"


@pytest.mark.parametrize(
    "wishes",
    [Wishes(mode="move", confirmation="Move whole talks"), Wishes(mode="move", promise=str(Promise()))],
)
async def test_mode_move_needs_a_promise_or_a_typed_word(wishes: Wishes) -> None:
    house = House()
    await house.set_up(FIRST)
    await house.set_up(wishes)
    assert (await house.rules())[1].mode is Mode.MOVE
    assert "changed" in (await house.set_up(Wishes(purpose="Another purpose of the community"))).text


async def test_without_a_purpose_it_is_guessed_and_said_so() -> None:
    house = House()
    said = await house.set_up(Wishes(moderators="office", language="German"))
    charter, _ = await house.rules()
    assert charter.draft
    assert "guessed from your channels" in said.text
    assert charter.languages == ("de",)


async def test_members_cannot_set_up() -> None:
    house = House()
    said = await house.set_up(FIRST, ANN)
    assert "for the moderators" in said.text
    assert await house.office.known_rules(house.community) is None
    assert "not set up here yet" in (await status(house.office, house.by(MONA))).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_line_that_says_that_a_machine_reads_along(language: str) -> None:
    line = honest_line(Charter("x", "y", languages=(language,)), Policy(retention_days=3))
    assert "Steward" in line
    assert "3" in line
    assert "{" not in line
