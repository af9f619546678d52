"""What owners and admins do: workspaces, channels, members, usergroups, and the app in and out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.fakes.slack import installations, places
from tests.fakes.slack.entities import Channel, Kind, Token, User, Usergroup, Workspace
from tests.fakes.slack.people_posts import NotPossible, Posts


class Places(Posts):
    def create_workspace(
        self, name: str = "Cosy", *, installed: bool = True, enterprise_id: str | None = None
    ) -> Workspace:
        """With the app in it, and nobody else."""
        world = self.world
        workspace = Workspace(world.new_id("T"), name, name.lower().replace(" ", "-"), enterprise_id)
        world.workspaces[workspace.id] = workspace
        if installed:
            installations.install(world, workspace)
        return workspace

    def join(
        self,
        workspace: Workspace,
        name: str,
        *channels: Channel,
        admin: bool = False,
        owner: bool = False,
        guest: bool = False,
        active: bool = True,
    ) -> User:
        """A new member, who is then in these channels."""
        user = self.world.new_user(workspace, name)
        user.is_admin, user.is_owner, user.is_guest, user.active = admin, owner, guest, active
        for channel in channels:
            self.enter(channel, user)
        return user

    def create_channel(
        self,
        workspace: Workspace,
        name: str,
        *members: User,
        private: bool = False,
        with_bot: bool = True,
        shared_with: Sequence[Workspace] = (),
    ) -> Channel:
        """Members and, unless told otherwise, our bot are in it from the start; nobody is told of that."""
        kind = Kind.PRIVATE if private else Kind.PUBLIC
        inside = [*members, workspace.bot] if with_bot and workspace.bot is not None else [*members]
        creator = inside[0] if inside else self.world.new_user(workspace, "founder")
        channel = self.world.new_channel(workspace, kind, name, creator, inside)
        channel.shared_with = list(shared_with)
        return channel

    def enter(self, channel: Channel, user: User) -> None:
        """Joins a public channel, or is let into a private one."""
        if user.workspace not in channel.workspaces:
            raise NotPossible(f"{channel.name} is not shared with {user.workspace.name}")
        places.enter(self.world, channel, user)

    def invite(self, channel: Channel, user: User, *, by: User) -> None:
        """Also our bot, as `workspace.bot`."""
        self._require(by, channel)
        places.enter(self.world, channel, user, by)

    def leave(self, channel: Channel, user: User) -> None:
        """Or is put out; the bot too."""
        places.leave(self.world, channel, user)

    def rename(self, channel: Channel, name: str, *, by: User) -> None:
        places.rename(self.world, channel, name, by)

    def archive(self, channel: Channel, *, by: User, on: bool = True) -> None:
        places.archive(self.world, channel, by, on=on)

    def create_usergroup(self, workspace: Workspace, handle: str, members: Iterable[User]) -> Usergroup:
        group = Usergroup(self.world.new_id("S"), handle, [each.id for each in members])
        workspace.usergroups[group.id] = group
        return group

    def deactivate(self, user: User) -> None:
        """Their account, and with it every token of theirs."""
        user.deactivated = True
        for channel in self.world.channels.values():
            channel.members.pop(user.id, None)

    # The app.

    def install(self, workspace: Workspace, scopes: Iterable[str] | None = None) -> Token:
        """Once more, or with other scopes; the token before keeps working, as Slack's does not rotate."""
        return installations.install(self.world, workspace, scopes)

    def user_token(self, user: User, scopes: Iterable[str] = ("chat:write",)) -> str:
        """A token of that person, as an admin gives one to the app."""
        return self.world.new_token("user", frozenset(scopes), user, user.workspace).value

    def allow(self, user: User, link: str) -> str:
        """Opens an "Add to Slack" link and presses Allow. Gives the address to which the browser is sent."""
        query = {key: values[0] for key, values in parse_qs(urlsplit(link).query).items()}
        if query.get("client_id") != self.world.app.client_id:
            raise NotPossible("no such app")
        target = query.get("redirect_uri") or next(iter(self.world.app.redirect_urls), "")
        if self.world.app.redirect_urls and not target.startswith(self.world.app.redirect_urls):
            raise NotPossible("redirect_uri did not match any configured URIs")
        asked = [[each for each in query.get(key, "").split(",") if each] for key in ("scope", "user_scope")]
        code = installations.allow(self.world, user, asked[0], asked[1], target)
        return f"{target}?{urlencode({'code': code, 'state': query.get('state', '')})}"

    def uninstall(self, workspace: Workspace) -> None:
        installations.uninstall(self.world, workspace)

    def revoke(self, token: str) -> None:
        installations.revoke(self.world, self.world.tokens[token])
