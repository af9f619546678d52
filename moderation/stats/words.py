"""What drift was about: words that several people used there. No text, no name, and nothing that few people said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from moderation.messages import Message

PEOPLE = 5
"""Different people who must have used a word before it is told: nobody can be recognised by it."""
TOLD = 12
SHORTEST = 3

_ADDRESS = re.compile(
    r"\S+@\S+|\b\S+://\S+|\bwww\.\S+|\b[\w-]+\.(?:com|net|org|io|de|fr|es|it|nl|pt|br|uk)\b\S*", re.IGNORECASE
)
_NAMED = re.compile(r"[@#:]\w[\w.-]*:?")
"""A mention, a channel, a custom emoji."""
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

STOP_WORDS = frozenset(
    # What every talk in English, German, Spanish, French, Portuguese, Italian and Dutch is made of, laughter included.
    "the and you for that this with have not are was but what all can just like get got one out they there your know "
    "about will from its it's don't dont i'm i've i'll that's thats would could should did does didn't doesn't isn't "
    "really very too much more some any how who why when where then than them their our has had been were his her she "
    "him now good well yes yeah yep nope only also even still here back going gonna want need think see say said make "
    "made thing things way time day today yesterday tomorrow right sure maybe lol haha hahaha lmao omg wow thanks thank "
    "please sorry okay hey hello love nice great best better never ever always every other same something anything "
    "someone anyone everyone because into over after before off down again most many few own being can't cant won't "
    "you're we're they're i'd lot bit let actually probably guys people "
    "und der die das den dem des ein eine einen einem einer ist sind war waren bin bist hat habe haben hatte ich wir ihr "
    "sie mich mir dich dir uns euch ihm ihn ihnen nicht kein keine auch noch schon mal nur aber oder wenn dann weil dass "
    "was wie wer wann hier dort doch immer nie sehr mehr viel viele alle alles etwas nichts mit von bei nach aus auf für "
    "über unter vor zum zur zu im am um als ja nein danke bitte gut geht gibt ganz mein meine dein deine sein seine "
    "wird werden wurde kann können muss müssen soll will jetzt heute gestern morgen eigentlich einfach echt halt eben "
    "wieder so da man diese dieser dieses habt leute "
    "los las una unos unas que con por para pero como más muy está están estoy eres soy son fue hay han hace hacer "
    "tengo tiene ese esa eso este esta esto esos aquí allí bien todo todos toda todas nada algo también tampoco cuando "
    "donde quien porque desde hasta sobre entre sin mis sus les nos bueno buena gracias jaja jajaja claro ahora hoy ayer "
    "mañana siempre nunca mucho mucha muchos vamos voy creo era ser del sólo solo ella ellos nosotros gente "
    "les des est pas que qui dans pour avec sur mais une vous nous ils elle elles moi toi lui leur son ses mes tes mon "
    "ton notre votre cette ces ont sont suis êtes été être avoir fait faire plus très bien tout tous toute toutes rien "
    "aussi comme quand donc alors encore déjà oui non merci c'est j'ai n'est qu'il d'un d'une l'on peut faut dit vraiment "
    "trop peu ici jamais toujours aujourd'hui hier demain était avait mdr ptdr "
    "não uma com mas como mais muito também está estão estou você vocês ele ela eles elas isso isto esse essa este esta "
    "meu minha seu sua nosso foi era ser ter tem tenho vai vou aqui ali bem tudo todo nada quando onde quem porque desde "
    "até sobre entre sem obrigado obrigada sim agora hoje ontem amanhã sempre nunca kkk kkkk rsrs pra pro dos das nos "
    "nas pelo pela gente acho já só "
    "che non con per una sono sei siamo siete hanno abbiamo del della dei delle dal nel nella alla agli gli ma come più "
    "molto anche questo questa questi quello quella mio mia tuo tua suo sua noi voi loro lui lei cosa quando dove chi "
    "perché fino senza tra fra tutto tutti tutta niente bene grazie sì ora oggi ieri domani sempre mai già ancora solo "
    "era essere avere fatto fare può ciao ahah ahaha poi però "
    "het een van dat dit met voor niet maar ook nog wel zijn was waren heb hebt heeft hebben had ben bent jij jullie wij "
    "hij zij mijn jouw ons onze hun hem haar als dan toen daar hier naar uit over onder bij door aan wat wie waar waarom "
    "hoe wanneer geen meer veel alles iets niets goed gaat kan kunnen moet moeten zal wil worden werd echt gewoon even "
    "altijd nooit vandaag gisteren morgen dank bedankt nee deze die haha toch wordt om te".split()
)


@dataclass(frozen=True, slots=True)
class DriftWords:
    """Words with how many different people used them, the most shared first.

    `read` of the `posts` casual posts of drifted stretches still had their text; the others say nothing.
    """

    words: tuple[tuple[str, int], ...] = ()
    read: int = 0
    posts: int = 0


def drift_words(drift: Iterable[Message], posts: int, names: Iterable[str] = ()) -> DriftWords:
    """The words of casual posts that at least five people used. `names` of people and places are left out, and mentions."""
    people: dict[str, set[str]] = {}
    named = {part for name in names for part in words_of(name)}
    read = 0
    for message in drift:
        if not message.text:
            continue
        read += 1
        named.update(part for name in (message.author.name, *message.mentions) for part in words_of(name))
        for word in set(words_of(_without_mentions(message))):
            people.setdefault(word, set()).add(message.author.id)
    told = [
        (word, len(who))
        for word, who in people.items()
        if len(who) >= PEOPLE and word not in named and word not in STOP_WORDS
    ]
    return DriftWords(tuple(sorted(told, key=lambda pair: (-pair[1], pair[0]))[:TOLD]), read, posts)


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, of three letters or more; numbers and addresses are none."""
    plain = _NAMED.sub(" ", _ADDRESS.sub(" ", text.casefold()))
    found = (word.replace("’", "'").removesuffix("'s") for word in _WORD.findall(plain))
    return [word for word in found if len(word) >= SHORTEST]


def _without_mentions(message: Message) -> str:
    """The text without mentions, whose names may be of several words."""
    text = message.text
    for name in sorted(message.mentions, key=len, reverse=True):
        text = text.replace(f"@{name.lstrip('@')}", " ")
    return text
