"""`steward review-pack`: papers that say how this installation is configured, and no secret."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot import cli
from bot.discord.client import intents
from bot.review_pack import ABOUT, PRIVILEGED, Facts, Held, intent_review, privacy_page
from bot.settings import PREFIX
from moderation.charter import Charter
from moderation.messages import Platform
from moderation.policy import Mode, Policy
from moderation.ports import Community
from moderation.storage import schema
from moderation.storage.crypto import Vault
from moderation.storage.database import open_store

SECRET = "hush" * 8
ENDPOINT = "https://judge.example/v1/chat/completions?key=hush"


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("STEWARD_SECRET_KEY", SECRET)
    monkeypatch.setenv("STEWARD_DISCORD_TOKEN", "hush.hush.hush")


def publish(*communities: tuple[str, Policy]) -> None:
    async def work() -> None:
        url = "sqlite+aiosqlite:///steward.db"
        await schema.upgrade(url)
        store = await open_store(url, Vault(SECRET))
        async with store.work() as work:
            for number, (name, policy) in enumerate(communities):
                where = Community(Platform.DISCORD, str(number))
                at = datetime(2026, 3, 2, tzinfo=UTC)
                await work.communities.publish(where, Charter(name, "Boats"), policy, at)
            await work.commit()
        await store.close()

    asyncio.run(work())


def written() -> tuple[str, str]:
    """The intent review and the privacy page, on one line each, as somebody reads them."""
    assert cli.run(["review-pack", "--out", "pack"]) == 0
    pages = [(Path("pack") / name).read_text("utf-8") for name in ("intent-review.md", "privacy.md")]
    assert not any("hush" in page for page in pages)
    review, privacy = (" ".join(page.split()) for page in pages)
    return review, privacy


def test_the_papers_of_a_bot_that_nobody_set_up() -> None:
    review, privacy = written()
    assert "Text is kept at most 7 days (no community is set up yet)." in review
    assert "No text is sent to anybody for it." in review
    assert "Server Members and Presence. Steward works without them." in review
    assert "in a file on the machine that runs Steward" in privacy
    assert "Nobody's words are moved without their wish." in privacy
    assert not Path("steward.db").exists()


def test_retention_is_that_of_each_community() -> None:
    publish(("Harbour", Policy(retention_days=3)), ("*Joiners*", Policy(retention_days=1, mode=Mode.MOVE)))
    review, privacy = written()
    for page in (review, privacy):
        assert r"Text is kept at most 3 days in Harbour, 1 day in \*Joiners\*." in page
    assert "| at most 3 days | encrypted (AES-256-GCM) |" in privacy
    assert r"except in \*Joiners\*, where a drifted talk is moved as a whole" in privacy


def test_a_model_of_the_owner_s_is_told_without_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_JUDGE_URL", ENDPOINT)
    monkeypatch.setenv("STEWARD_JUDGE_MODEL", "tiny-judge")
    monkeypatch.setenv("STEWARD_JUDGE_KEY", "hush")
    for page in written():
        assert "leave Steward" in page
        assert r"the language model tiny\-judge at judge\.example" in page
        assert "No text is sent to anybody" not in page


def test_another_database_is_told_without_its_password() -> None:
    facts = Facts(
        date(2026, 3, 2), ("message_content",), (Held("Harbour", 7, False),), "db.example", None, None, True
    )
    privacy = privacy_page(facts)
    assert r"in a PostgreSQL database on db\.example" in privacy
    assert "a model of the owner's choice" in privacy
    assert "Text is kept at most 7 days." in intent_review(facts)


def test_every_privileged_intent_that_is_asked_for_is_answered_for() -> None:
    asked = {name for name, wanted in intents() if wanted} & set(PRIVILEGED)
    assert asked == set(ABOUT) == {"message_content"}
    assert "## Message Content\n" in intent_review(
        Facts(date(2026, 3, 2), tuple(asked), (), None, None, None, False)
    )


def test_what_is_there_is_not_replaced_unless_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pack").mkdir()
    Path("pack/privacy.md").write_text("mine", "utf-8")
    assert cli.run(["review-pack", "--out", "pack"]) == 2
    assert "pack/privacy.md is there already; --overwrite replaces" in capsys.readouterr().err
    assert Path("pack/privacy.md").read_text("utf-8") == "mine"
    assert not Path("pack/intent-review.md").exists()
    assert cli.run(["review-pack", "--out", "pack", "--overwrite"]) == 0
    assert Path("pack/privacy.md").read_text("utf-8").startswith("# Privacy")


def test_a_folder_that_cannot_be_made_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pack").write_text("no folder", "utf-8")
    assert cli.run(["review-pack", "--out", "pack/inner"]) == 2
    assert "pack/inner cannot be made" in capsys.readouterr().err
