"""`steward doctor` against a server on this machine that speaks Discord's protocol: what is right, what is wrong, and the exit code."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import discord
import pytest

from bot import cli
from bot.discord import doctor as discord_doctor
from bot.findings import State
from bot.settings import PREFIX
from moderation.charter import ChannelCharter, Charter
from moderation.classifier.folder import SHIPPED
from moderation.messages import Platform
from moderation.policy import Mode, Policy
from moderation.ports import Community
from moderation.storage import schema
from moderation.storage.crypto import Vault
from moderation.storage.database import open_store
from tests.fakes.discord import places
from tests.fakes.discord.entities import Channel, Guild, Kind
from tests.fakes.discord.permissions import BOT, Permission
from tests.fakes.discord.server import DiscordServer

SECRET = "k" * 32
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing set but a key, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("STEWARD_SECRET_KEY", SECRET)
    monkeypatch.setattr(
        discord.http.Route, "BASE", discord.http.Route.BASE
    )  # put back what the command changes
    return tmp_path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[DiscordServer]:
    """Running in a thread of its own, for the command has an event loop of its own; the settings name it."""
    loop, found, stop = asyncio.new_event_loop(), DiscordServer(), asyncio.Event()
    started = threading.Event()

    async def serve() -> None:
        async with found:
            started.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert started.wait(5)
    monkeypatch.setenv("STEWARD_DISCORD_TOKEN", found.token)
    monkeypatch.setenv("STEWARD_DISCORD_API_URL", found.api_url)
    yield found
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], tuple[int, list[str]]]:
    """Run the command; its exit code and its lines."""

    def run() -> tuple[int, list[str]]:
        code = cli.run(["doctor"])
        told = capsys.readouterr()
        assert SECRET not in told.out + told.err
        assert "Traceback" not in told.out + told.err
        return code, told.out.splitlines()

    return run


Said = Callable[[], tuple[int, list[str]]]


def publish(guild: str, charter: Charter, policy: Policy, secret: str = SECRET) -> None:
    """Set a community up, in the database of the settings."""

    async def work() -> None:
        url = "sqlite+aiosqlite:///steward.db"
        await schema.upgrade(url)
        store = await open_store(url, Vault(secret))
        async with store.work() as work:
            await work.communities.publish(Community(Platform.DISCORD, guild), charter, policy, NOW)
            await work.commit()
        await store.close()

    asyncio.run(work())


class Harbour:
    """A server with a general, a lounge, and a moderators' channel that the bot's role sees."""

    def __init__(self, discord: DiscordServer, bot: int = int(BOT)) -> None:
        self.people = discord.people
        self.guild: Guild = self.people.create_guild("Harbour", bot=bot)
        self.general = self.people.create_channel(self.guild, "general")
        self.lounge = self.people.create_channel(self.guild, "lounge")
        role = next(each for each in self.guild.roles.values() if each.bot_id)
        self.moderators = self.people.create_channel(self.guild, "moderators", only_for=[role])

    def set_up(
        self, mode: Mode = Mode.OFFER, *, channels: tuple[ChannelCharter, ...] | None = None, **named: str
    ) -> None:
        listed = (ChannelCharter("general"), ChannelCharter("lounge", id=self.lounge.id, social=True))
        charter = Charter("Harbour", "Boat builders", channels=listed if channels is None else channels)
        policy = Policy(
            mode=mode,
            moderators_channel=named.get("moderators", self.moderators.id),
            log_channel=named.get("log", ""),
        )
        publish(self.guild.id, charter, policy)

    def deny(self, channel: Channel, permission: Permission) -> None:
        self.people.set_permissions(channel, self.people.bot(self.guild), deny=int(permission))


# --- before anything is set up ---------------------------------------------------------------------------------------


def test_all_that_is_wrong_with_the_settings_is_said_at_once(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STEWARD_SECRET_KEY")
    monkeypatch.setenv("STEWARD_LOG_LEVEL", "loud")
    code, lines = said()
    assert code == 1
    assert [line[:11].strip() for line in lines[:4]] == ["problem", "problem", "problem", "cannot tell"]
    assert any("STEWARD_SECRET_KEY is not set; make one with" in line for line in lines)
    assert any("STEWARD_DISCORD_TOKEN is not set; copy it" in line for line in lines)
    assert any("STEWARD_LOG_LEVEL must be" in line for line in lines)
    assert lines[-1] == "3 things are wrong."


@pytest.mark.usefixtures("server")
def test_a_newcomer_with_everything_right_is_told_what_comes_next(said: Said) -> None:
    code, lines = said()
    assert code == 0
    assert lines[-1] == "Nothing is wrong, as far as it can be told."
    assert "ok           database: steward.db is not there yet; steward run makes it." in lines
    assert any(line.startswith("ok           clock:") for line in lines)
    assert "ok           message content intent: it is switched on." in lines
    assert any("Steward is in none yet" in line and "steward invite" in line for line in lines)
    assert not Path("steward.db").exists()


@pytest.mark.usefixtures("server")
def test_a_token_that_discord_does_not_know_is_a_problem(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_DISCORD_TOKEN", "an.other.token")
    code, lines = said()
    assert code == 1
    (wrong,) = [line for line in lines if line.startswith("problem")]
    assert "does not know STEWARD_DISCORD_TOKEN" in wrong
    assert "an.other.token" not in "".join(lines)


@pytest.mark.usefixtures("server")
def test_a_discord_that_is_not_there_cannot_be_told(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_DISCORD_API_URL", "http://127.0.0.1:9/api/v10")
    code, lines = said()
    assert code == 0
    assert any(line.startswith("cannot tell  Discord: Discord cannot be reached.") for line in lines)


def test_the_intent_that_is_switched_off_is_a_problem(server: DiscordServer, said: Said) -> None:
    server.world.privileged_intents = 0
    code, lines = said()
    assert code == 1
    assert any("switch on Message Content Intent" in line for line in lines)


@pytest.mark.parametrize("minutes, state", [(0, State.OK), (-5, State.PROBLEM), (5, State.PROBLEM)])
async def test_the_clock_is_compared_with_discord_s(minutes: int, state: State) -> None:
    async with DiscordServer() as server:
        findings = await discord_doctor.examine(
            server.token, server.api_url, {}, lambda: datetime.now(UTC) + timedelta(minutes=minutes)
        )
    assert findings[0].about == "clock"
    assert findings[0].state is state
    if minutes:
        assert ("ahead of" if minutes > 0 else "behind") in findings[0].sentence


@pytest.mark.usefixtures("server")
def test_a_damaged_model_is_a_problem(said: Said, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Path(shutil.copytree(SHIPPED, folder / "model"))
    (model / "judge.onnx").write_bytes(b"not a network")
    monkeypatch.setenv("STEWARD_MODEL_DIR", str(model))
    code, lines = said()
    assert code == 1
    assert any(line.startswith("problem      model:") and "is damaged" in line for line in lines)


@pytest.mark.usefixtures("server")
def test_another_key_is_a_problem(said: Said) -> None:
    publish("1", Charter("Harbour", "Boats"), Policy(), secret="o" * 32)
    code, lines = said()
    assert code == 1
    assert any(line.startswith("problem      secret key: STEWARD_SECRET_KEY does not open") for line in lines)


@pytest.mark.usefixtures("server")
def test_a_database_of_somebody_else_is_a_problem(said: Said) -> None:
    Path("steward.db").write_bytes(b"this is no database at all, but a long enough text" * 9)
    code, lines = said()
    assert code == 1
    assert any(line.startswith("problem      database:") for line in lines)


@pytest.mark.usefixtures("server")
def test_a_folder_that_is_not_there_is_a_problem(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_DATABASE_URL", "sqlite+aiosqlite:///nowhere/steward.db")
    code, lines = said()
    assert code == 1
    assert any("must be a folder in which Steward may write" in line for line in lines)


# --- servers that are set up -----------------------------------------------------------------------------------------


def test_a_server_where_all_is_right(server: DiscordServer, said: Said) -> None:
    Harbour(server).set_up()
    code, lines = said()
    assert lines[-1] == "Nothing is wrong.", lines
    assert code == 0
    assert "ok           secret key: it opens what is stored." in lines
    assert "ok           servers: Steward is in 1; set up of them: 1." in lines
    for channel, role in (
        ("general", "is watched"),
        ("moderators", "is the moderators' channel"),
        ("lounge", "is the social channel"),
    ):
        assert (
            f"ok           Harbour, #{channel}: it {role}, and Steward may do all that it needs there."
            in lines
        )


def test_a_missing_permission_is_told_by_its_name_with_what_it_is_for(
    server: DiscordServer, said: Said
) -> None:
    harbour = Harbour(server)
    harbour.set_up()
    harbour.deny(harbour.general, Permission.MANAGE_MESSAGES | Permission.READ_MESSAGE_HISTORY)
    code, lines = said()
    assert code == 1
    (wrong,) = [line for line in lines if line.startswith("problem")]
    assert wrong.startswith(
        "problem      Harbour, #general: it is watched, but Steward lacks Read Message History and Manage Messages ("
    )
    assert "Manage Messages to take away the original of a moved post" in wrong
    assert wrong.endswith("Allow it to Steward's role: the channel's settings, Permissions.")


def test_whoever_only_observes_needs_not_speak_where_people_talk(server: DiscordServer, said: Said) -> None:
    harbour = Harbour(server)
    harbour.deny(harbour.general, Permission.SEND_MESSAGES)
    harbour.set_up(Mode.OBSERVE)
    assert said()[0] == 0
    harbour.set_up(Mode.NUDGE)
    assert said()[0] == 1


def test_pinning_can_be_left_to_people(server: DiscordServer, said: Said) -> None:
    Harbour(server, bot=int(BOT & ~Permission.PIN_MESSAGES)).set_up()
    assert said()[0] == 0


def test_a_charter_s_channel_that_is_not_there_is_a_problem(server: DiscordServer, said: Said) -> None:
    Harbour(server).set_up(channels=(ChannelCharter("genral"), ChannelCharter("lounge", social=True)))
    code, lines = said()
    assert code == 1
    assert any("#genral is watched by the charter, but there is no such channel" in line for line in lines)


def test_without_a_list_of_channels_what_is_hidden_is_only_counted(server: DiscordServer, said: Said) -> None:
    harbour = Harbour(server)
    harbour.people.create_channel(harbour.guild, "board", only_for=[])
    harbour.set_up(Mode.OBSERVE, channels=())
    code, lines = said()
    assert code == 0
    assert "ok           Harbour: channels that Steward does not see, and does not read: 1." in lines


@pytest.mark.parametrize(
    "channels, told",
    [
        ({"moderators": ""}, "no moderators' channel is set"),
        ({"moderators": "gone"}, "gone is the moderators' channel, but there is no such channel"),
        ({"moderators": "general"}, "everybody in the server can read the moderators' channel"),
        ({"log": "1200000000000000001"}, "is the log channel, but there is no such channel"),
    ],
)
def test_where_moderators_are_told_has_to_be_there(
    server: DiscordServer, said: Said, channels: dict[str, str], told: str
) -> None:
    Harbour(server).set_up(Mode.OFFER, channels=None, **channels)
    code, lines = said()
    assert code == 1
    assert any(line.startswith("problem") and told in line for line in lines)


def test_who_offers_to_move_needs_a_place_to_move_to(server: DiscordServer, said: Said) -> None:
    harbour = Harbour(server)
    harbour.set_up(channels=(ChannelCharter("general"),))
    code, lines = said()
    assert code == 1
    assert any("the mode is offer, but no channel is social" in line for line in lines)
    harbour.set_up(Mode.OBSERVE, channels=(ChannelCharter("general"),))
    assert said()[0] == 0


def test_a_forum_is_no_place_to_move_to_but_a_thread_of_it_is(server: DiscordServer, said: Said) -> None:
    harbour = Harbour(server)
    forum = harbour.people.create_forum(harbour.guild, "corner")
    harbour.set_up(channels=(ChannelCharter("general"), ChannelCharter("corner", social=True)))
    code, lines = said()
    assert code == 1
    assert any("a forum holds no posts of its own" in line for line in lines)
    thread = places.start_thread(server.world, forum, "tea", harbour.people.owner(harbour.guild).user)
    harbour.set_up(channels=(ChannelCharter("general"), ChannelCharter("tea", id=thread.id, social=True)))
    assert said()[0] == 0
    harbour.deny(forum, Permission.SEND_MESSAGES_IN_THREADS)
    _, lines = said()
    assert any("Harbour, #corner" in line and "lacks Send Messages in Threads" in line for line in lines)


def test_the_text_of_a_voice_channel_needs_connect(server: DiscordServer, said: Said) -> None:
    harbour = Harbour(server)
    harbour.people.create_channel(harbour.guild, "workshop", Kind.VOICE)
    harbour.set_up(channels=(ChannelCharter("workshop"), ChannelCharter("lounge", social=True)))
    code, lines = said()
    assert code == 1
    assert any("Harbour, #workshop: it is watched, but Connect is missing" in line for line in lines)


def test_a_server_that_threw_steward_out_is_a_problem(server: DiscordServer, said: Said) -> None:
    harbour = Harbour(server)
    harbour.set_up()
    harbour.people.throw_bot_out(harbour.guild)
    code, lines = said()
    assert code == 1
    assert any("Harbour is set up, but Steward is not in the server" in line for line in lines)


def test_a_server_that_discord_does_not_show_now_cannot_be_told(server: DiscordServer, said: Said) -> None:
    Harbour(server).set_up()
    server.troubles.fail_next("GET /guilds/{guild_id}/channels", 403, 50001)
    code, lines = said()
    assert code == 0
    assert any(line.startswith("cannot tell  server") and "could not be looked at" in line for line in lines)


# --- the page ----------------------------------------------------------------------------------------------------------


def test_what_the_page_explains_is_what_doctor_says() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "install-discord.md").read_text("utf-8")
    rows = re.findall(
        r"^\| `([^`]+)` \| .+ \|$", page.partition("## When something is wrong")[2], re.MULTILINE
    )
    places = (
        "bot/doctor.py",
        "bot/settings.py",
        "bot/discord",
        "moderation/storage",
        "moderation/classifier",
    )
    sources = [
        path for place in places for path in [root / place, *(root / place).rglob("*.py")] if path.is_file()
    ]
    said = "".join(path.read_text("utf-8") for path in sources)
    joined = re.sub(r'"\s*\n\s*f?"', "", said)
    assert len(rows) > 15
    # A setting's name is put before its sentence, so the sentence alone stands in the source.
    assert [row for row in rows if row.removeprefix("STEWARD_DISCORD_TOKEN ") not in joined] == []
