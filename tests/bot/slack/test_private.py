"""What one person alone is told on Slack: in the channel or thread, as a direct message, or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from moderation.actions import NudgeAuthor
from moderation.errors import NotReachable
from moderation.notices import TextReturned
from moderation.ports import Button
from tests.bot.slack.workshop import Workshop, a_workshop, said
from tests.fakes.slack.entities import Message as Post


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with a_workshop() as workshop:
        yield workshop


async def nudge(workshop: Workshop, post: Post) -> None:
    """One neutral line to the author of a post."""
    notice = NudgeAuthor(post.user.id, post.ts, workshop.channels["teabreak"].id)
    await workshop.client.platform.tell(
        workshop.community,
        post.channel.id,
        post.user.id,
        notice,
        buttons=(Button.WHY, Button.NO_MORE),
        marker=notice.marker,
    )


def heard(workshop: Workshop, who: str) -> tuple[list[Post], list[Post]]:
    """What only they see in channels, and their direct messages from us."""
    people, member = workshop.server.people, workshop.people[who]
    return people.ephemerals(member), people.direct_messages(member)


async def choose_direct(workshop: Workshop, who: str) -> None:
    async with workshop.store.work() as work:
        await work.communities.choose_direct(workshop.community, workshop.people[who].id, direct=True)
        await work.commit()


async def test_a_line_for_one_is_seen_by_them_alone(workshop: Workshop) -> None:
    await nudge(workshop, workshop.post("ann", "workshop", "tea?"))
    (line,), direct = heard(workshop, "ann")
    assert line.only_for == workshop.people["ann"].id
    assert workshop.channels["teabreak"].id in line.text
    assert not direct
    assert not workshop.ours("workshop")


async def test_about_an_answer_in_a_thread_it_stands_there(workshop: Workshop) -> None:
    root = workshop.post("ben", "workshop", "which glue?")
    answer = workshop.server.people.reply(workshop.people["ann"], root, "tea?")
    await workshop.heard()
    await nudge(workshop, answer)
    (line,), _ = heard(workshop, "ann")
    assert line.thread_ts == root.ts


async def test_who_is_away_hears_nothing_unless_they_chose_direct_messages(workshop: Workshop) -> None:
    post = workshop.post("ann", "workshop", "tea?")
    workshop.server.people.set_presence(workshop.people["ann"], active=False)
    with pytest.raises(NotReachable):
        await nudge(workshop, post)
    assert heard(workshop, "ann") == ([], [])
    await choose_direct(workshop, "ann")
    await nudge(workshop, post)
    lines, direct = heard(workshop, "ann")
    assert (len(lines), len(direct)) == (0, 1)


async def test_who_left_the_channel_hears_nothing_in_it(workshop: Workshop) -> None:
    post = workshop.post("ann", "workshop", "tea?")
    workshop.server.people.leave(workshop.channels["workshop"], workshop.people["ann"])
    with pytest.raises(NotReachable):
        await nudge(workshop, post)


async def test_what_must_arrive_is_a_direct_message_that_stays(workshop: Workshop) -> None:
    ann = workshop.people["ann"]
    notice = TextReturned(workshop.channels["business"].id, "buy <!here> & now")
    await workshop.client.platform.tell(
        workshop.community,
        workshop.channels["business"].id,
        ann.id,
        notice,
        buttons=(Button.APPEAL,),
        marker="returned:x",
    )
    workshop.server.people.reload(ann)
    lines, (note,) = heard(workshop, "ann")
    assert not lines
    assert "> buy <!here> & now" in said(note)
    assert "&lt;!here&gt;" in note.text


async def test_while_slack_leaves_events_out_it_is_known_that_something_is_missing(
    workshop: Workshop,
) -> None:
    workshop.post("ann", "workshop", "before")
    await workshop.heard()
    workshop.server.deliveries.limit(workshop.workspace)
    workshop.post("ben", "workshop", "meanwhile")
    await workshop.heard()
    assert workshop.channels["workshop"].id in workshop.client.gaps.open(workshop.community)
    await workshop.client.gaps.fill(workshop.community, workshop.client.line.receive)
    assert [message.text for message in await workshop.stored()] == ["before", "meanwhile"]
