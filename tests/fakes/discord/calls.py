"""One request as the handlers see it, and how a table of them becomes routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.fakes.discord.entities import Channel, Guild
from tests.fakes.discord.errors import ApiError, Json, invalid
from tests.fakes.discord.messages import Upload
from tests.fakes.discord.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """A request that is read, allowed and counted. `body` is {} and `items` is [] where there is none."""

    world: World
    arguments: Mapping[str, str]  # from the path
    query: Mapping[str, str]
    body: Json
    items: list[Json]  # where the body is a list
    uploads: tuple[Upload, ...] = ()
    reason: str | None = None

    def channel(self, needs: int = 0) -> Channel:
        """The one in the path, with these permissions of the bot. Raises ApiError 10003, 50001, 50013."""
        return self.world.channel(self.arguments["channel_id"], needs)

    def guild(self, needs: int = 0) -> Guild:
        """The one in the path, with these permissions of the bot. Raises ApiError 10004, 50013."""
        guild = self.world.guild(self.arguments["guild_id"])
        self.world.require(guild, needs)
        return guild

    def own_application(self) -> None:
        """Raises ApiError 20012 where the path names another application than the bot's."""
        if self.arguments["application_id"] != self.world.application_id:
            raise ApiError(403, 20012)

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number of the query. Raises ApiError 50035."""
        try:
            value = int(self.query.get(name, default))
        except ValueError:
            raise invalid(name, "NUMBER_TYPE_COERCE", f"Value is not int: {name}.") from None
        if not least <= value <= most:
            raise invalid(name, "NUMBER_TYPE_MAX", f"int value should be between {least} and {most}.")
        return value

    def flag(self, name: str) -> bool:
        return self.query.get(name, "").lower() in ("1", "true")


Handler = Callable[[Call], object]  # JSON for 200; None for 204


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`template` and the names in it are those of Discord's OpenAPI file."""

    method: str
    template: str
    handler: Handler
    needs_token: bool = True
    status: int = 200

    @property
    def route(self) -> str:
        return f"{self.method} {self.template}"
