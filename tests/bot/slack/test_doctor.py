"""What `steward doctor` says of Slack: tokens, scopes, clock, workspace and channels, each with what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.findings import Finding, State
from bot.slack.doctor import Rules, examine
from bot.slack.manifest import SCOPES, manifest
from bot.slack.running import Keys
from moderation.messages import Platform
from moderation.policy import Mode, Policy
from moderation.ports import Community
from tests.bot.slack.asking import a_shop_charter
from tests.fakes.slack.entities import Channel, User, Workspace
from tests.fakes.slack.server import SlackServer


@dataclass
class Clinic:
    server: SlackServer
    workspace: Workspace
    mona: User
    channels: dict[str, Channel]
    keys: Keys

    @property
    def rules(self) -> Rules:
        policy = Policy(mode=Mode.NUDGE, moderators_channel=self.channels["moderators"].id)
        return {Community(Platform.SLACK, self.workspace.id): (a_shop_charter(self.channels), policy)}

    async def said(self, rules: Rules | None = None, **ahead: float) -> list[Finding]:
        return await examine(
            self.keys,
            self.rules if rules is None else rules,
            lambda: self.server.world.now() + timedelta(**ahead),
        )


@asynccontextmanager
async def a_clinic(scopes: tuple[str, ...] | None = None) -> AsyncIterator[Clinic]:
    async with SlackServer() as server:
        server.app.configure(manifest(admin=True))
        people = server.people
        workspace = people.create_workspace("Bench and Plane", installed=False)
        people.install(workspace, scopes)
        mona = people.join(workspace, "mona", admin=True)
        channels = {
            name: people.create_channel(workspace, name, mona)
            for name in ("workshop", "business", "teabreak")
        }
        channels["moderators"] = people.create_channel(workspace, "moderators", mona, private=True)
        keys = Keys(workspace.bot_token, server.app.token, api_url=server.api_url)
        yield Clinic(server, workspace, mona, channels, keys)


def wrong(findings: list[Finding]) -> list[str]:
    return [f"{each.about}: {each.sentence}" for each in findings if each.state is not State.OK]


async def test_with_everything_right_all_is_ok() -> None:
    async with a_clinic() as clinic:
        findings = await clinic.said()
        assert wrong(findings) == []
        told = " ".join(each.sentence for each in findings)
        assert "Slack knows this bot in Bench and Plane." in told
        assert "none: what others posted stays" in told
        assert "Steward is in all 3 that it reads." in told
        assert not any(each.token for each in clinic.server.requests.to("link"))


async def test_nothing_is_connected_or_changed() -> None:
    async with a_clinic() as clinic:
        journal = len(clinic.server.world.journal)
        await clinic.said()
        assert len(clinic.server.world.journal) == journal
        asked = {each.method for each in clinic.server.requests.all}
        assert asked <= {"auth.test", "apps.connections.open", "conversations.list", "users.info"}


@pytest.mark.parametrize(
    "keys, words",
    [
        ({"bot_token": "xoxb-wrong"}, "Slack does not know STEWARD_SLACK_BOT_TOKEN"),
        ({"app_token": "xapp-wrong"}, "Slack does not know STEWARD_SLACK_APP_TOKEN"),
        ({"admin_token": "xoxp-wrong"}, "Slack does not know STEWARD_SLACK_ADMIN_TOKEN"),
    ],
)
async def test_a_token_that_slack_does_not_know_is_named(keys: dict[str, str], words: str) -> None:
    async with a_clinic() as clinic:
        clinic.keys = replace(clinic.keys, **keys)  # type: ignore[arg-type]  # all of these are texts
        (sentence,) = wrong(await clinic.said())
        assert words in sentence


async def test_each_scope_that_is_missing_is_named_with_what_it_is_for() -> None:
    have = tuple(scope.name for scope in SCOPES if not scope.name.startswith("pins"))
    async with a_clinic(have) as clinic:
        told = wrong(await clinic.said())
        assert [each.split(" is missing")[0] for each in told] == ["scopes: pins:read", "scopes: pins:write"]
        assert all("install it again" in each for each in told)


async def test_the_admins_token() -> None:
    async with a_clinic() as clinic:
        people = clinic.server.people
        clinic.keys = replace(clinic.keys, admin_token=people.user_token(clinic.mona))
        assert wrong(await clinic.said()) == []
        pete = people.join(clinic.workspace, "pete")
        clinic.keys = replace(clinic.keys, admin_token=people.user_token(pete))
        assert "is no admin" in wrong(await clinic.said())[0]
        clinic.keys = replace(clinic.keys, admin_token=people.user_token(clinic.mona, ["users:read"]))
        assert "chat:write is missing" in wrong(await clinic.said())[0]


async def test_a_clock_that_is_wrong() -> None:
    async with a_clinic() as clinic:
        (sentence,) = wrong(await clinic.said(hours=1))
        assert "seconds ahead of Slack's" in sentence
        (sentence,) = wrong(await clinic.said(hours=-1))
        assert "seconds behind Slack's" in sentence


async def test_a_workspace_that_is_not_set_up() -> None:
    async with a_clinic() as clinic:
        (sentence,) = wrong(await clinic.said({}))
        assert "type /relevance setup there" in sentence


async def test_channels_in_which_steward_is_not() -> None:
    async with a_clinic() as clinic:
        bot, people = clinic.workspace.bot, clinic.server.people
        assert bot is not None
        for channel in clinic.channels.values():
            people.leave(channel, bot)
        people.archive(clinic.channels["business"], by=clinic.mona)
        told = wrong(await clinic.said())
        assert "does not see the moderators' channel" in told[0]
        assert "joins it by itself" in told[1]
        assert told[2].startswith("Bench and Plane, #business: Steward does not see it")


async def test_a_moderators_channel_that_everybody_reads_or_that_is_missing() -> None:
    async with a_clinic() as clinic:
        ((community, (charter, policy)),) = clinic.rules.items()
        open_to_all = replace(policy, moderators_channel=clinic.channels["business"].id)
        assert "make it private" in wrong(await clinic.said({community: (charter, open_to_all)}))[0]
        nowhere = replace(policy, moderators_channel="")
        assert "no moderators' channel is set" in wrong(await clinic.said({community: (charter, nowhere)}))[0]


async def test_a_slack_that_is_not_there() -> None:
    async with a_clinic() as clinic:
        clinic.server.troubles.drop_next("auth.test")
        (finding,) = await clinic.said()
        assert finding.state is State.UNKNOWN


async def test_over_http_it_says_where_slack_is_waited_for() -> None:
    async with a_clinic() as clinic:
        clinic.keys = replace(clinic.keys, app_token="", signing_secret="a" * 32)
        assert any("127.0.0.1:3000" in each.sentence for each in await clinic.said())
