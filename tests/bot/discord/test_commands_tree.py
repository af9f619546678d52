"""The commands as Discord knows them: the ones that the issue names, within Discord's limits, registered once per change."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bot.discord.commands.registration import same
from bot.office.choices import CHOICES
from moderation.errors import StoreError
from tests.bot.discord.asking import ask, shown
from tests.bot.discord.town import Town, a_town, connected
from tests.fakes.discord.errors import Json
from tests.fakes.discord.permissions import Permission

MODERATORS = (
    "setup, charter show, charter edit, charter channel, charter example, channel watch, channel unwatch, mode, promise, status, "
    "stats, digest, review, calibrate, audit, diff, move, undo, pause, resume, log"
)
EVERYONE = "help, why, my-data, forget-me, nudges on, nudges off, report"
MENUS = {"Why this verdict?", "Move to social channel", "It belongs here", "It's a pitch"}
NAME = re.compile(r"[-_'\w]{1,32}")


def registered(town: Town) -> dict[str, Json]:
    return {each["name"]: each for each in town.server.world.commands[None].values()}


def paths(command: Json) -> set[str]:
    """The commands below one, as people type them after its name."""
    found = set()
    for option in command["options"]:
        below = {f"{option['name']} {path}" for path in paths(option)} if option["type"] == 2 else set()
        found |= below or {option["name"]}
    return found


def every(option: Json) -> Iterator[Json]:
    """A command or option with all that stands below it."""
    yield option
    for each in option.get("options") or []:
        yield from every(each)


def weight(command: Json) -> int:
    """The characters of a command that count against its 8,000."""
    own = len(command["name"]) + len(command["description"])
    own += sum(len(each["name"]) + len(str(each["value"])) for each in command.get("choices") or [])
    return own + sum(weight(each) for each in command.get("options") or [])


async def test_the_commands_are_those_of_the_issue() -> None:
    async with a_town() as town:
        known = registered(town)
        assert set(known) == {"relevance", "steward", *MENUS}
        assert paths(known["relevance"]) == set(MODERATORS.split(", "))
        assert paths(known["steward"]) == set(EVERYONE.split(", "))
        assert [each["name"] for each in known["relevance"]["options"] if each["name"] == "setup"]
        setup = next(each for each in known["relevance"]["options"] if each["name"] == "setup")
        assert [each["name"] for each in setup["options"]] == [
            "purpose",
            "social",
            "moderators",
            "mode",
            "promise",
        ]


async def test_moderators_alone_are_shown_theirs_and_nothing_is_installed_for_users() -> None:
    async with a_town() as town:
        known = registered(town)
        assert int(known["relevance"]["default_member_permissions"]) == Permission.MANAGE_GUILD
        assert known["steward"]["default_member_permissions"] is None
        assert known["relevance"]["contexts"] == [0]
        assert set(known["steward"]["contexts"]) == {0, 1}
        assert all(known[menu]["contexts"] == [0] for menu in MENUS)
        assert all(each["integration_types"] == [0] for each in known.values())


async def test_everything_is_within_discords_limits() -> None:
    async with a_town() as town:
        for command in registered(town).values():
            assert weight(command) <= 8_000
            for each in every(command):
                if command["type"] == 1:
                    assert NAME.fullmatch(each["name"])
                    assert each["name"] == each["name"].lower()
                    assert 1 <= len(each["description"]) <= 100
                assert len(each.get("options") or []) <= 25
                assert len(each.get("choices") or []) <= 25


async def test_the_same_commands_are_not_registered_twice() -> None:
    async with a_town() as town:
        puts = town.server.requests.all
        assert sum(each.method == "PUT" and each.path.endswith("/commands") for each in puts) == 1
        await town.client.close()
        async with connected(town.server, town.store):
            assert sum(each.method == "PUT" and each.path.endswith("/commands") for each in puts) == 1


@pytest.mark.parametrize(
    "difference, alike",
    [
        ({}, True),
        ({"id": "5", "version": "7", "dm_permission": True, "nsfw": False, "contexts": [1, 0]}, True),
        ({"description": "Another."}, False),
        ({"default_member_permissions": "32"}, False),
        ({"options": [{"name": "days", "type": 4, "description": "How many.", "required": True}]}, False),
        ({"options": [{"name": "days", "type": 4, "description": "How many.", "required": False}]}, True),
    ],
)
def test_only_what_people_see_makes_commands_differ(difference: Json, alike: bool) -> None:
    options = [{"name": "days", "type": 4, "description": "How many."}]
    command: Json = {"name": "stats", "description": "Figures.", "options": options, "contexts": [0, 1]}
    assert same([command], [command | difference]) is alike


async def test_where_discord_refuses_to_register_the_bot_lives_on() -> None:
    async with a_town() as town:
        await town.client.close()
        town.server.world.commands[None].clear()
        town.server.troubles.fail_next("PUT *commands*", 403, 20012)
        async with connected(town.server, town.store):
            assert not town.server.world.commands[None]


async def test_a_command_of_yesterday_is_answered() -> None:
    async with a_town() as town:
        steward = registered(town)["steward"]
        steward["options"].append({"name": "sing", "type": 1, "description": "Sing.", "options": []})
        answer = await ask(town, "ann", "steward sing")
        assert "reload Discord" in answer.text


async def test_in_private_it_is_said_where_to_ask() -> None:
    async with a_town() as town:
        ann = town.people["ann"]
        private = town.server.world.direct_channel(ann.user)
        asked = await town.server.people.command(ann, private, "steward help")
        assert "in your server" in (await shown(town, asked)).text


async def test_whoever_is_let_in_by_a_setting_of_the_server_is_still_asked_who_they_are() -> None:
    async with a_town() as town:
        for command in ("status", "review", "setup", "charter edit", "digest", "log"):
            answer = await ask(town, "pete", f"relevance {command}", allowed_by_admin=True)
            assert (
                answer.text == "This is for the moderators. With /steward help you see what I can do for you."
            )
            assert answer.asked.modal is None


async def test_what_goes_wrong_is_answered_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_town() as town:
        assert town.client.desk is not None
        office = town.client.desk.office

        def broken() -> None:
            raise StoreError("The database is at /secret/place.")

        monkeypatch.setattr(office.store, "work", broken)
        assert (await ask(town, "ann", "steward help")).text.startswith("That did not work just now.")

        def mad() -> None:
            raise RuntimeError("x")

        monkeypatch.setattr(office.store, "work", mad)
        assert (await ask(town, "mona", "relevance status")).text.startswith("That did not work just now.")
        assert (await ask(town, "mona", "relevance setup")).text.startswith("That did not work just now.")


def test_discords_own_choice_is_none_of_the_offices() -> None:
    assert "pin" not in CHOICES
