"""A draft of a charter, guessed from what the channels say about themselves.

It is for a replay without a charter: better than nothing, marked as a draft, and confirmed by nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from moderation.charter import ChannelCharter, Charter
from moderation.messages import Channel

LONGEST_PURPOSE = 2_000
_WORD = re.compile(r"[^\W\d_]+")

# Written as one word, since names come as off-topic, off_topic and offtopic.
_COMPOUNDS = re.compile(
    r"(?<![^\W\d_])(off topic|water cooler|chit chat|small talk|break room|bate papo|self promo|job board|notice board|"
    r"show and tell|shameless plugs?|schwarzes brett|for hire|coffee break|everything else)(?![^\W\d_])"
)
# A name with one of these is social (a place for promotion), whatever stands beside it.
_SOCIAL = frozenset(
    "offtopic watercooler chitchat smalltalk breakroom batepapo banter coffeebreak everythingelse hangout "
    "hangouts plauderecke plauderei kaffeeküche kaffeekueche kaffeeklatsch kaffeepause flurfunk stammtisch cafétéria "
    "cafetería bavardage kletspraat chiacchiere blabla afterwork".split()
)
_PROMOTION = frozenset(
    "showcase showcases selfpromo selfpromotion promo promos jobboard noticeboard marketplace classifieds showandtell "
    "shamelessplug shamelessplugs schwarzesbrett forhire stellenangebote stellenmarkt werbung eigenwerbung".split()
)
# These say it only alone or with fillers: #random, but not #random-forests; #jobs, but not #print-jobs.
_SOCIAL_ALONE = frozenset(
    "random lounge social socials fun cafe café coffee kitchen pub cafeteria kantine lunch plauderei sonstiges "
    "charla".split()
)
# Social too, but not where talk about anything else should go.
_HOBBIES = frozenset("memes meme jokes pets dogs cats food music games gaming sports weekend".split())
_PROMOTION_ALONE = frozenset(
    "jobs job hiring promotion promotions launches deals offers gigs plugs empleo emplois".split()
)
_NOTHING: frozenset[str] = frozenset()
_FILLERS = frozenset(
    "chat channel talk room corner the and a our my all team general new open other ask en de fr es".split()
)

_SOCIAL_PURPOSE = re.compile(
    r"non-work|not work.related|just for fun|anything goes|jibber-jabber|water ?cooler|(for|casual|off-topic) (chat|banter)|"
    r"small ?talk|chit-?chat|everything (else|off-topic)|for off-topic|nicht.?beruflich|plaudern|zum quatschen"
)
_PROMOTION_PURPOSE = re.compile(
    r"promote your|advertise your|show off (your|what)|share what you (built|made|offer|sell)|self-promotion is welcome|"
    r"post (your )?(jobs|offers|openings)|job (posts|postings|openings|offers)|stellenangebote"
)
_REFUSAL = re.compile(
    r"\b(no|never|avoid|don't|do not|instead|please use|kein|keine)\b|\bnot (allowed|here|welcome)"
)
# What Slack writes into channels by itself says nothing about a community.
_SAYS_NOTHING = re.compile(
    r"workspace-wide communication|always include everyone|all members are in this channel|"
    r"spot for announcements and team-wide"
)


def draft_from_channels(community_name: str, channels: Sequence[Channel]) -> Charter:
    """A charter with the channels' own purposes, and social and promotion channels guessed from names and purposes.

    The first social channel is where casual talk is sent, so hobbies come last.
    """
    entries = tuple(sorted(map(_entry, channels), key=lambda entry: _named(entry.name, _NOTHING, _HOBBIES)))
    name = _one_line(community_name) or "This community"
    return Charter(name=name, purpose=_purpose(name, entries), channels=entries, draft=True)


def is_social_by(name: str, purpose: str = "") -> bool:
    """Whether a channel of this name and purpose sounds like a place for casual talk."""
    return _named(name, _SOCIAL, _SOCIAL_ALONE | _HOBBIES) or _said(purpose, _SOCIAL_PURPOSE)


def welcomes_promotion_by(name: str, purpose: str = "") -> bool:
    """Whether a channel of this name and purpose sounds like a place for what members offer."""
    return _named(name, _PROMOTION, _PROMOTION_ALONE) or _said(purpose, _PROMOTION_PURPOSE)


def _entry(channel: Channel) -> ChannelCharter:
    name = _one_line(channel.name).lstrip("#") or channel.id
    social = is_social_by(name, channel.purpose)
    promotion = not social and welcomes_promotion_by(name, channel.purpose)
    purpose = _shortened(_one_line(channel.purpose), LONGEST_PURPOSE)
    return ChannelCharter(name, purpose, channel.id or None, social=social, promotion_welcome=promotion)


def _named(name: str, always: frozenset[str], alone: frozenset[str]) -> bool:
    spaced = " ".join(_WORD.findall(name.casefold()))
    words = set(_COMPOUNDS.sub(lambda found: found[0].replace(" ", ""), spaced).split())
    rest = words - _FILLERS
    return bool(words & always) or (bool(rest) and rest <= alone)


def _said(purpose: str, pattern: re.Pattern[str]) -> bool:
    """Whether a sentence says it and does not refuse it: "no self-promotion here" welcomes nothing."""
    sentences = re.split(r"[.!?;\n]+", purpose.casefold().replace("’", "'"))
    return any(pattern.search(sentence) and not _REFUSAL.search(sentence) for sentence in sentences)


def _purpose(name: str, entries: Sequence[ChannelCharter]) -> str:
    """A sentence from what the channels for work say, or from their names where none says anything."""
    work = [entry for entry in entries if not entry.social and not entry.promotion_welcome] or list(entries)
    said = dict.fromkeys(
        entry.purpose.rstrip(" .")
        for entry in work
        if entry.purpose and not _SAYS_NOTHING.search(entry.purpose.casefold())
    )
    if said:
        return _shortened(f"{name}: {'; '.join(said)}.", LONGEST_PURPOSE)
    names = ", ".join(entry.name.replace("-", " ").replace("_", " ") for entry in work)
    return _shortened(f"{name}: {names}." if names else f"{name}.", LONGEST_PURPOSE)


def _one_line(text: str) -> str:
    """`text` with every run of space and control characters as one space."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
