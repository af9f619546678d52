"""What cannot be copied, and what stands in the place of a copy that Slack lets nobody delete, in the languages that Steward speaks."""

from __future__ import annotations

PHRASES = {
    "en": {
        "forward": "Forwarded: {name}",
        "lost": "A file of {size} that could not be brought along: {name}",
        "original": "the original",
        "there": "It begins here",
        "withdrawn": "This copy was taken back.",
    },
    "de": {
        "forward": "Weitergeleitet: {name}",
        "lost": "Eine Datei von {size}, die nicht mitkommen konnte: {name}",
        "original": "das Original",
        "there": "Dort beginnt es",
        "withdrawn": "Diese Kopie wurde zurückgenommen.",
    },
    "es": {
        "forward": "Reenviado: {name}",
        "lost": "Un archivo de {size} que no se pudo traer: {name}",
        "original": "el original",
        "there": "Empieza aquí",
        "withdrawn": "Esta copia se retiró.",
    },
    "fr": {
        "forward": "Transféré : {name}",
        "lost": "Un fichier de {size} qui n’a pas pu être emporté : {name}",
        "original": "l’original",
        "there": "Cela commence ici",
        "withdrawn": "Cette copie a été retirée.",
    },
    "pt": {
        "forward": "Encaminhado: {name}",
        "lost": "Um arquivo de {size} que não pôde vir junto: {name}",
        "original": "o original",
        "there": "Começa aqui",
        "withdrawn": "Esta cópia foi retirada.",
    },
    "it": {
        "forward": "Inoltrato: {name}",
        "lost": "Un file di {size} che non è stato possibile portare: {name}",
        "original": "l’originale",
        "there": "Comincia qui",
        "withdrawn": "Questa copia è stata ritirata.",
    },
    "nl": {
        "forward": "Doorgestuurd: {name}",
        "lost": "Een bestand van {size} dat niet mee kon: {name}",
        "original": "het origineel",
        "there": "Het begint hier",
        "withdrawn": "Deze kopie is teruggenomen.",
    },
}


def phrase(key: str, language: str, **values: str) -> str:
    """One phrase, filled in; in English for a language that we do not speak. KeyError for one that does not exist."""
    return PHRASES.get(language, PHRASES["en"])[key].format_map(values)
