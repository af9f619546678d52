"""What owners and moderators do: servers, roles, channels, and who is in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from tests.fakes.discord import places
from tests.fakes.discord.entities import Channel, Guild, Kind, Member, Overwrite, Role
from tests.fakes.discord.permissions import BOT, MODERATOR
from tests.fakes.discord.world import World


class Places:
    def __init__(self, world: World) -> None:
        self.world = world

    def create_guild(self, name: str = "Makers", *, bot: int | None = int(BOT)) -> Guild:
        """With an owner. `bot` is what it may do there; None for a server without it."""
        owner = self.world.new_user("owner", display="Olive Owner")
        guild = places.create_guild(self.world, name, owner)
        if bot is not None:
            places.add_bot(self.world, guild, bot)
        return guild

    def rename_guild(self, guild: Guild, name: str) -> None:
        places.rename_guild(self.world, guild, name)

    def owner(self, guild: Guild) -> Member:
        return guild.members[guild.owner_id]

    def bot(self, guild: Guild) -> Member:
        return guild.members[self.world.bot.id]

    def invite_bot(self, guild: Guild, permissions: int = int(BOT)) -> Member:
        return places.add_bot(self.world, guild, permissions)

    def throw_bot_out(self, guild: Guild) -> None:
        places.remove_bot(self.world, guild, by=self.owner(guild).user)

    def set_bot_permissions(self, guild: Guild, permissions: int) -> None:
        """Of the bot's own role."""
        role = next(each for each in guild.roles.values() if each.bot_id == self.world.bot.id)
        places.change_role(self.world, guild, role, permissions)

    def go_down(self, guild: Guild) -> None:
        """An outage: the server is unavailable until it comes back."""
        places.set_available(self.world, guild, available=False)

    def come_back(self, guild: Guild) -> None:
        places.set_available(self.world, guild, available=True)

    def create_role(self, guild: Guild, name: str, permissions: int = 0) -> Role:
        return places.create_role(self.world, guild, name, permissions)

    def moderators(self, guild: Guild) -> Role:
        """A role with Manage Server and what goes with it; made once."""
        known = [each for each in guild.roles.values() if each.name == "moderators"]
        return known[0] if known else self.create_role(guild, "moderators", int(MODERATOR))

    def join(self, guild: Guild, name: str, *, roles: Iterable[Role] = (), bot: bool = False) -> Member:
        """A new person, or another bot."""
        return places.add_member(self.world, guild, self.world.new_user(name, bot=bot), roles)

    def join_too(self, guild: Guild, member: Member) -> Member:
        """Somebody who is in another server already."""
        return places.add_member(self.world, guild, member.user)

    def leave(self, member: Member) -> None:
        places.remove_member(self.world, member)

    def give_role(self, member: Member, role: Role) -> None:
        member.roles.append(role.id)
        places.change_member(self.world, member)

    def take_role(self, member: Member, role: Role) -> None:
        member.roles.remove(role.id)
        places.change_member(self.world, member)

    def rename(self, member: Member, nick: str | None) -> None:
        member.nick = nick
        places.change_member(self.world, member)

    def time_out(self, member: Member, for_: timedelta) -> None:
        member.timed_out_until = self.world.now() + for_
        places.change_member(self.world, member)

    def create_channel(
        self,
        guild: Guild,
        name: str,
        kind: Kind = Kind.TEXT,
        *,
        topic: str | None = None,
        parent: Channel | None = None,
        only_for: Iterable[Role | Member] | None = None,
    ) -> Channel:
        """`only_for` hides it from everybody but those; the bot has to be named to see it."""
        overwrites = []
        if only_for is not None:
            overwrites = [Overwrite(guild.id, for_role=True, deny=1 << 10)]
            overwrites += [
                Overwrite(each.id, for_role=isinstance(each, Role), allow=1 << 10) for each in only_for
            ]
        return places.create_channel(
            self.world, guild, name, kind, topic=topic, parent=parent, overwrites=overwrites
        )

    def create_forum(self, guild: Guild, name: str, tags: Iterable[str] = ()) -> Channel:
        forum = self.create_channel(guild, name, Kind.FORUM)
        forum.tags = [
            {
                "id": self.world.new_id(),
                "name": tag,
                "moderated": False,
                "emoji_id": None,
                "emoji_name": None,
            }
            for tag in tags
        ]
        return forum

    def set_permissions(
        self, channel: Channel, target: Role | Member, *, allow: int = 0, deny: int = 0
    ) -> None:
        """An overwrite of a channel; with neither it is taken away."""
        channel.overwrites.pop(target.id, None)
        if allow or deny:
            channel.overwrites[target.id] = Overwrite(
                target.id, isinstance(target, Role), int(allow), int(deny)
            )
        places.change_channel(self.world, channel)

    def everyone(self, guild: Guild) -> Role:
        return guild.roles[guild.id]

    def rename_channel(self, channel: Channel, name: str) -> None:
        channel.name = name
        places.change_channel(self.world, channel)

    def delete_channel(self, channel: Channel) -> None:
        if channel.guild:
            places.delete_channel(self.world, channel, by=self.owner(channel.guild).user)

    def archive(self, thread: Channel, *, locked: bool = False) -> None:
        if thread.thread:
            thread.thread.archived, thread.thread.locked = True, locked
            thread.thread.archived_at = self.world.now()
            places.change_channel(self.world, thread)

    def close_direct_messages(self, member: Member, *, closed: bool = True) -> None:
        member.user.takes_direct_messages = not closed
