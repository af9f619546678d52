"""How answers look: long ones, files and pictures, buttons that outlive a restart, links and mentions that do nothing."""

from __future__ import annotations

import pytest

from bot.discord.rendering import pressed
from bot.office.office import Office
from bot.office.said import Choice, File, Image, Request, Said
from moderation.errors import BadInput, NotAllowed, StewardError, Unavailable
from tests.bot.discord.asking import Shown, ask, press
from tests.bot.discord.town import Town, a_town, connected, custom_ids
from tests.fakes.discord.entities import Flag

PICTURE = b"a picture"


async def told(town: Town, monkeypatch: pytest.MonkeyPatch, said: Said | StewardError) -> Shown:
    """What somebody is shown when the office says this."""

    async def reply(office: Office, asked: Request) -> Said:
        del office, asked
        if isinstance(said, StewardError):
            raise said
        return said

    monkeypatch.setattr("bot.office.members.help_", reply)
    return await ask(town, "ann", "steward help")


async def test_an_answer_is_private_and_its_links_and_mentions_do_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with a_town() as town:
        ann = town.people["ann"]
        answer = await told(town, monkeypatch, Said(f"<@{ann.id}> @everyone https://example.com"))
        (post,) = answer.posts
        assert answer.asked.is_private
        assert post.flags & Flag.SUPPRESS_EMBEDS
        assert not post.mentions
        assert not post.mention_everyone


@pytest.mark.parametrize(
    "length, messages", [(1, 1), (2_000, 1), (2_001, 1), (6_000, 1), (6_001, 2), (20_000, 4)]
)
async def test_a_text_of_any_length_is_shown(
    monkeypatch: pytest.MonkeyPatch, length: int, messages: int
) -> None:
    async with a_town() as town:
        answer = await told(town, monkeypatch, Said("x" * length, (Choice("Why?", "forget:no"),)))
        assert answer.text.replace("\n", "") == "x" * length
        assert len(answer.posts) == messages
        assert [bool(custom_ids(post)) for post in answer.posts] == [False] * (messages - 1) + [True]
        assert all(bool(post.flags & Flag.SUPPRESS_EMBEDS) is not bool(post.embeds) for post in answer.posts)


async def test_files_and_a_picture_come_along_and_the_picture_says_what_it_shows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with a_town() as town:
        said = Said("Here.", files=(File("a.json", b"{}"),), image=Image("b.png", PICTURE, "A chart. " * 200))
        answer = await told(town, monkeypatch, said)
        assert answer.files == {"a.json": b"{}", "b.png": PICTURE}
        (description,) = [each.description for each in answer.posts[0].attachments if each.description]
        assert description.startswith("A chart.")
        assert len(description) <= 1_024


async def test_buttons_fit_and_are_no_buttons_of_posts(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_town() as town:
        choices = tuple(Choice(f"{number} {'long ' * 30}", f"forget:{number}") for number in range(30))
        answer = await told(town, monkeypatch, Said("Which?", choices))
        assert len(answer.labels) == 25
        assert all(len(label) <= 80 for label in answer.labels)
        assert not any(pressed(each) for each in custom_ids(answer.posts[0]))


async def test_a_button_works_after_a_restart_and_is_gone_then() -> None:
    async with a_town() as town:
        asked = await ask(town, "ann", "steward forget-me")
        await town.client.close()
        async with connected(town.server, town.store):
            answer = await press(town, "ann", asked, asked.labels[-1])
            assert answer.text
            assert not custom_ids(asked.posts[0])
            assert asked.posts[0].content


async def test_a_button_that_means_nothing_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_town() as town:
        asked = await told(town, monkeypatch, Said("Which?", (Choice("This", "nothing:1"),)))
        assert "again" in (await press(town, "ann", asked, "This")).text


@pytest.mark.parametrize(
    "error, words",
    [
        (BadInput("Write *7* or less."), r"Write \*7\* or less."),
        (NotAllowed("no", "Pin Messages"), "For that I need the permission Pin Messages."),
        (Unavailable("secret", 3.0), "That did not work just now. Please try again in a minute."),
    ],
)
async def test_an_error_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, error: StewardError, words: str
) -> None:
    async with a_town() as town:
        answer = await told(town, monkeypatch, error)
        assert answer.text.startswith(words)
        assert "secret" not in answer.text


async def test_when_discord_does_not_take_the_answer_a_sentence_comes_instead() -> None:
    async with a_town() as town:
        town.server.troubles.fail_next("POST /webhooks*", 400, 50035)
        assert (await ask(town, "ann", "steward help")).text.startswith("That did not work just now.")


async def test_the_sentence_is_in_the_askers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_town() as town:
        people, payload = town.server.people, town.server.people._payload
        monkeypatch.setattr(people, "_payload", lambda of: payload(of) | {"locale": "de"})
        answer = await told(town, monkeypatch, Unavailable("x", 1.0))
        assert answer.text.startswith("Das hat gerade nicht geklappt.")
