"""Takes off the disguises that hide words from a reader by machine while people still read them.

Look-alike letters of other scripts, letters as emoji, stacked accents, s p a c e d and p.u.n.c.t.u.a.t.e.d words, links
written backwards or with "dot". What a disguise needs a vocabulary for (l33t) is in `moderation.classifier.spelling`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_SPACED = re.compile(r"(?<!\w)(?:[^\W\d_](?P<gap>[ .\-_*|/~+,'•·]+))(?:[^\W\d_](?P=gap)){2,}[^\W\d_](?!\w)")
"""Four or more single letters with the same thing between them."""
_WORD = re.compile(r"[^\W\d_]+")
_NAMED = re.compile(
    r"^(?:NEGATIVE |CROSSED |TORTOISE SHELL BRACKETED )*(?:SQUARED|CIRCLED|PARENTHESIZED|REGIONAL INDICATOR SYMBOL|"
    r"TAG)(?: LATIN)?(?: CAPITAL| SMALL)? LETTER ([A-Z])$"
)
_FLAG = re.compile("(?<![\U0001f1e6-\U0001f1ff])[\U0001f1e6-\U0001f1ff]{2}(?![\U0001f1e6-\U0001f1ff])")
_LETTER_LIKE = re.compile("[\U0001f100-\U0001f1ff\U000e0041-\U000e007a]")
_BACKWARDS = re.compile(
    r"(?<!\w)(?:[\w\-/?=&]*/)?(?:moc|ten|gro|oi|oc|ppa|ved|pohs|elpmaxe|tset|gg|em)\.[\w\-]{2,}(?:\.[\w\-]+)*(?://:s?ptth)?(?!\w)"
)
_PROTOCOL_BACKWARDS = re.compile(r"\S+//:s?ptth(?!\w)", re.IGNORECASE)
_DOT = re.compile(
    r"\b([\w-]{2,})\s*(?:\[\s*\.\s*\]|\(\s*\.\s*\)|\{\s*\.\s*\}|[\[({]\s*dot\s*[\])}]|\s+dot\s+)\s*"
    r"(com|net|org|io|co|app|dev|shop|gg|me|ly|link|info|biz|example|test)\b",
    re.IGNORECASE,
)
_HXXP = re.compile(r"\bhxxp(s?)\b", re.IGNORECASE)


def undisguise(text: str) -> str:
    """`text` in NFKC form, as a person would read it aloud. Plain text comes back as it is."""
    if not text.isascii():
        text = _letters_for_emoji(text)
        text = "".join(character for character in text if not unicodedata.combining(character))
        beside = any(letter.isascii() and letter.isalpha() for letter in text)
        text = _WORD.sub(lambda match: _latin(match[0], beside=beside), text)
    text = _HXXP.sub(r"http\1", text)
    text = _PROTOCOL_BACKWARDS.sub(lambda match: match[0][::-1], text)
    text = _BACKWARDS.sub(lambda match: match[0][::-1], text)
    text = _DOT.sub(r"\1.\2", text)
    return _SPACED.sub(_joined, text)


def _joined(match: re.Match[str]) -> str:
    gap = match["gap"]
    return match[0].replace(gap, "")


def _letters_for_emoji(text: str) -> str:
    """Letters in boxes and single regional indicators become letters; two that stand together are a flag."""
    if not _LETTER_LIKE.search(text):
        return text
    flags = {place for match in _FLAG.finditer(text) for place in range(*match.span())}
    return "".join(
        character if place in flags else _plain_letter(character) for place, character in enumerate(text)
    )


def _plain_letter(character: str) -> str:
    if character.isascii() or not (named := _NAMED.match(unicodedata.name(character, ""))):
        return character
    return named[1].lower()


def _latin(word: str, *, beside: bool) -> str:
    """`word` with Latin letters for those that look like them, if that makes it Latin throughout.

    `beside` says whether there are Latin letters in the text at all.
    """
    if word.isascii() or all(_is_latin(letter) for letter in word):
        return word
    mixed = any(_is_latin(letter) for letter in word)
    if not mixed and not beside:
        return word
    plain = "".join(letter if _is_latin(letter) else _look_alike(letter) for letter in word)
    return plain if plain and all(_is_latin(letter) for letter in plain) else word


@cache
def _is_latin(letter: str) -> bool:
    return letter.isascii() or "LATIN" in unicodedata.name(letter, "")


@cache
def _look_alike(letter: str) -> str:
    """The Latin letter that looks like `letter`, by Unicode's own list of confusables, or `letter` itself."""
    # A list of 900 KB: read only when somebody writes in another script.
    from confusable_homoglyphs import confusables

    found = confusables.is_confusable(letter, greedy=True, preferred_aliases=[])
    for entry in found or []:
        for twin in entry["homoglyphs"]:
            if len(twin["c"]) == 1 and twin["c"].isascii() and twin["c"].isalpha():
                return str(twin["c"])
    return letter
