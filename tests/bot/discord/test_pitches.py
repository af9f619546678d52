"""A pitch on Discord: its card and who looks at it, moving it to the offers, holding it, and own words; through the real client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from moderation.charter import ChannelCharter, Charter
from moderation.pitch_actions import HoldPitch
from moderation.policy import Mode, Policy
from moderation.ports import Button
from tests.bot.discord.town import PITCH, Town, a_town, a_town_charter, custom_ids
from tests.fakes.discord.entities import Message as Post


async def with_offers(town: Town, **policy: object) -> None:
    """Set up with a channel for offers and one for the log."""
    people = town.server.people
    only_for = [people.moderators(town.guild), people.bot(town.guild)]
    town.channels["log"] = people.create_channel(town.guild, "log", only_for=only_for)  # type: ignore[arg-type]
    offers = town.channels["offers"] = people.create_channel(town.guild, "offers")
    charter = a_town_charter(town.channels)
    entry = ChannelCharter("offers", "members' own offers", id=offers.id, promotion_welcome=True)
    rules = Policy(
        mode=Mode.OFFER,
        moderators_channel=town.channels["moderators"].id,
        log_channel=town.channels["log"].id,
        **policy,  # type: ignore[arg-type]  # fields of Policy
    )
    await town.pipeline.publish(
        town.community,
        replace(charter, channels=(*charter.channels, entry)),
        rules,
        town.server.world.now(),
    )


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with a_town(set_up=False) as town:
        await with_offers(town)
        yield town


async def rules(town: Town) -> tuple[Charter, Policy]:
    async with town.store.work() as work:
        found = await work.communities.current(town.community)
    assert found is not None
    return found


async def carded(town: Town) -> Post:
    town.post("pete", "business", PITCH)
    await town.settle()
    (card,) = town.ours("moderators")
    return card


def first_line(town: Town) -> str:
    return town.ours("moderators")[0].content.splitlines()[0]


async def test_the_first_line_says_how_it_stands_and_who_looks_at_it(town: Town) -> None:
    town.people["max"] = town.server.people.join(
        town.guild, "max", roles=[town.server.people.moderators(town.guild)]
    )
    card = await carded(town)
    assert first_line(town) == "Open."
    answer = await town.press("mona", card, Button.CLAIM)
    assert answer.content.startswith("Noted: the card says")
    await town.press("max", card, Button.CLAIM)
    both = f"Being looked at by <@{town.people['mona'].id}> and <@{town.people['max'].id}>"
    assert first_line(town).startswith(both)
    await town.press("max", card, Button.FINE)
    assert first_line(town).startswith(f"Ruled by <@{town.people['max'].id}> (")
    assert f"while <@{town.people['mona'].id}> looked at it" in town.ours("moderators")[0].content
    assert not town.ours("moderators")[0].mentions


async def test_a_claim_ends_by_itself(town: Town) -> None:
    await town.press("mona", await carded(town), Button.CLAIM)
    await town.settle(minutes=31)
    assert first_line(town) == "Open."


async def test_an_offer_is_moved_and_the_log_says_so(town: Town) -> None:
    card = await carded(town)
    await town.press("mona", card, Button.PROMOTE)
    assert PITCH not in town.texts("business")
    (copy,) = town.ours("offers")
    assert copy.author.name == "pete"
    assert PITCH in copy.content
    (note,) = town.server.people.direct_messages(town.people["pete"])
    assert f"moved a post of yours to <#{town.channels['offers'].id}>" in note.content
    assert first_line(town).startswith("Ruled by <@")
    assert custom_ids(town.ours("moderators")[0])[0].startswith("-:")
    lines = town.texts("log")
    assert any(f"Moving an offer by <@{town.people['pete'].id}>" in line for line in lines)


async def test_a_forum_for_offers_is_no_place_to_move_one_to() -> None:
    async with a_town(set_up=False) as town:
        await with_offers(town)
        charter, policy = await rules(town)
        forum = town.server.people.create_forum(town.guild, "showroom")
        entry = replace(charter.channels[-1], id=forum.id, name="showroom")
        other = replace(charter, channels=(*charter.channels[:-1], entry))
        await town.pipeline.publish(town.community, other, policy, town.server.world.now())
        await town.press("mona", await carded(town), Button.PROMOTE)
        assert PITCH in town.texts("business")
        assert "A text channel for offers is missing" in town.ours("moderators")[-1].content
        assert first_line(town).startswith("Open again")


async def test_a_removed_pitch_is_appealed_and_brought_back(town: Town) -> None:
    await town.press("mona", await carded(town), Button.REMOVE)
    (note,) = town.server.people.direct_messages(town.people["pete"])
    await town.server.people.press(
        town.people["pete"], note, next(each for each in custom_ids(note) if each.startswith("a"))
    )
    await town.settle()
    assert first_line(town).startswith("Appealed: its author asks you to look again.")
    appeal = town.ours("moderators")[-1]
    await town.press("mona", appeal, Button.RESTORE)
    assert first_line(town).startswith("Brought back (")
    assert any(PITCH in text for text in town.texts("business"))


async def test_a_held_pitch_is_away_and_comes_back_by_one_press(town: Town) -> None:
    post = town.post("pete", "business", PITCH)
    await town.settle()
    name = f"{town.channels['business'].id}/{post.id}"
    async with town.store.work() as work:
        hold = HoldPitch(name, name, 0, town.people["pete"].id)
        await work.outbox.add(town.community, town.channels["business"].id, hold, town.server.world.now())
        await work.commit()
    await town.settle()
    assert town.texts("business") == []
    assert first_line(town).startswith("Open. Its post is held until ")
    (note,) = town.server.people.direct_messages(town.people["pete"])
    assert "the moderators take a look first" in note.content
    await town.press("mona", town.ours("moderators")[0], Button.FINE)
    (back,) = town.ours("business")
    assert back.author.name == "pete"
    assert PITCH in back.content
    assert first_line(town).startswith("Brought back (")
    assert not await town.open_deliveries()


async def test_members_read_the_communitys_own_words() -> None:
    async with a_town(set_up=False) as town:
        own = (("stretch_offer", "The kettle is on in {channel}!"), ("press_why", "How come?"))
        await with_offers(town, wording=own)
        town.talk()
        await town.settle(minutes=3)
        (nudge,) = town.ours("workshop")
        assert nudge.content == f"The kettle is on in <#{town.channels['teabreak'].id}>!"
        labels = [item.get("label") for row in nudge.components for item in row["components"]]
        assert "How come?" in labels
