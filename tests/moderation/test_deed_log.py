"""moderation/deed_log.py: a line about everything that Steward does, where a community wants one."""

from __future__ import annotations

from moderation.actions import NudgeAuthor
from moderation.errors import NotAllowed
from moderation.policy import Mode, Policy
from tests.moderation.stage import SOCIAL, WORK, Stage

LOG = "C8"


async def a_stage(log_channel: str = LOG) -> Stage:
    stage = Stage()
    stage.platform.add_channel(LOG, name="steward-log")
    await stage.govern(Policy(Mode.NUDGE, log_channel=log_channel))
    return stage


async def test_what_was_done_is_told_in_the_log_once() -> None:
    stage = await a_stage()
    (message,) = await stage.talk(("ann", "my cat again"))
    await stage.queue(NudgeAuthor("ann", message.key.message, SOCIAL))
    await stage.settle()
    (line,) = stage.texts(LOG)
    assert "A word to" in line
    assert line.endswith("done")
    await stage.settle()
    assert len(stage.texts(LOG)) == 1


async def test_what_failed_is_told_with_its_reason() -> None:
    stage = await a_stage()
    (message,) = await stage.talk(("ann", "my cat again"))
    stage.platform.troubles.fail_next("tell", NotAllowed("Nobody may be told anything.", "Tell"))
    await stage.queue(NudgeAuthor("ann", message.key.message, SOCIAL))
    await stage.settle()
    assert any(line.endswith("refused (Nobody may be told anything.)") for line in stage.texts(LOG))


async def test_a_log_channel_that_is_not_there_stops_nothing() -> None:
    stage = await a_stage("C77")
    (message,) = await stage.talk(("ann", "my cat again"))
    await stage.queue(NudgeAuthor("ann", message.key.message, SOCIAL))
    await stage.settle()
    assert stage.platform.world.notes


async def test_without_a_log_channel_nothing_is_logged() -> None:
    stage = await a_stage("")
    (message,) = await stage.talk(("ann", "my cat again"), channel=WORK)
    await stage.queue(NudgeAuthor("ann", message.key.message, SOCIAL))
    await stage.settle()
    assert stage.texts(LOG) == []
