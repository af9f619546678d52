"""What Discord's own side of a command says, in the asker's language."""

from __future__ import annotations

from collections.abc import Mapping

import discord

PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "in_private": "Please ask me in your server: there I know where we are, and only you see my answer.",
        "failed": "That did not work just now. Please try again in a minute.",
        "changed": "This command is a newer one by now. Please reload Discord (Ctrl+R) and ask again.",
        "permission": "For that I need the permission {permission}. Somebody who manages this server can give it to me.",
        "report_title": "Report a private pitch",
        "report_text": "What they wrote to you",
        "report_why": "Two people with the same text or sender make one card for the moderators. Nothing else follows.",
    },
    "de": {
        "in_private": "Bitte frag mich auf deinem Server: Dort weiß ich, wo wir sind, und nur du siehst meine Antwort.",
        "failed": "Das hat gerade nicht geklappt. Bitte versuch es in einer Minute noch einmal.",
        "changed": "Diesen Befehl gibt es inzwischen neu. Bitte lade Discord neu (Strg+R) und frag noch einmal.",
        "permission": "Dafür brauche ich die Berechtigung {permission}. Wer diesen Server verwaltet, kann sie mir geben.",
        "report_title": "Private Werbung melden",
        "report_text": "Was dir geschrieben wurde",
        "report_why": "Bei gleichem Text oder Absender von zweien sieht die Moderation eine Karte. Sonst geschieht nichts.",
    },
    "es": {
        "in_private": "Pregúntame en tu servidor: allí sé dónde estamos, y solo tú ves mi respuesta.",
        "failed": "Ahora mismo no ha funcionado. Inténtalo otra vez en un minuto, por favor.",
        "changed": "Este comando ha cambiado. Recarga Discord (Ctrl+R) y pregunta otra vez, por favor.",
        "permission": "Para eso necesito el permiso {permission}. Quien administra este servidor me lo puede dar.",
        "report_title": "Avisar de publicidad privada",
        "report_text": "Lo que te escribieron",
        "report_why": "Mismo texto o remitente de dos personas: una tarjeta para moderación. Nada más.",
    },
    "fr": {
        "in_private": "Demandez-moi sur votre serveur : là, je sais où nous sommes, et vous seul voyez ma réponse.",
        "failed": "Cela n’a pas marché à l’instant. Merci de réessayer dans une minute.",
        "changed": "Cette commande a changé. Merci de recharger Discord (Ctrl+R) et de redemander.",
        "permission": "Pour cela, il me faut la permission {permission}. Qui gère ce serveur peut me la donner.",
        "report_title": "Signaler une publicité privée",
        "report_text": "Ce qu’on vous a écrit",
        "report_why": "Même texte ou même expéditeur chez deux personnes : une carte pour la modération, rien d’autre.",
    },
    "pt": {
        "in_private": "Pergunte-me no seu servidor: ali eu sei onde estamos, e só você vê a resposta.",
        "failed": "Não deu certo agora. Tente de novo daqui a um minuto, por favor.",
        "changed": "Este comando mudou. Recarregue o Discord (Ctrl+R) e pergunte de novo, por favor.",
        "permission": "Para isso preciso da permissão {permission}. Quem gere este servidor pode dá-la.",
        "report_title": "Avisar de publicidade privada",
        "report_text": "O que lhe escreveram",
        "report_why": "O mesmo texto ou remetente de duas pessoas: um cartão para a moderação. Nada mais.",
    },
    "it": {
        "in_private": "Chiedimelo nel tuo server: lì so dove siamo, e solo tu vedi la mia risposta.",
        "failed": "Adesso non ha funzionato. Riprova tra un minuto, per favore.",
        "changed": "Questo comando è cambiato. Ricarica Discord (Ctrl+R) e chiedi di nuovo, per favore.",
        "permission": "Per questo mi serve il permesso {permission}. Chi gestisce questo server può darmelo.",
        "report_title": "Segnalare pubblicità privata",
        "report_text": "Che cosa ti hanno scritto",
        "report_why": "Stesso testo o mittente da due persone: una scheda per chi modera. Nient’altro.",
    },
    "nl": {
        "in_private": "Vraag het me op je server: daar weet ik waar we zijn, en alleen jij ziet mijn antwoord.",
        "failed": "Dat lukte zojuist niet. Probeer het over een minuut nog eens.",
        "changed": "Dit commando is vernieuwd. Herlaad Discord (Ctrl+R) en vraag het nog eens.",
        "permission": "Daarvoor heb ik het recht {permission} nodig. Wie deze server beheert kan het me geven.",
        "report_title": "Privéreclame melden",
        "report_text": "Wat je geschreven werd",
        "report_why": "Dezelfde tekst of afzender van twee mensen: één kaart voor de moderatie. Meer gebeurt er niet.",
    },
}


def phrase(key: str, locale: discord.Locale, **values: str) -> str:
    """A phrase in the asker's language, in English where we do not speak it; KeyError for one that does not exist."""
    return PHRASES.get(locale.value[:2], PHRASES["en"])[key].format_map(values)
