"""Whether a text is nothing but a hello: "hi guys, glad to be here!", in the languages that are judged.

A rule of words, not a model: it only decides whether a newcomer's casual post gets a welcome instead of silence, so
it would rather miss one than welcome a question.
"""

from __future__ import annotations

import re

_WORDS = frozenset(
    # English
    "hi hey hello hiya howdy heya yo greetings morning afternoon evening good day everyone everybody all guys folks "
    "people team friends gang there glad happy excited thrilled pleased delighted to be here join joined joining just "
    "new newbie newcomer in this the a an my group community server channel slack discord workspace am i'm im i is "
    "so really very nice great meet meeting you your y'all yall thanks thank for having adding add me invite inviting "
    "the and from first time long reader saying say wanted introduce myself name of part awesome cool forward looking "
    # German
    "hallo hi servus moin guten tag morgen abend zusammen alle allerseits leute freue mich hier zu sein dabei bin neu "
    "schön dass ich und grüße grüß gott euch "
    # Spanish, Portuguese
    "hola buenas buenos días dias tardes noches todos todas a tod@s encantado encantada de estar aquí aqui soy nuevo "
    "nueva feliz contento contenta olá ola oi bom boa dia tarde noite pessoal galera prazer em estar sou novo nova "
    # French
    "bonjour salut coucou bonsoir tout le monde à tous toutes ravi ravie d'être être ici heureux heureuse je suis "
    "nouveau nouvelle content contente "
    # Italian, Dutch
    "ciao salve buongiorno buonasera tutti tutte felice di essere qui sono nuovo nuova contento piacere hoi hallo "
    "goedemorgen goedendag allemaal iedereen blij om hier te zijn ik ben nieuw leuk".split()
)
_HELLO = frozenset(
    "hi hey hello hiya howdy heya yo greetings morning hallo servus moin guten grüß hola buenas buenos olá ola oi bom "
    "boa bonjour salut coucou bonsoir ciao salve buongiorno buonasera hoi goedemorgen goedendag glad happy new "
    "excited".split()
)
_WORD = re.compile(r"[^\W\d_][\w'@’]*", re.UNICODE)
LONGEST = 14


def is_greeting(text: str) -> bool:
    """Whether `text` says hello and nothing else: at most fourteen words, all of them words of greeting."""
    words = [word.replace("’", "'") for word in _WORD.findall(text.casefold())]
    if not words or len(words) > LONGEST or "?" in text or "http" in text:
        return False
    known = sum(word in _WORDS for word in words)
    return bool(_HELLO & set(words)) and known >= len(words) - (1 if len(words) > 3 else 0)
