"""Setting up: by options or by form, with a look back, the honest line, and real verdicts at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.discord.commands import looking_back
from bot.discord.commands.machine_read import MARKER
from bot.discord.rendering import marker_of
from moderation.charter import Charter
from moderation.policy import Mode, Policy
from tests.bot.discord.asking import Shown, ask, press, submit
from tests.bot.discord.town import PITCH, Town, a_town
from tests.fakes.discord.entities import Message as Post
from tests.fakes.discord.permissions import BOT, Permission

PURPOSE = "Owners of joinery workshops talk about timber, machines and pricing."
READ_BY_A_PROGRAM = "are read by a program"


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with a_town(set_up=False) as town:
        yield town


async def rules(town: Town) -> tuple[Charter, Policy]:
    async with town.store.work() as work:
        found = await work.communities.current(town.community)
    assert found is not None
    return found


def lines(town: Town) -> list[Post]:
    """The posts which say that messages are read by a machine, wherever they stand."""
    posts = [post for name in town.channels for post in town.channels[name].in_order()]
    return [post for post in posts if READ_BY_A_PROGRAM in post.content]


async def set_up(town: Town, **more: object) -> Shown:
    options = {
        "purpose": PURPOSE,
        "social": town.channels["teabreak"],
        "moderators": town.channels["moderators"],
    }
    return await ask(town, "mona", "relevance setup", options | more)


async def test_it_works_at_once_and_only_watches(town: Town) -> None:
    answer = await set_up(town)
    charter, policy = await rules(town)
    assert charter.purpose == PURPOSE
    assert policy.mode is Mode.OBSERVE
    assert policy.moderators_channel == town.channels["moderators"].id
    social = charter.social_channel
    assert social is not None
    assert social.id == town.channels["teabreak"].id
    assert "It works from now on." in answer.text
    town.post("pete", "business", PITCH)
    await town.settle()
    assert any("discount" in post.content for post in town.ours("moderators"))


async def test_what_was_posted_of_late_is_read_and_shown(town: Town) -> None:
    town.talk()
    town.post("pete", "business", PITCH)
    answer = await set_up(town)
    assert "I have read 6 messages of the last 3 days." in answer.text
    assert "ten leads a day" in answer.text
    assert "cat" in answer.text
    assert answer.text.rstrip().endswith("only once your answers show that I may.")
    assert town.ours("workshop") == []


async def test_older_posts_are_left_alone_and_of_many_the_latest_are_read(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.post("ann", "workshop", "an old word about timber")
    town.server.world.advance(timedelta(days=4))
    for number in range(5):
        town.post("ann", "workshop", f"word {number} about timber")
    monkeypatch.setattr(looking_back, "MOST", 3)
    answer = await set_up(town)
    assert "I have read 3 messages" in answer.text
    assert "word 4" in answer.text
    assert "word 1" not in answer.text
    assert "an old word" not in answer.text


async def test_a_channel_that_cannot_be_read_back_is_named(town: Town) -> None:
    people = town.server.people
    bot = people.bot(town.guild)
    people.set_permissions(town.channels["business"], bot, deny=int(Permission.READ_MESSAGE_HISTORY))
    answer = await set_up(town)
    assert f"<#{town.channels['business'].id}> I could not read" in answer.text


async def test_the_honest_line_stands_once_and_can_be_pinned(town: Town) -> None:
    answer = await set_up(town)
    (line,) = lines(town)
    assert line.channel is town.channels["teabreak"]
    pinned = await press(town, "mona", answer, "Pin it")
    assert "It is pinned" in pinned.text
    assert line.pinned
    again = await set_up(town, mode="nudge")
    assert "Pin it" not in again.labels
    assert lines(town) == [line]


async def test_the_line_is_found_by_its_pin_when_it_is_old(town: Town) -> None:
    await press(town, "mona", await set_up(town), "Pin it")
    town.server.world.advance(timedelta(days=30))
    town.client.platform.markers._known.clear()
    await set_up(town, mode="nudge")
    assert len(lines(town)) == 1


async def test_the_line_carries_a_marker(town: Town) -> None:
    await set_up(town)
    (line,) = lines(town)
    channel = town.client.get_channel(int(line.channel.id))
    found = await channel.fetch_message(int(line.id))  # type: ignore[union-attr]
    assert marker_of(found) == MARKER


async def test_the_line_says_what_is_true_by_now(town: Town) -> None:
    await set_up(town)
    charter, policy = await rules(town)
    changed = Policy(mode=policy.mode, moderators_channel=policy.moderators_channel, retention_days=2)
    await town.pipeline.publish(town.community, charter, changed, town.server.world.now())
    await set_up(town, mode="nudge")
    (line,) = lines(town)
    assert "2 days" in line.content


@pytest.mark.parametrize(
    "missing, name",
    [(Permission.SEND_MESSAGES, "Send Messages"), (Permission.READ_MESSAGE_HISTORY, "Read Message History")],
)
async def test_where_the_line_cannot_be_posted_people_are_asked_to(
    town: Town, missing: Permission, name: str
) -> None:
    town.talk()
    people = town.server.people
    people.set_permissions(town.channels["teabreak"], people.bot(town.guild), deny=int(missing))
    answer = await set_up(town)
    assert name in answer.text
    assert READ_BY_A_PROGRAM in answer.text
    assert not lines(town)
    assert "I have read 5 messages" in answer.text


async def test_where_no_channel_is_read_people_are_asked_to_post_it(town: Town) -> None:
    for name in ("workshop", "business", "teabreak"):
        town.server.people.delete_channel(town.channels.pop(name))
    forum = town.server.people.create_forum(town.guild, "projects")
    options = {"purpose": PURPOSE, "moderators": town.channels["moderators"]}
    await ask(town, "mona", "relevance setup", options, channel="moderators")
    assert not lines(town)
    assert (await rules(town))[0].is_watched(forum.id)


async def test_without_the_permission_to_pin_its_name_is_told(town: Town) -> None:
    town.server.people.set_bot_permissions(town.guild, int(BOT & ~Permission.PIN_MESSAGES))
    answer = await press(town, "mona", await set_up(town), "Pin it")
    assert "Pin Messages" in answer.text


async def test_members_cannot_pin(town: Town) -> None:
    answer = await set_up(town)
    town.server.people.take_role(town.people["mona"], town.server.people.moderators(town.guild))
    refused = await press(town, "mona", answer, "Pin it")
    assert "for the moderators" in refused.text
    assert not lines(town)[0].pinned


async def test_a_channel_that_we_cannot_see_is_named(town: Town) -> None:
    hidden = town.server.people.create_channel(
        town.guild, "secret", only_for=[town.server.people.moderators(town.guild)]
    )
    answer = await set_up(town, moderators=hidden)
    assert "I cannot see #secret" in answer.text


async def test_what_is_wrong_is_said_and_nothing_follows(town: Town) -> None:
    answer = await ask(town, "mona", "relevance setup", {"purpose": PURPOSE})
    assert "Name the channel that only moderators see" in answer.text
    assert len(answer.posts) == 1
    assert not lines(town)


# --- the form -----------------------------------------------------------------------------------------------------


async def test_the_form_sets_up(town: Town) -> None:
    asked = await ask(town, "mona", "relevance setup")
    assert set(asked.fields) == {"purpose", "social", "moderators", "mode", "promise"}
    values = {
        "purpose": PURPOSE,
        "social": town.channels["teabreak"].id,
        "moderators": town.channels["moderators"].id,
        "mode": "nudge",
        "promise": "at most 5 wrong nudges in 100, 95 % sure",
    }
    answer = await submit(town, asked, values)
    charter, policy = await rules(town)
    assert charter.purpose == PURPOSE
    assert not charter.draft
    assert policy.mode is Mode.NUDGE
    assert policy.promise == "at most 5 wrong nudges in 100, 95 % sure"
    assert "It works from now on." in answer.text
    assert lines(town)


async def test_the_form_shows_what_is_in_force_and_what_is_left_stays(town: Town) -> None:
    await set_up(town, mode="offer", promise="at most 5 wrong nudges in 100, 95 % sure")
    before = await rules(town)
    asked = await ask(town, "mona", "relevance setup")
    assert asked.fields["purpose"]["value"] == PURPOSE
    assert str(asked.fields["social"]["default_values"][0]["id"]) == town.channels["teabreak"].id
    assert str(asked.fields["moderators"]["default_values"][0]["id"]) == town.channels["moderators"].id
    assert [each["value"] for each in asked.fields["mode"]["options"] if each.get("default")] == ["offer"]
    await submit(town, asked, {})
    assert await rules(town) == before
    await submit(town, asked, {"promise": ""})
    assert (await rules(town))[1].promise == "off"


async def test_a_purpose_that_was_only_guessed_stays_a_guess(town: Town) -> None:
    asked = await ask(town, "mona", "relevance setup")
    await submit(town, asked, {"moderators": town.channels["moderators"].id})
    assert (await rules(town))[0].draft
