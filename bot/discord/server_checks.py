"""Whether Steward may do in one server what its charter and policy want: computed from what Discord says over HTTP.

A further check is a function of `Server`, named in CHECKS.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import discord

from bot.discord.inbound import Room
from bot.discord.permissions import BY_HAND, Place, missing
from bot.findings import Finding, fine, problem
from moderation.charter import ChannelCharter, Charter
from moderation.policy import Mode, Policy

HOW_TO_ALLOW = "Allow it to Steward's role: the channel's settings, Permissions."
MOVES = (Mode.OFFER, Mode.MOVE)


@dataclass(frozen=True, slots=True)
class Server:
    """One server as it is now, and what is wanted there. `threads` are those that the rules name by id."""

    guild: discord.Guild
    me: discord.Member
    rooms: Sequence[Room]
    threads: Sequence[discord.Thread]
    charter: Charter
    policy: Policy

    def named(self, room: Room) -> str:
        """A channel of it, for people."""
        return f"{self.guild.name}, #{room.name}"

    def sees(self, room: Room) -> bool:
        """Whether what is written there is shown to us; the text of a voice channel only to who may join it."""
        may = room.permissions_for(self.me)
        is_voice = isinstance(room, discord.VoiceChannel | discord.StageChannel)
        return may.view_channel and (may.connect or not is_voice)

    def found(self, channel: str) -> Room | None:
        """A channel by id or name; of a thread's id, its parent."""
        wanted = channel.lstrip("#").casefold()
        parents = {str(thread.id): thread.parent_id for thread in self.threads}
        for room in self.rooms:
            if channel == str(room.id) or parents.get(channel) == room.id:
                return room
        return next((room for room in self.rooms if room.name.casefold() == wanted), None)

    def is_thread(self, channel: str) -> bool:
        """Whether `channel` is the id of a thread."""
        return any(channel == str(thread.id) for thread in self.threads)


async def check_server(
    client: discord.Client, guild_id: int, charter: Charter, policy: Policy
) -> list[Finding]:
    """Every check of one server. Raises what discord.py raises."""
    server = await _look(client, guild_id, charter, policy)
    return [finding for check in CHECKS for finding in check(server)]


async def _look(client: discord.Client, guild_id: int, charter: Charter, policy: Policy) -> Server:
    if client.user is None:
        raise LookupError("the client is not logged in")
    guild = await client.fetch_guild(guild_id, with_counts=False)
    rooms = [channel for channel in await guild.fetch_channels() if isinstance(channel, Room)]
    known = {str(room.id) for room in rooms}
    named = {policy.moderators_channel, policy.log_channel, *(entry.id or "" for entry in charter.channels)}
    threads = [await _thread(guild, each) for each in sorted(named - known) if each.isdecimal()]
    return Server(
        guild,
        await guild.fetch_member(client.user.id),
        sorted(rooms, key=lambda room: (room.position, room.id)),
        [thread for thread in threads if thread is not None],
        charter,
        policy,
    )


async def _thread(guild: discord.Guild, thread: str) -> discord.Thread | None:
    with suppress(discord.NotFound, discord.Forbidden, discord.InvalidData):
        found = await guild.fetch_channel(int(thread))
        return found if isinstance(found, discord.Thread) else None
    return None


# --- the checks ----------------------------------------------------------------------------------------------------


def _watched(server: Server) -> Iterator[Finding]:
    """Each watched channel. Where the charter lists none, those that Steward does not see are not read, and nothing is wrong."""
    unseen = 0
    for room in server.rooms:
        if not server.charter.is_watched(str(room.id), room.name):
            continue
        if not server.charter.channels and not server.sees(room):
            unseen += 1
            continue
        yield _allowed(server, room, _watched_as(server, room))
    if unseen:
        yield fine(server.guild.name, f"channels that Steward does not see, and does not read: {unseen}.")
    for entry in server.charter.channels:
        if entry.watched and server.found(entry.id or entry.name) is None:
            yield _not_there(server, f"#{entry.name}", "is watched by the charter")


def _watched_as(server: Server, room: Room) -> set[Place]:
    places = {Place.WATCHED}
    if server.policy.mode is not Mode.OBSERVE:
        places.add(Place.SPOKEN_TO)
        if server.policy.act_in_threads or isinstance(room, discord.ForumChannel):
            places.add(Place.THREADS)
    return places


def _cards(server: Server) -> Iterator[Finding]:
    """The moderators' channel: there, writable, and not for everybody."""
    channel = server.policy.moderators_channel
    if not channel:
        yield problem(
            server.guild.name,
            "no moderators' channel is set, so that cards about pitches have nowhere to go: name one with "
            "/relevance setup, or as moderators_channel in the charter file.",
        )
        return
    yield from _written_to(server, channel, "is the moderators' channel", Place.CARDS)
    room = server.found(channel)
    if room is not None and room.permissions_for(server.guild.default_role).view_channel:
        yield problem(
            server.named(room),
            "everybody in the server can read the moderators' channel, and cards quote members: take View Channel from @everyone there.",
        )


def _homes(server: Server) -> Iterator[Finding]:
    """Where casual talk and promotion belong: there, and posts can be brought."""
    social, promotion = server.charter.social_channel, server.charter.promotion_channel
    if social is None and server.policy.mode in MOVES:
        yield problem(
            server.guild.name,
            f"the mode is {server.policy.mode}, but no channel is social: there is nowhere to move casual talk to. Name one with "
            "/relevance setup, or mark one as social in the charter file.",
        )
    for entry, role in ((social, "the social channel"), (promotion, "the promotion channel")):
        if entry is not None:
            yield from _written_to(server, _reference(entry), f"is {role}", Place.HOME)


def _log(server: Server) -> Iterator[Finding]:
    if server.policy.log_channel:
        yield from _written_to(server, server.policy.log_channel, "is the log channel", Place.LOG)


CHECKS: tuple[Callable[[Server], Iterator[Finding]], ...] = (_watched, _cards, _homes, _log)


# --- their parts ---------------------------------------------------------------------------------------------------


def _written_to(server: Server, channel: str, role: str, place: Place) -> Iterator[Finding]:
    """A channel that Steward writes to; `role` says what it is, as in `is the log channel`."""
    room = server.found(channel)
    if room is None:
        yield _not_there(server, channel, role)
    elif isinstance(room, discord.ForumChannel) and not server.is_thread(channel):
        yield problem(
            server.named(room),
            f"it {role}, but a forum holds no posts of its own: name a text channel, or one of its threads by id.",
        )
    else:
        yield _allowed(server, room, {place, Place.THREADS} if server.is_thread(channel) else {place}, role)


def _allowed(server: Server, room: Room, places: Collection[Place], role: str = "is watched") -> Finding:
    lacking = [
        wanted
        for wanted in missing(room.permissions_for(server.me), places)
        if wanted.permission not in BY_HAND
    ]
    if not server.sees(room) and not any(wanted.permission == "view_channel" for wanted in lacking):
        return problem(
            server.named(room), f"it {role}, but Connect is missing to see its text. {HOW_TO_ALLOW}"
        )
    if not lacking:
        return fine(server.named(room), f"it {role}, and Steward may do all that it needs there.")
    names = " and ".join(wanted.name for wanted in lacking)
    reasons = "; ".join(f"{wanted.name} {wanted.reason}" for wanted in lacking)
    return problem(server.named(room), f"it {role}, but Steward lacks {names} ({reasons}). {HOW_TO_ALLOW}")


def _not_there(server: Server, channel: str, role: str) -> Finding:
    return problem(
        server.guild.name,
        f"{channel} {role}, but there is no such channel that holds posts: mend the charter, or make the channel.",
    )


def _reference(entry: ChannelCharter) -> str:
    return entry.id or entry.name
