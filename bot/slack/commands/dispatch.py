"""/relevance and /steward: what was typed is put to the office, or opens a form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.office import backlog, charters, figures, logbook, members, moves, questions, status
from bot.office.charters import ChannelEdit
from bot.office.office import Office
from bot.office.rules import channel_among
from bot.office.said import Request, Said
from bot.office.setup import Wishes
from bot.slack.commands import reports, wizard
from bot.slack.commands.asking import Asking
from bot.slack.commands.charters import open_diff, open_edit
from bot.slack.commands.desk import Ask, Desk
from bot.slack.commands.given import message_of, seen
from bot.slack.commands.parsing import Asked, parsed
from bot.slack.commands.replies import reply_to
from bot.slack.commands.setup import set_up
from bot.slack.commands.table import LABELS, help_text
from bot.slack.rendering import defused
from moderation.charter import Charter
from moderation.messages import Channel

PAUSE = 24.0
"""Hours, where none are given."""
FEW = 7
LATEST = 15

Make = Callable[[Desk, Asked], Ask]
Open = Callable[[Desk, Asking, Asked], Awaitable[None]]


async def take(desk: Desk, asked: Asking, root: str, text: str) -> None:
    """Answer what was typed behind `/root`; for nothing at all, and for `help`, what can be typed."""
    if text.strip().casefold() in ("", "help"):
        await desk.answer(asked, _help(desk, root))
        return
    async with desk.kindly(asked, reply_to(asked, desk.platform.private)):
        wanted = parsed(root, text)
        opened = OPENED.get(wanted.command.path)
        if opened is not None:
            await opened(desk, asked, wanted)
        else:
            await desk.answer(asked, ASKED[wanted.command.path](desk, wanted))


def _help(desk: Desk, root: str) -> Ask:
    async def ask(office: Office, request: Request) -> Said:
        if root == "relevance" and not await office.is_moderator(request):
            return await desk.refusal(request)
        shown = defused(help_text(root))
        if root == "relevance":
            return Said(shown)
        said = await members.help_(office, request)
        return Said(f"{said.text}\n\n{shown}")

    return ask


# --- forms -----------------------------------------------------------------------------------------------------------


async def _setup(desk: Desk, asked: Asking, wanted: Asked) -> None:
    who = wanted.given.get("who")
    wishes = Wishes(
        purpose=wanted.text("purpose"),
        social=wanted.text("social"),
        moderators=wanted.text("moderators"),
        mode=wanted.text("mode"),
        promise=wanted.text("promise"),
        confirmation=wanted.text("confirm") or "",
    )
    if wishes == Wishes() and who is None:
        await wizard.open_form(desk, asked)
    else:
        await set_up(desk, asked, wishes, who if isinstance(who, tuple) else None)


async def _edit(desk: Desk, asked: Asking, _: Asked) -> None:
    await open_edit(desk, asked)


async def _diff(desk: Desk, asked: Asking, _: Asked) -> None:
    await open_diff(desk, asked)


async def _report(desk: Desk, asked: Asking, wanted: Asked) -> None:
    await reports.open_form(desk, asked, wanted.text("sender") or "")


OPENED: dict[str, Open] = {
    "relevance setup": _setup,
    "relevance charter edit": _edit,
    "relevance diff": _diff,
    "steward report": _report,
}


# --- questions -------------------------------------------------------------------------------------------------------


def _channel(desk: Desk, wanted: Asked) -> Ask:
    edit = ChannelEdit(wanted.text("purpose"), wanted.yes("social"), wanted.yes("offers"))
    return _edited_channel(desk, wanted, edit)


def _watch(desk: Desk, wanted: Asked) -> Ask:
    return _edited_channel(desk, wanted, ChannelEdit(watched=True))


def _edited_channel(desk: Desk, wanted: Asked, edit: ChannelEdit) -> Ask:
    async def ask(office: Office, request: Request) -> Said:
        if not await office.is_moderator(request):
            return await desk.refusal(request)
        channel = await seen(desk, request.community, wanted.text("channel") or "")
        return await charters.charter_channel(office, request, channel, edit)

    return ask


def _unwatch(desk: Desk, wanted: Asked) -> Ask:
    async def ask(office: Office, request: Request) -> Said:
        if not await office.is_moderator(request):
            return await desk.refusal(request)
        charter, _ = await office.rules(request.community)
        known = await desk.platform.channels(request.community)
        channels = [*known, *_others(charter, known)]
        return await charters.unwatch(office, request, channel_among(channels, wanted.text("channel") or ""))

    return ask


def _others(charter: Charter, known: Sequence[Channel]) -> list[Channel]:
    """The charter's own channels that are not among those known: one of them may be gone, or no longer be seen."""
    ids = {channel.id for channel in known}
    return [Channel(entry.id, entry.name) for entry in charter.channels if entry.id and entry.id not in ids]


def _example(_: Desk, wanted: Asked) -> Ask:
    label, text = LABELS[wanted.text("label") or ""], wanted.text("text") or ""
    channel = wanted.text("channel") or ""
    return lambda office, request: charters.charter_example(office, request, label, text, channel)


def _mode(_: Desk, wanted: Asked) -> Ask:
    mode, typed = wanted.text("mode") or "", wanted.text("confirm") or ""
    return lambda office, request: charters.mode(office, request, mode, typed)


def _promise(_: Desk, wanted: Asked) -> Ask:
    words, typed = wanted.text("promise") or "", wanted.text("confirm") or ""
    return lambda office, request: charters.promise(office, request, words, typed)


def _stats(_: Desk, wanted: Asked) -> Ask:
    days = str(int(wanted.number("days") or FEW))
    return lambda office, request: figures.stats(office, request, days)


def _digest(_: Desk, wanted: Asked) -> Ask:
    days = wanted.number("days")
    period = figures.WEEK if days is None else str(int(days))
    return lambda office, request: figures.digest(office, request, period)


def _log(_: Desk, wanted: Asked) -> Ask:
    number = int(wanted.number("number") or LATEST)
    return lambda office, request: logbook.log(office, request, number)


def _move(_: Desk, wanted: Asked) -> Ask:
    async def ask(office: Office, request: Request) -> Said:
        channel, message = message_of(wanted, request)
        return await moves.move(office, request, channel, (message,), talk=wanted.yes("talk") or False)

    return ask


def _undo(_: Desk, wanted: Asked) -> Ask:
    async def ask(office: Office, request: Request) -> Said:
        if wanted.text("message") is None:
            return await moves.undo(office, request)
        return await moves.undo(office, request, *message_of(wanted, request))

    return ask


def _pause(_: Desk, wanted: Asked) -> Ask:
    hours = wanted.number("hours") or PAUSE
    return lambda office, request: status.pause(office, request, hours)


def _why(_: Desk, wanted: Asked) -> Ask:
    return lambda office, request: members.why(office, request, *message_of(wanted, request))


def _nudges(wish: str) -> Make:
    return lambda _, __: lambda office, request: members.nudges(office, request, wish)


def _plain(ask: Ask) -> Make:
    return lambda _, __: ask


ASKED: dict[str, Make] = {
    "relevance charter show": _plain(charters.charter_show),
    "relevance charter channel": _channel,
    "relevance charter example": _example,
    "relevance channel watch": _watch,
    "relevance channel unwatch": _unwatch,
    "relevance mode": _mode,
    "relevance promise": _promise,
    "relevance status": _plain(status.status),
    "relevance stats": _stats,
    "relevance digest": _digest,
    "relevance log": _log,
    "relevance review": _plain(backlog.review),
    "relevance calibrate": _plain(questions.calibrate),
    "relevance audit": _plain(questions.audit),
    "relevance move": _move,
    "relevance undo": _undo,
    "relevance pause": _pause,
    "relevance resume": _plain(status.resume),
    "steward help": _plain(members.help_),
    "steward why": _why,
    "steward my-data": _plain(members.my_data),
    "steward forget-me": _plain(members.forget_me),
    "steward nudges on": _nudges("on"),
    "steward nudges off": _nudges("off"),
    "steward nudges direct": _nudges("direct"),
}
