"""What cannot be copied, in words, in the languages that Steward speaks."""

from __future__ import annotations

PHRASES = {
    "en": {
        "sticker": "Sticker: {name}",
        "poll": "Poll: {name}",
        "forward": "Forwarded",
        "lost": "A file of {size} that could not be brought along: {name}",
    },
    "de": {
        "sticker": "Sticker: {name}",
        "poll": "Umfrage: {name}",
        "forward": "Weitergeleitet",
        "lost": "Eine Datei von {size}, die nicht mitkommen konnte: {name}",
    },
    "es": {
        "sticker": "Sticker: {name}",
        "poll": "Encuesta: {name}",
        "forward": "Reenviado",
        "lost": "Un archivo de {size} que no se pudo traer: {name}",
    },
    "fr": {
        "sticker": "Autocollant : {name}",
        "poll": "Sondage : {name}",
        "forward": "Transféré",
        "lost": "Un fichier de {size} qui n’a pas pu être emporté : {name}",
    },
    "pt": {
        "sticker": "Figurinha: {name}",
        "poll": "Enquete: {name}",
        "forward": "Encaminhado",
        "lost": "Um arquivo de {size} que não pôde vir junto: {name}",
    },
    "it": {
        "sticker": "Adesivo: {name}",
        "poll": "Sondaggio: {name}",
        "forward": "Inoltrato",
        "lost": "Un file di {size} che non è stato possibile portare: {name}",
    },
    "nl": {
        "sticker": "Sticker: {name}",
        "poll": "Peiling: {name}",
        "forward": "Doorgestuurd",
        "lost": "Een bestand van {size} dat niet mee kon: {name}",
    },
}
