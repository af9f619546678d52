"""App Home: Steward's own page, for moderators and for everybody else."""

from __future__ import annotations

from tests.bot.slack.asking import PITCH, Shown, a_shop, home, press, shown, submit


async def test_moderators_see_how_things_stand_and_what_waits() -> None:
    async with a_shop() as shop:
        shop.post("pete", "business", PITCH)
        await shop.settle()
        page = await home(shop, "mona")
        assert "Mode: offer" in page.text
        assert "1 open pitch card" in page.text
        assert "Read: 1 message of 1 person" in page.text
        assert page.labels[:2] == ["Review pitches", "Rule on flagged messages"]


async def test_members_see_what_is_theirs_alone() -> None:
    async with a_shop() as shop:
        page = await home(shop, "ann")
        assert "Mode" not in page.text
        assert page.labels == [
            "In the channel",
            "By direct message",
            "Not at all",
            "My data",
            "Tell of a private pitch",
            "What is this?",
            "Erase my data",
        ]


async def test_a_card_is_ruled_on_in_a_form_of_the_page() -> None:
    async with a_shop() as shop:
        shop.post("pete", "business", PITCH)
        await shop.settle()
        opened = await press(shop, "mona", await home(shop, "mona"), "Review pitches")
        assert f"<@{shop.people['pete'].id}>" in opened.text
        answer = await press(shop, "mona", opened, "Fine as it is")
        assert answer.view is opened.view
        assert "Kept for 1 pitch" in answer.text


async def test_the_page_says_how_somebody_is_spoken_to_and_changes_with_a_press() -> None:
    async with a_shop() as shop:
        page = await home(shop, "ann")
        assert "only you see it" in page.text
        await press(shop, "ann", page, "Not at all")
        changed = Shown((), (), shop.server.people.home(shop.people["ann"]))
        assert "I say nothing to you." in changed.text
        await press(shop, "ann", changed, "By direct message")
        assert "by direct message" in Shown((), (), shop.server.people.home(shop.people["ann"])).text


async def test_files_that_are_asked_for_on_the_page_come_as_direct_messages() -> None:
    async with a_shop() as shop:
        answer = await press(shop, "ann", await home(shop, "ann"), "My data")
        assert "my-data.json" in answer.files
        assert answer.view is not None
        assert "direct messages" in str(answer.view.blocks)
        digest = await press(shop, "mona", await home(shop, "mona"), "The week's digest")
        assert "digest.png" in digest.files


async def test_an_answer_whose_form_was_closed_comes_as_a_direct_message() -> None:
    async with a_shop() as shop:
        ann, people, page = shop.people["ann"], shop.server.people, await home(shop, "ann")
        hold = shop.server.troubles.hold_next("users.info")
        await people.press(ann, page.form, "+help")
        await shop.server.until(lambda: people.modal(ann))
        await people.close(ann)
        hold.release()
        answer = await shown(shop, ann, set())
        assert answer.direct
        assert "/steward my-data" in answer.text


async def test_a_report_from_the_page_is_thanked_for_by_direct_message() -> None:
    async with a_shop() as shop:
        await press(shop, "ann", await home(shop, "ann"), "Tell of a private pitch")
        answer = await submit(shop, "ann", {"text": PITCH})
        assert "second person" in answer.text
        assert answer.direct
        assert not answer.posts


async def test_before_anything_is_set_up_the_page_begins_with_that() -> None:
    async with a_shop(set_up=False) as shop:
        page = await home(shop, "mona")
        assert "not set up here yet" in page.text
        opened = await press(shop, "mona", page, "Set up")
        assert "purpose" in opened.fields
        assert "Set up" not in (await home(shop, "ann")).labels


async def test_whoever_is_no_moderator_any_more_is_told_so() -> None:
    async with a_shop() as shop:
        page = await home(shop, "hela")
        shop.server.people.leave(shop.channels["moderators"], shop.people["hela"])
        assert "for the moderators" in (await press(shop, "hela", page, "Review pitches")).text


async def test_the_messages_tab_opens_nothing() -> None:
    async with a_shop() as shop:
        shop.server.people.open_home(shop.people["ann"], tab="messages")
        await shop.server.deliveries.quiet()
        assert shop.server.people.home(shop.people["ann"]) is None
