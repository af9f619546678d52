"""What api.slack.com knows of our app; from a manifest if a test has one.

Source: docs.slack.dev/reference/app-manifest.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from tests.fakes.slack.errors import Json

BOT_SCOPES = frozenset(
    "app_mentions:read bookmarks:read channels:history channels:join channels:read channels:manage chat:write "
    "chat:write.customize chat:write.public commands files:read files:write groups:history groups:read groups:write "
    "im:history im:read im:write mpim:history mpim:read mpim:write pins:read pins:write reactions:read "
    "reactions:write team:read usergroups:read users:read metadata.message:read".split()
)
USER_SCOPES = frozenset({"chat:write"})


@dataclass(slots=True, eq=False)
class App:
    """`bot_events`, `commands` and `shortcuts` are None where everything is allowed that a test asks for."""

    id: str
    name: str = "Steward"
    client_id: str = "1111.2222"
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    verification_token: str = field(default_factory=lambda: secrets.token_hex(12))
    token: str = ""  # the app-level one
    bot_scopes: frozenset[str] = BOT_SCOPES
    user_scopes: frozenset[str] = USER_SCOPES
    bot_events: frozenset[str] | None = None
    commands: frozenset[str] | None = None
    shortcuts: frozenset[str] | None = None  # callback ids
    home_tab: bool = True
    messages_tab: bool = True
    redirect_urls: tuple[str, ...] = ()
    history_is_limited: bool = False  # one call a minute, 15 objects: distributed outside the Marketplace

    def configure(self, manifest: Json) -> None:
        """As if the app were made from this manifest. For installations that are made from now on."""
        features, settings = manifest.get("features", {}), manifest.get("settings", {})
        scopes = manifest.get("oauth_config", {}).get("scopes", {})
        home = features.get("app_home", {})
        self.name = manifest["display_information"]["name"]
        self.bot_scopes = frozenset(scopes.get("bot", ()))
        self.user_scopes = frozenset(scopes.get("user", ()))
        self.bot_events = frozenset(settings.get("event_subscriptions", {}).get("bot_events", ()))
        self.commands = frozenset(each["command"] for each in features.get("slash_commands", ()))
        self.shortcuts = frozenset(each["callback_id"] for each in features.get("shortcuts", ()))
        self.home_tab = home.get("home_tab_enabled", False)
        self.messages_tab = home.get("messages_tab_enabled", False)
        self.redirect_urls = tuple(manifest.get("oauth_config", {}).get("redirect_urls", ()))
