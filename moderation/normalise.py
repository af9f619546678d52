"""Text as the classifier reads it. People always see the original.

What every reader does without thinking: one form for each letter, no invisible characters, no disguises, single spaces,
and an address is a link, whatever it points to.
"""

from __future__ import annotations

import re
import unicodedata

from moderation.disguises import undisguise

LONGEST = 4_000
"""Characters that are read of one message; the rest of a wall of text adds time, not meaning."""
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0e\ufeff\ufff9-\ufffb]"
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>|()]+|"
    r"(?<![\w@.])[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|io|co|app|dev|shop|example|test|de|fr|es|it|nl|pt|br|eu|uk|biz|info|link|ly|me|gg)"
    r"(?:/[^\s<>|()]*)?(?![\w@]|\.\w)",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_FENCE = re.compile("`{3,}")
"""What stands in a code block is read like the rest: marks around an offer do not make it code."""
_SPACE = re.compile(r"\s+")
_REPEAT = re.compile(r"(.)\1{7,}", re.DOTALL)


def normalise(text: str) -> str:
    """`text` in compatibility form (NFKC), without invisible and control characters or disguises, at most 4,000 long.

    Addresses become `link` and `mail`: a domain's name would only teach the domains of those who wrote the examples. A
    character repeated more than seven times keeps seven, so that ten thousand emoji cost what seven do.
    """
    text = unicodedata.normalize("NFKC", _CONTROL.sub(" ", text[:LONGEST]))
    # Once more: in this form one character may have become eighteen, or an invisible one.
    text = _INVISIBLE.sub("", text)[:LONGEST]
    text = _LINK.sub("link", _MAIL.sub("mail", undisguise(_FENCE.sub(" ", text))))
    text = _SPACE.sub(" ", text).strip()
    return _REPEAT.sub(lambda match: match[1] * 7, text)
