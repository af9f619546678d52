"""/relevance: what moderators may ask. Discord shows it to those who may manage the server; the office asks again."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.discord.commands import wizard
from bot.discord.commands.answers import Asked
from bot.discord.commands.charter import ChannelCommands, CharterCommands, read
from bot.discord.commands.desk import Desk
from bot.discord.commands.options import Picked, Talking, message_in, offered
from bot.discord.commands.setup import set_up
from bot.office import backlog, charters, figures, logbook, moves, questions, status
from bot.office.figures import LONGEST
from bot.office.logbook import MOST
from bot.office.office import Office
from bot.office.rules import MOVE_WORDS
from bot.office.said import Request, Said
from bot.office.setup import Wishes
from moderation.charter_file import LONGEST_TEXT
from moderation.policy import Mode
from moderation.promise import Promise

MODES = [app_commands.Choice(name=mode.value, value=mode.value) for mode in Mode]
CONFIRM = f'For mode move without a promise: "{MOVE_WORDS}".'
PROMISE = "At most how many wrong nudges in 100, and how sure; or off."
Short = app_commands.Range[str, 1, 200]


class Relevance(app_commands.Group):
    """The commands of moderators."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            name="relevance",
            description="Keep talks where they belong: for moderators.",
            guild_only=True,
            default_permissions=discord.Permissions(manage_guild=True),
        )
        self.desk = desk
        self.add_command(CharterCommands(desk))
        self.add_command(ChannelCommands(desk))

    # --- the rules ----------------------------------------------------------------------------------------------

    @app_commands.command(description="Begin, or change the first things; without options a form opens.")
    @app_commands.describe(
        purpose="What this community is for.",
        social="Where casual talk is at home.",
        moderators="Where moderators are shown what is found.",
        mode="How far Steward goes. It begins with observe.",
        promise=PROMISE,
    )
    @app_commands.choices(mode=MODES)
    async def setup(
        self,
        interaction: Asked,
        purpose: app_commands.Range[str, 1, LONGEST_TEXT] | None = None,
        social: app_commands.Transform[Picked, Talking] | None = None,
        moderators: app_commands.Transform[Picked, Talking] | None = None,
        mode: str | None = None,
        promise: Short | None = None,
    ) -> None:
        wishes = Wishes(
            purpose=purpose,
            social=str(social.id) if social is not None else None,
            moderators=str(moderators.id) if moderators is not None else None,
            mode=mode,
            promise=promise,
        )
        if wishes == Wishes():
            await wizard.open_form(self.desk, interaction)
        else:
            await set_up(self.desk, interaction, wishes)

    @app_commands.command(description="How far Steward goes: observe, nudge, offer to move, move.")
    @app_commands.describe(mode="How far.", confirm=CONFIRM)
    @app_commands.choices(mode=MODES)
    async def mode(self, interaction: Asked, mode: str, confirm: Short = "") -> None:
        await self.desk.reply(interaction, lambda office, asked: charters.mode(office, asked, mode, confirm))

    @app_commands.command(description="Promise at most how many wrong nudges; silent until it is kept.")
    @app_commands.describe(promise=PROMISE, confirm=CONFIRM)
    async def promise(self, interaction: Asked, promise: Short, confirm: Short = "") -> None:
        await self.desk.reply(
            interaction, lambda office, asked: charters.promise(office, asked, promise, confirm)
        )

    @setup.autocomplete("promise")
    @promise.autocomplete("promise")
    async def _promises(self, interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
        del interaction
        known = [str(Promise(share, 0.95)) for share in (0.02, 0.05, 0.1)]
        return offered(((each, each) for each in (*known, "off")), typed)

    @app_commands.command(description="What another charter file would change; nothing is published.")
    @app_commands.describe(file="The charter file (charter.toml).")
    async def diff(self, interaction: Asked, file: discord.Attachment) -> None:
        async def ask(office: Office, asked: Request) -> Said:
            return await charters.diff(office, asked, await read(file))

        await self.desk.reply(interaction, ask)

    # --- how things stand ---------------------------------------------------------------------------------------

    @app_commands.command(description="How things stand: mode, promise, and what waits for whom.")
    async def status(self, interaction: Asked) -> None:
        await self.desk.reply(interaction, status.status)

    @app_commands.command(description="A few figures of the last days.")
    @app_commands.describe(days="How many days, today among them.")
    async def stats(self, interaction: Asked, days: app_commands.Range[int, 1, LONGEST] = 7) -> None:
        await self.desk.reply(interaction, lambda office, asked: figures.stats(office, asked, str(days)))

    @app_commands.command(
        description="The digest with its chart: of the latest whole week, or of the last days."
    )
    @app_commands.describe(days="How many days, today among them.")
    async def digest(
        self, interaction: Asked, days: app_commands.Range[int, 1, LONGEST] | None = None
    ) -> None:
        period = figures.WEEK if days is None else str(days)
        await self.desk.reply(interaction, lambda office, asked: figures.digest(office, asked, period))

    @app_commands.command(description="What Steward did lately.")
    @app_commands.describe(number="How many things.")
    async def log(self, interaction: Asked, number: app_commands.Range[int, 1, MOST] = 15) -> None:
        await self.desk.reply(interaction, lambda office, asked: logbook.log(office, asked, number))

    # --- rulings ------------------------------------------------------------------------------------------------

    @app_commands.command(description="Pitches that wait for your ruling, by author.")
    async def review(self, interaction: Asked) -> None:
        await self.desk.reply(interaction, backlog.review)

    @app_commands.command(
        description="Rule on drawn messages that were flagged: that is how a promise is kept."
    )
    async def calibrate(self, interaction: Asked) -> None:
        await self.desk.reply(interaction, questions.calibrate)

    @app_commands.command(description="Rule on drawn messages that were not flagged: what was missed?")
    async def audit(self, interaction: Asked) -> None:
        await self.desk.reply(interaction, questions.audit)

    # --- what is done -------------------------------------------------------------------------------------------

    @app_commands.command(description="Move a post to the social channel; you see first what would move.")
    @app_commands.describe(
        message="The link of the post, or its id.", talk="The whole talk that it belongs to."
    )
    async def move(self, interaction: Asked, message: Short, talk: bool = False) -> None:
        async def ask(office: Office, asked: Request) -> Said:
            channel, post = await message_in(self.desk, interaction, message)
            return await moves.move(office, asked, channel, (post,), talk=talk)

        await self.desk.reply(interaction, ask)

    @app_commands.command(description="Bring back what was moved in the last 7 days.")
    @app_commands.describe(message="The link of a moved post or its copy; without one you choose.")
    async def undo(self, interaction: Asked, message: Short | None = None) -> None:
        async def ask(office: Office, asked: Request) -> Said:
            if message is None:
                return await moves.undo(office, asked)
            return await moves.undo(office, asked, *await message_in(self.desk, interaction, message))

        await self.desk.reply(interaction, ask)

    @app_commands.command(description="Say nothing to members for some hours.")
    @app_commands.describe(hours="For how many hours; a week is 168.")
    async def pause(self, interaction: Asked, hours: app_commands.Range[float, 0.5, 168.0] = 24.0) -> None:
        await self.desk.reply(interaction, lambda office, asked: status.pause(office, asked, hours))

    @app_commands.command(description="End a pause.")
    async def resume(self, interaction: Asked) -> None:
        await self.desk.reply(interaction, status.resume)
