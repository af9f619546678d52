"""How a community's own lines read, before members see them: each filled in as it would be."""

from __future__ import annotations

from collections.abc import Iterator

from bot.office.office import Office, Rules
from bot.office.said import Request
from bot.wording import Voice
from moderation.wording_keys import LINES


def own_lines(office: Office, asked: Request, rules: Rules, before: Rules | None = None) -> Iterator[str]:
    """A heading and each of the community's own lines as it reads; with `before` only those that would change."""
    old = dict(before[1].wording) if before is not None else {}
    new = dict(rules[1].wording)
    changed = [key for key in LINES if key in new and new[key] != old.get(key)]
    dropped = [key for key in LINES if key in old and key not in new]
    if changed:
        yield "In your own words:"
        yield from (_reading(office, asked, rules, key, new[key]) for key in changed)
    if dropped:
        yield "In my words again:"
        yield from (_reading(office, asked, rules, key, Voice.of(rules[0]).phrase(key)) for key in dropped)


def _reading(office: Office, asked: Request, rules: Rules, key: str, text: str) -> str:
    """One line, with the place for casual talk (or else the first channel) and with whoever asks filled in."""
    charter, surface = rules[0], office.surface(asked.community)
    place = charter.social_channel or next(iter(charter.channels), None)
    channel = surface.channel((place.id or place.name) if place is not None else asked.channel or "channel")
    voice = Voice(own={key: surface.quote(text)})
    said = voice.say(key, channel=channel, member=surface.member(asked.actor.id))
    return f"• {key} ({LINES[key].about}): {said}"
