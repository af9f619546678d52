"""`steward charter apply`: a charter file is put in force, what no file says stays, and a pipeline that runs takes it up."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import bot.workers
from bot import cli
from bot.living import LiveClock
from bot.settings import PREFIX
from moderation.charter import Charter
from moderation.messages import MessageKey, Platform
from moderation.pipeline import Pipeline
from moderation.policy import Mode, Policy
from moderation.ports import Community
from moderation.storage import schema
from moderation.storage.crypto import Vault
from moderation.storage.database import open_store
from tests.bot.test_workers import a_house
from tests.factories import a_message
from tests.fakes.keyword_classifier import KeywordClassifier
from tests.fakes.memory_store import MemoryStore

SECRET = "k" * 32
URL = "sqlite+aiosqlite:///steward.db"
HARBOUR = Community(Platform.DISCORD, "1234567890123456789")
APPLY = ["charter", "apply", "charter.toml", "--community", str(HARBOUR)]
CHARTER = """
name = "Harbour"
purpose = "Boat builders help each other."

[[channels]]
name = "general"
"""


@pytest.fixture(autouse=True)
def a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("STEWARD_SECRET_KEY", SECRET)
    write()


def write(policy: str = "") -> None:
    Path("charter.toml").write_text(f"{CHARTER}\n[policy]\n{policy}\n", "utf-8")


async def _rules(before: Policy | None) -> tuple[Charter, Policy] | None:
    await schema.upgrade(URL)
    store = await open_store(URL, Vault(SECRET))
    try:
        async with store.work() as work:
            if before is not None:
                at = datetime(2026, 3, 2, tzinfo=UTC)
                await work.communities.publish(HARBOUR, Charter("Harbour", "Boats"), before, at)
                await work.commit()
            return await work.communities.current(HARBOUR)
    finally:
        await store.close()


def in_force() -> tuple[Charter, Policy]:
    rules = asyncio.run(_rules(None))
    assert rules is not None
    return rules


def set_up(policy: Policy) -> None:
    asyncio.run(_rules(policy))


def test_a_charter_is_put_in_force(capsys: pytest.CaptureFixture[str]) -> None:
    write('mode = "nudge"\nmoderators_channel = "moderators"')
    assert cli.run(APPLY) == 0
    said = capsys.readouterr().out
    assert said.startswith("charter.toml is in force for discord:1234567890123456789.")
    assert "Watched     #general" in said
    assert "No moderators' channel" not in said
    charter, policy = in_force()
    assert charter.purpose == "Boat builders help each other."
    assert (policy.mode, policy.moderators_channel) == (Mode.NUDGE, "moderators")


def test_whoever_has_no_moderators_channel_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(APPLY) == 0
    assert "No moderators' channel is set" in capsys.readouterr().out


def test_what_no_charter_file_says_stays() -> None:
    until = datetime(2030, 1, 1, tzinfo=UTC)
    set_up(Policy(moderators_channel="7", log_channel="8", paused_until=until))
    assert cli.run(APPLY) == 0
    _, policy = in_force()
    assert (policy.moderators_channel, policy.log_channel, policy.paused_until) == ("7", "8", until)
    write('moderators_channel = "9"')
    assert cli.run(APPLY) == 0
    assert in_force()[1] == replace(policy, moderators_channel="9")


def test_whole_talks_are_moved_on_somebody_s_word_only(capsys: pytest.CaptureFixture[str]) -> None:
    write('mode = "move"')
    assert cli.run(APPLY) == 2
    assert 'confirm by typing "move whole talks"' in capsys.readouterr().err
    assert cli.run([*APPLY, "--confirm", "move whole talks"]) == 0
    assert in_force()[1].mode is Mode.MOVE
    assert cli.run(APPLY) == 0  # it was confirmed before


def test_a_slack_workspace_gets_its_charter_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([*APPLY[:-1], "slack:T024BE7LD"]) == 0
    assert capsys.readouterr().out.startswith("charter.toml is in force for slack:T024BE7LD.")


@pytest.mark.parametrize(
    "community",
    [
        "harbour",
        "discord:",
        "discord:12",
        "slack:0123",
        "slack:t0123",
        "playground:T1",
        "discord:１２３４５６７８９０１２３４５６７８",
    ],
)
def test_a_community_is_a_server_s_id(community: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([*APPLY[:-1], community]) == 2
    assert "is no community: write discord: and the server's id" in capsys.readouterr().err
    assert not Path("steward.db").exists()


def test_a_charter_that_is_wrong_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    write('mode = "shout"')
    assert cli.run(APPLY) == 2
    assert "charter.toml: " in capsys.readouterr().err
    assert not Path("steward.db").exists()


def test_without_a_key_nothing_is_stored(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("STEWARD_SECRET_KEY")
    assert cli.run(APPLY) == 2
    assert "STEWARD_SECRET_KEY is not set" in capsys.readouterr().err
    assert not Path("steward.db").exists()


# --- a bot that runs -------------------------------------------------------------------------------------------------


async def test_a_running_line_takes_it_up() -> None:
    assert await asyncio.to_thread(cli.run, APPLY) == 0
    store = await open_store(URL, Vault(SECRET))
    pipeline = Pipeline(store, KeywordClassifier(), LiveClock())
    key = MessageKey(Platform.DISCORD, HARBOUR.id, "42", "1")
    question = replace(a_message(), key=key, channel_name="workshop")
    try:
        assert await pipeline.receive([question]) == []  # not a watched channel
        await asyncio.to_thread(watch, "workshop")
        assert await pipeline.receive([question]) == []
        await pipeline.follow(HARBOUR)
        assert await pipeline.receive([question]) == [question]
    finally:
        await store.close()


def watch(channel: str) -> None:
    """Put a charter in force that watches another channel."""
    Path("charter.toml").write_text(CHARTER.replace("general", channel), "utf-8")
    assert cli.run(APPLY) == 0


async def test_a_running_bot_looks_for_it_at_least_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    assert bot.workers.FOLLOW <= 60
    monkeypatch.setattr("bot.workers.FOLLOW", 0.01)
    async with a_house(MemoryStore()) as house:
        community = house.platform.community
        charter = Charter("Harbour", "Boats")
        async with house.store.work() as work:  # as another process does
            await work.communities.publish(community, charter, Policy(), datetime.now(UTC))
            await work.commit()
        followed = asyncio.Event()
        forget = house.pipeline.forget_ledger

        async def noted(whose: Community) -> None:
            await forget(whose)
            followed.set()

        monkeypatch.setattr(house.pipeline, "forget_ledger", noted)
        async with asyncio.timeout(5):
            await followed.wait()
