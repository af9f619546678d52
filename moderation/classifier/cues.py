"""Words that moderators recognise at a glance, for reasons in plain language. They explain a verdict, never make it."""

from __future__ import annotations

import re

_OFFER = (
    r"\b(offer|discount|deal|free (?:call|guide|audit|trial|pdf|training|webinar|session|ebook)|% off|"
    r"limited (?:spots|time)|spots left|book (?:a|your) call|sign ?up|giveaway|angebot|rabatt|gratis|"
    r"kostenlos|oferta|descuento|offre|gratuit|sconto|offerta|desconto|aanbieding|korting)\b"
)
_LINK = r"https?://|www\.|(?<![\w-])[\w-]+\.(?:com|io|net|org|co|example|test|app|shop|link)\b|link in (?:my )?bio"
_CODE = r"\b(?:promo|referral|discount|use|my) code\b|\breferral\b|\bcode [A-Z0-9]{4,}\b"
_DIRECT = (
    r"\b(?:dm|pm|inbox|message|text|whatsapp|telegram)(?:'?s)? (?:me|us|if|for|open)\b|"
    r"\bsend me a (?:dm|message)\b|\b(?:schreib|meld)\w* (?:mir|dich)\b|"
    r"\bescríbeme\b|\bcontattami\b|\bstuur me\b|\bme chama\b"
)
_FOLLOW = (
    r"\b(?:follow (?:me|us|back|for|@)|subscribe|like and|sub4sub|f4f|follow[- ]?for[- ]?follow|"
    r"engagement (?:pod|group)|followers?)\b"
)
_RECRUITS = (
    r"\b(?:join my team|my team|be your own boss|passive income|financial freedom|side income|"
    r"work from (?:home|anywhere)|business opportunity|ground floor|hiring|we'?re looking for)\b"
)
_FLATTERY = (
    r"\b(?:love your (?:work|energy|posts?|vibe)|you (?:seem|sound) (?:so )?(?:driven|ambitious|amazing)|"
    r"exactly the kind of (?:person|people))\b"
)
_CUES = (
    ("an offer", _OFFER),
    ("a link", _LINK),
    ("a code", _CODE),
    ("asks for direct messages", _DIRECT),
    ("asks to follow", _FOLLOW),
    ("recruits", _RECRUITS),
    ("flattery", _FLATTERY),
)
_PATTERNS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _CUES)


def cues_of(text: str) -> list[str]:
    """Names of what catches the eye in `text`, most telling first."""
    return [name for name, pattern in _PATTERNS if pattern.search(text)]
