"""Deviations that stay, each with its reason: where the description lags, or where discord.py cannot be told otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from tests.conformance.description import Deviation

ANY = "*"


@dataclass(frozen=True, slots=True)
class Known:
    """`source` is the vendor's: a page of discord/discord-api-docs (`developers/`), or discord.py's own source (2.7.1)."""

    method: str
    route: str
    place: str
    why: str
    source: str

    def covers(self, found: Deviation) -> bool:
        """Whether it is about this one; * is any method or route."""
        return (
            self.method in (ANY, found.method)
            and self.route in (ANY, found.route)
            and self.place == found.place
        )


KNOWN = (
    Known(
        "PATCH",
        ANY,
        "body.tts",
        "discord.py writes `tts: false` with every edit; Discord leaves out what an edit does not know",
        "discord.http.handle_message_parameters; resources/message (Edit Message)",
    ),
    Known(
        ANY,
        ANY,
        "body.embeds[].flags",
        "discord.py writes `flags: 0` with every embed; Discord leaves out what only it can set",
        "discord.embeds.Embed.to_dict; resources/message (Embed Object)",
    ),
    Known(
        ANY,
        ANY,
        "body.attachments[].id",
        "the id of a new file is its number, and the documents write it as one",
        "reference (Uploading Files), the example with payload_json",
    ),
    Known(
        "POST",
        "/users/@me/channels",
        "body.recipient_id",
        "discord.py writes this id as a number; inside, Discord keeps ids as whole numbers",
        "discord.http.HTTPClient.start_private_message; reference (ID Serialization)",
    ),
    Known(
        "POST",
        "/interactions/{interaction_id}/{interaction_token}/callback",
        "body.data.components[].component.default_values[].id",
        "discord.py writes this id as a number; inside, Discord keeps ids as whole numbers",
        "discord.components.SelectDefaultValue.to_dict; reference (ID Serialization)",
    ),
    Known(
        "POST",
        "/channels/{channel_id}/messages",
        "body.allowed_mentions.users[]",
        "discord.py writes this id as a number; inside, Discord keeps ids as whole numbers",
        "discord.mentions.AllowedMentions.to_dict; reference (ID Serialization)",
    ),
    Known(
        "POST",
        "/channels/{channel_id}/threads",
        "query.use_nested_fields",
        "discord.py asks so for the first message of a forum's post to stand in a field of its own, as the documents have it by now",
        "discord.http.HTTPClient.start_thread_in_forum; resources/channel (Start Thread in Forum or Media Channel)",
    ),
    Known(
        "POST",
        "/channels/{channel_id}/threads",
        "body.message.tts",
        "discord.py writes `tts: false` with every message; Discord leaves out what a forum does not know",
        "discord.http.handle_message_parameters; resources/channel (Start Thread in Forum or Media Channel)",
    ),
    Known(
        "PUT",
        "/applications/{application_id}/commands",
        "body[].nsfw",
        "the description has it in what is answered and forgets it in what is sent",
        "interactions/application-commands (Application Command Structure)",
    ),
)
