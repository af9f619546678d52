"""Steward in a workspace: what members and moderators see, through the real slack_bolt and slack_sdk and the loopback Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.letters import LETTERS
from moderation.ports import Button
from tests.bot.slack.workshop import PITCH, TALK, Workshop, a_workshop, said

ANNS = [text for who, text in TALK if who == "ann"]


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with a_workshop() as workshop:
        yield workshop


@pytest.fixture
async def with_admin() -> AsyncIterator[Workshop]:
    async with a_workshop(admin=True) as workshop:
        yield workshop


async def moved(workshop: Workshop) -> None:
    """Ann lets her posts be moved."""
    workshop.talk()
    await workshop.settle(minutes=3)
    await workshop.press("ann", workshop.ours("workshop")[0], Button.MOVE_MINE)
    await workshop.settle()


async def test_a_casual_talk_gets_one_line_that_names_nobody(workshop: Workshop) -> None:
    workshop.talk()
    await workshop.settle(minutes=3)
    (nudge,) = workshop.ours("workshop")
    assert f"<#{workshop.channels['teabreak'].id}>" in nudge.text
    assert not any(member.id in said(nudge) for member in workshop.people.values())


async def test_with_an_admin_s_token_a_click_moves_the_clicker_s_posts_and_nobody_else_s(
    with_admin: Workshop,
) -> None:
    await moved(with_admin)
    assert with_admin.texts("workshop") == [text for who, text in TALK if who != "ann"]
    copies = with_admin.copies("teabreak")
    assert [post.name for post in copies] == ["ann", "ann"]
    assert all(text in said(copy) for copy, text in zip(copies, ANNS, strict=True))
    assert not await with_admin.open_deliveries()


async def test_without_one_the_originals_stay_and_copies_lead_to_them(workshop: Workshop) -> None:
    await moved(workshop)
    assert workshop.texts("workshop") == [text for _, text in TALK]
    copies = workshop.copies("teabreak")
    assert all(text in said(copy) for copy, text in zip(copies, ANNS, strict=True))
    originals = [post for post in workshop.channels["workshop"].in_order() if post.plain in ANNS]
    for copy, original in zip(copies, originals, strict=True):
        assert f"/p{original.ts.replace('.', '')}" in copy.text
    pointer = workshop.ours("workshop")[-1]
    assert "stays" in pointer.text
    header = next(post for post in workshop.ours("teabreak") if not post.is_customised)
    assert f"/p{header.ts.replace('.', '')}" in pointer.text


async def test_an_undo_brings_them_back(with_admin: Workshop) -> None:
    await moved(with_admin)
    await with_admin.press("ann", with_admin.ours("workshop")[-1], Button.UNDO)
    await with_admin.settle()
    assert not with_admin.ours("teabreak")
    back = with_admin.copies("workshop")
    assert all(text in said(post) for post, text in zip(back, ANNS, strict=True))


async def test_an_undo_survives_that_slack_keeps_posts_under_another_name(workshop: Workshop) -> None:
    await moved(workshop)
    workshop.server.world.customised_posts_stay = True
    await workshop.press("ann", workshop.ours("workshop")[-1], Button.UNDO)
    await workshop.settle()
    assert workshop.texts("workshop") == [text for _, text in TALK]
    assert [said(copy) for copy in workshop.copies("teabreak")] == ["_This copy was taken back._"] * 2
    assert not await workshop.open_deliveries()


async def test_a_file_comes_along_and_goes_with_its_copy(with_admin: Workshop) -> None:
    for number, (who, text) in enumerate(TALK):
        with_admin.post(who, "workshop", text, files={"cat.png": b"a cat"} if number == 0 else None)
    await with_admin.settle(minutes=3)
    await with_admin.press("ann", with_admin.ours("workshop")[0], Button.MOVE_MINE)
    await with_admin.settle()
    brought = [file for post in with_admin.ours("teabreak") for file in post.files]
    assert [(file.name, file.content) for file in brought] == [("cat.png", b"a cat")]
    copy = with_admin.copies("teabreak")[0]
    assert next(post for post in with_admin.ours("teabreak") if post.files).thread_ts == copy.ts
    await with_admin.press("ann", with_admin.ours("workshop")[-1], Button.UNDO)
    await with_admin.settle()
    assert not with_admin.ours("teabreak")
    assert brought[0].deleted


async def test_a_pitch_is_shown_to_moderators_and_removed_by_their_word(with_admin: Workshop) -> None:
    with_admin.post("pete", "business", PITCH)
    await with_admin.settle()
    (card,) = with_admin.ours("moderators")
    assert "discount" in said(card)
    await with_admin.press("mona", card, Button.REMOVE)
    await with_admin.settle()
    assert PITCH not in with_admin.texts("business")
    (note,) = with_admin.server.people.direct_messages(with_admin.people["pete"])
    assert f"> {PITCH}" in said(note)
    assert [post.ts for post in with_admin.ours("moderators")] == [card.ts]


async def test_a_card_that_is_too_old_to_be_looked_for_is_not_shown_twice(workshop: Workshop) -> None:
    workshop.post("pete", "business", PITCH)
    await workshop.settle()
    (card,) = workshop.ours("moderators")
    workshop.client.platform.markers.drop(workshop.channels["moderators"].id, [card.ts])
    await workshop.press("mona", card, Button.FINE)
    await workshop.settle()
    assert [post.ts for post in workshop.ours("moderators")] == [card.ts]
    assert "fine as it is" in said(workshop.ours("moderators")[0])


async def test_without_an_admin_s_token_moderators_are_told_what_is_missing(workshop: Workshop) -> None:
    workshop.post("pete", "business", PITCH)
    await workshop.settle()
    await workshop.press("mona", workshop.ours("moderators")[0], Button.REMOVE)
    await workshop.settle()
    assert PITCH in workshop.texts("business")
    assert any("STEWARD_SLACK_ADMIN_TOKEN" in said(post) for post in workshop.ours("moderators"))


async def test_who_closed_direct_messages_gets_the_text_back_in_the_channel(with_admin: Workshop) -> None:
    with_admin.people["pete"].takes_direct_messages = False
    with_admin.post("pete", "business", PITCH)
    await with_admin.settle()
    await with_admin.press("mona", with_admin.ours("moderators")[0], Button.REMOVE)
    await with_admin.settle()
    (note,) = with_admin.server.people.ephemerals(with_admin.people["pete"])
    assert PITCH in said(note)


async def test_members_cannot_rule(workshop: Workshop) -> None:
    workshop.post("pete", "business", PITCH)
    await workshop.settle()
    (card,) = workshop.ours("moderators")
    with pytest.raises(Exception, match="see"):
        await workshop.press("pete", card, Button.FINE)


async def test_mentions_in_a_copy_call_nobody(with_admin: Workshop) -> None:
    cara = with_admin.people["cara"].id
    for number, (who, text) in enumerate(TALK):
        more = f" <!channel> & <@{cara}> https://cats.example/a?b=1&c=2" if number == 0 else ""
        with_admin.post(who, "workshop", text + more)
    await with_admin.settle(minutes=3)
    await with_admin.press("ann", with_admin.ours("workshop")[0], Button.MOVE_MINE)
    await with_admin.settle()
    copy = with_admin.copies("teabreak")[0]
    assert "<!channel>" not in copy.text
    assert cara not in copy.text
    assert "@channel &amp; @cara" in copy.text


async def test_an_answer_comes_also_after_the_press_s_address_is_used_up(workshop: Workshop) -> None:
    workshop.talk()
    await workshop.settle(minutes=3)
    workshop.server.troubles.fail_next("response_url", "expired_url", status=404)
    await workshop.press("ann", workshop.ours("workshop")[0], Button.WHY)
    assert workshop.server.people.ephemerals(workshop.people["ann"])


async def test_what_another_organisation_s_member_posted_is_left_alone(with_admin: Workshop) -> None:
    people = with_admin.server.people
    other = people.create_workspace("Veneer Ltd")
    vera = people.join(other, "vera")
    shared = with_admin.channels["business"]
    shared.shared_with.append(other)
    people.enter(shared, vera)
    people.post(vera, shared, PITCH)
    await with_admin.settle()
    card = next(post for post in with_admin.ours("moderators"))
    await with_admin.press("mona", card, Button.REMOVE)
    await with_admin.settle()
    assert PITCH in with_admin.texts("business")
    assert any("Slack Connect" in said(post) for post in with_admin.ours("moderators"))


async def test_authors_change_and_delete_their_copies(with_admin: Workshop) -> None:
    await moved(with_admin)
    people, ann = with_admin.server.people, with_admin.people["ann"]
    first, second = with_admin.copies("teabreak")
    choices = (await with_admin.press("ann", first, Button.MINE)).answers[-1]
    await people.press(ann, choices, LETTERS[Button.CHANGE])
    await with_admin.server.until(lambda: (form := people.modal(ann)) and "sandpaper" in str(form.content))
    await people.submit(ann, {"text": "my cat ate <!channel> the veneer"})
    await with_admin.server.until(lambda: with_admin.server.requests.to("response_url")[2:])
    await with_admin.settle()
    assert "&lt;!channel&gt; the veneer" in first.text
    assert "sandpaper" not in said(first)
    assert first.is_customised
    choices = (await with_admin.press("ann", second, Button.MINE)).answers[-1]
    await with_admin.press("ann", choices, Button.DELETE)
    await with_admin.settle()
    assert with_admin.copies("teabreak") == [first]
    assert "lunch then?" not in with_admin.texts("workshop")


async def test_a_copy_is_nobody_else_s(with_admin: Workshop) -> None:
    await moved(with_admin)
    asked = await with_admin.press("ben", with_admin.copies("teabreak")[0], Button.MINE)
    assert "nothing changes" in asked.text
