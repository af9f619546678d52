"""How answers look: private, long ones, files, buttons that outlive a restart, and what is left when Slack takes no more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.office.office import Office
from bot.office.said import Choice, File, Image, Request, Said
from moderation.errors import BadInput, NotAllowed, StewardError, StoreError, Unavailable
from tests.bot.slack.asking import Shop, Shown, a_shop, ask, living, press, quiet, shown

PICTURE = b"a picture"


async def told(shop: Shop, monkeypatch: pytest.MonkeyPatch, what: Said | StewardError) -> Shown:
    """What somebody is shown when the office says this."""

    async def reply(office: Office, asked: Request) -> Said:
        del office, asked
        if isinstance(what, StewardError):
            raise what
        return what

    monkeypatch.setattr("bot.office.members.why", lambda office, asked, *_: reply(office, asked))
    return await ask(shop, "ann", "/steward why 1712345678.123456")


async def test_an_answer_is_private() -> None:
    async with a_shop() as shop:
        answer = await ask(shop, "ann", "/steward help")
        (post,) = answer.posts
        assert post.only_for == shop.people["ann"].id
        assert "/steward my-data" in answer.text
        assert not answer.direct


@pytest.mark.parametrize("length, messages", [(1, 1), (12_000, 1), (12_001, 2), (30_000, 3)])
async def test_a_text_of_any_length_is_shown(
    monkeypatch: pytest.MonkeyPatch, length: int, messages: int
) -> None:
    async with a_shop() as shop:
        answer = await told(shop, monkeypatch, Said("x" * length, (Choice("Why?", "forget:no"),)))
        assert answer.text.replace("\n", "") == "x" * length
        assert len(answer.posts) == messages
        assert [bool(post.action_ids()) for post in answer.posts] == [False] * (messages - 1) + [True]


async def test_what_is_longer_than_a_response_url_takes_still_arrives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with a_shop() as shop:
        answer = await told(shop, monkeypatch, Said("x" * 84_000))
        assert answer.text.replace("\n", "") == "x" * 84_000
        assert len(shop.server.requests.to("response_url")) == 5
        assert len(shop.server.requests.to("chat.postEphemeral")) == 2


async def test_files_and_a_picture_come_as_a_direct_message_to_the_asker_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with a_shop() as shop:
        what = Said("Here.", files=(File("a.json", b"{}"),), image=Image("b.png", PICTURE, "A chart. " * 200))
        answer = await told(shop, monkeypatch, what)
        assert answer.files == {"a.json": b"{}", "b.png": PICTURE}
        (post,) = answer.posts
        assert "direct messages" in str(post.blocks)
        assert not shop.server.people.direct_messages(shop.people["ben"])


async def test_without_direct_messages_the_answer_says_that_files_could_not_be_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with a_shop() as shop:
        shop.server.troubles.fail_next("files.completeUploadExternal", "internal_error")
        answer = await told(shop, monkeypatch, Said("Here.", files=(File("a.json", b"{}"),)))
        assert not answer.files
        assert "could not be sent to you" in answer.text


async def test_buttons_fit_into_slacks_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_shop() as shop:
        choices = tuple(Choice(f"{number} {'long ' * 30}", f"forget:{number}") for number in range(30))
        answer = await told(shop, monkeypatch, Said("Which?", choices))
        assert len(answer.labels) == 25
        assert all(len(label) <= 75 for label in answer.labels)


async def test_a_press_puts_what_follows_in_the_place_of_the_question() -> None:
    async with a_shop() as shop:
        asked = await ask(shop, "ann", "/steward forget-me")
        answer = await press(shop, "ann", asked, "Keep it")
        assert answer.posts == asked.posts
        assert answer.text == "Nothing was erased."
        assert not answer.labels


async def test_a_button_works_after_a_restart() -> None:
    async with a_shop() as shop:
        asked = await ask(shop, "ann", "/steward forget-me")
        async with living(shop.server, shop.workspace, shop.store):
            answer = await press(shop, "ann", asked, "Keep it")
            assert answer.text == "Nothing was erased."


async def test_a_button_that_means_nothing_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_shop() as shop:
        asked = await told(shop, monkeypatch, Said("Which?", (Choice("This", "nothing:1"),)))
        assert "again" in (await press(shop, "ann", asked, "This")).text


@pytest.mark.parametrize(
    "error, words",
    [
        (BadInput("Write <7> or less."), "Write &lt;7&gt; or less."),
        (NotAllowed("no", "pins:write"), "For that I need: pins:write."),
        (Unavailable("secret", 3.0), "That did not work just now. Please try again in a minute."),
    ],
)
async def test_an_error_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, error: StewardError, words: str
) -> None:
    async with a_shop() as shop:
        answer = await told(shop, monkeypatch, error)
        assert answer.text.startswith(words)
        assert "secret" not in answer.text


async def test_after_half_an_hour_the_answer_takes_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_shop() as shop:

        async def slow(office: Office, asked: Request) -> Said:
            del office, asked
            shop.server.world.advance(timedelta(minutes=31))
            return Said("At last.")

        monkeypatch.setattr("bot.office.members.why", lambda office, asked, *_: slow(office, asked))
        answer = await ask(shop, "ann", "/steward why 1712345678.123456")
        assert answer.text == "At last."
        assert not shop.server.requests.to("response_url")


async def test_who_asks_where_steward_is_not_is_answered_by_direct_message_at_last() -> None:
    async with a_shop() as shop:
        ann, channel = shop.people["ann"], shop.channels["workshop"]
        assert shop.workspace.bot is not None
        shop.server.people.leave(channel, shop.workspace.bot)
        shop.server.troubles.fail_next("response_url", "expired_url", status=404)
        await shop.server.people.command(ann, channel, "/steward help")
        answer = await shown(shop, ann, set())
        assert not answer.posts
        assert "/steward my-data" in answer.text


async def test_a_command_is_acknowledged_within_three_seconds_however_slow_the_answer() -> None:
    async with a_shop() as shop:
        hold = shop.server.troubles.hold_next("users.info")
        ann = shop.people["ann"]
        asked = await shop.server.people.command(ann, shop.channels["workshop"], "/steward help")
        assert asked.acknowledged
        assert not shop.server.people.ephemerals(ann)
        hold.release()
        await quiet(shop)
        assert shop.server.people.ephemerals(ann)


async def test_mistypes_are_answered_with_how_to_write_it() -> None:
    async with a_shop() as shop:
        assert "Did you mean /relevance stats?" in (await ask(shop, "ann", "/relevance stat")).text
        assert "/relevance setup" in (await ask(shop, "mona", "/relevance")).text
        assert "for the moderators" in (await ask(shop, "ann", "/relevance")).text


@pytest.mark.parametrize(
    "failure", [StoreError("The database is at /secret/place."), RuntimeError("/secret/place")]
)
async def test_what_goes_wrong_is_answered_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    async with a_shop() as shop:

        def broken() -> None:
            raise failure

        monkeypatch.setattr(shop.office.store, "work", broken)
        for line in ("/relevance status", "/steward help", "/relevance setup"):
            answer = await ask(shop, "mona", line)
            assert answer.text.startswith("That did not work just now.")
            assert "secret" not in answer.text


async def test_a_form_that_came_too_late_is_answered() -> None:
    async with a_shop() as shop:
        shop.server.troubles.fail_next("views.open", "expired_trigger_id")
        assert "try again" in (await ask(shop, "mona", "/relevance setup")).text
