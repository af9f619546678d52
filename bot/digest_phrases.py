"""What a digest can say: a phrase for each thing, with one form for one and one for more where it counts something."""

from __future__ import annotations

import re
from collections.abc import Mapping

PHRASES: Mapping[str, str | tuple[str, str]] = {
    "title": "{community}: {period}",
    "title_channel": "{community}, {channel}: {period}",
    "week": "the week of {days}",
    "rehearsed": "A replay: nothing was said to anybody, and what follows counts what Steward would have done.",
    # How much there is to tell.
    "nothing": "Nobody wrote anything here in this time, so there is nothing to tell. Quiet is fine.",
    "nothing_judged": "There was nothing for Steward to read: {skipped}.",
    "skipped": ("one message that is never judged (a bot, a join, a channel that is not watched)", "{number} messages that are never judged (bots, joins, channels that are not watched)"),
    "nothing_sure": "Steward read {posts} and was not sure enough about any of them, so it left them alone.",
    "quiet": "A quiet time: with {posts} that Steward was sure about, a share says little.",
    "first": "This is the first such period, so there is nothing to compare it with yet.",
    "one_channel": "All of it stood in {channel}.",
    # Relevance.
    "posts": ("one post", "{number} posts"),
    "relevance": "{share} of {posts} served the purpose.",
    "interval": "A time like this one would give {low} to {high} (95 %; days are taken as alike and independent). How often Steward itself misreads is not in it: only rulings tell.",
    "no_interval": "All of it was written on one day, so nobody can say how much that swings.",
    "up": "{points} more than in the period before ({before}); with 95 % certainty between {low} and {high}.",
    "down": "{points} fewer than in the period before ({before}); with 95 % certainty between {low} and {high}.",
    "no_clear_change": "The period before it was {before}: no clear change (between {low} and {high}).",
    "before_only": "The period before it was {before}.",
    "points": ("one point", "{number} points"),
    "unsure": ("About one more post Steward was not sure enough, so it counts nowhere.", "About {number} more posts Steward was not sure enough, so they count nowhere."),
    # What was said.
    "kinds": "What was written",
    "chatter": ("One casual post in a channel for work{before}.", "{number} casual posts in channels for work{before}."),
    "no_chatter": "No casual talk in channels for work{before}.",
    "pitches": ("One pitch{before}", "{number} pitches{before}"),
    "drive_bys": ("one by somebody who had never talked with anyone here", "{number} by people who had never talked with anyone here"),
    "no_pitches": "Nobody pitched anything{before}.",
    "before": " ({number} in the period before)",
    "cards": ("One was shown to moderators.", "{number} were shown to moderators."),
    "removed": ("Moderators took one down.", "Moderators took {number} down."),
    "stretches": ("One talk drifted off, {posts} long{before}.", "{number} talks drifted off, {posts} together{before}."),
    "no_stretches": "No talk drifted off{before}.",
    "by_themselves": ("One ended without a word from Steward.", "{number} ended without a word from Steward."),
    "hours": "Busiest hours of drift: {hours} ({zone} time).",
    "hour": "{weekday} {start}:00–{end}:00 ({posts})",
    "words": "What drift was about, in words that at least five people used: {words}.",
    "words_of": "Told from {read} of its {posts} posts: of the latest 5,000, those whose text is still kept.",
    "no_words": "No word was used there by five different people, so none is told.",
    "no_texts": "What it was about can no longer be told: its texts are not kept any more.",
    # What Steward did.
    "deeds": "What Steward said and did",
    "silent": "Nothing: it said nothing to anybody, and moved nothing.",
    "stretch_nudges": ("One talk got a kind line.", "{number} talks got a kind line."),
    "author_nudges": ("One person got a hint of their own.", "{number} hints went to single people."),
    "welcomes": ("One newcomer was welcomed.", "{number} newcomers were welcomed."),
    "followed": "What came after the kind lines: {parts}. That does not say that the lines were the reason; an experiment can.",
    "followed_moved": ("one talk was moved", "{number} talks were moved"),
    "followed_returned": ("one came back to the topic", "{number} came back to the topic"),
    "followed_quiet": ("one fell silent within half an hour", "{number} fell silent within half an hour"),
    "followed_went_on": ("one went on for more than half an hour", "{number} went on for more than half an hour"),
    "followed_open": ("one was still going on", "{number} were still going on"),
    "moved": ("One move, with {posts}: {wishes}.", "{number} moves, with {posts}: {wishes}."),
    "wish_author": "{number} by their authors’ own wish",
    "wish_moderator": "{number} by a moderator’s",
    "wish_policy": "{number} by the community’s policy",
    "brought_back": ("One move was undone.", "{number} moves were undone."),
    # Rulings and the promise.
    "trust": "How right it was",
    "no_rulings": "Nobody ruled on anything in this time, so it says nothing about how often Steward was right. A tap on a card is enough.",
    "no_rulings_rehearsed": "Nobody has ruled on a message of this time, so how often Steward would have been right in it is not known: steward calibrate asks about flagged ones.",
    "rulings": ("Moderators ruled on one case: {parts}.", "Moderators ruled on {number} cases: {parts}."),
    "right": ("one flag was right", "{number} flags were right"),
    "wrong": ("one flag was wrong", "{number} flags were wrong"),
    "fine": ("one unflagged message was fine", "{number} unflagged messages were fine"),
    "missed": ("one was missed", "{number} were missed"),
    "drawn": "Drawn at random among these: {number}. Only those say something about a rate.",
    "disputed": ("On one of them moderators disagree: until they agree, the stricter word counts.", "On {number} of them moderators disagree: until they agree, the stricter word counts."),
    "open": ("On one case moderators said “not now”, so it still waits.", "On {number} cases moderators said “not now”, so they still wait."),
    "objections": ("One author said that it belongs there.", "{number} times authors said that it belongs there."),
    "no_promise": "No error promise is set.",
    "unreadable": "The error promise that is set cannot be read, so nothing is said to members: {why}.",
    "promise": "The promise: {promise}.",
    "standing": "{label}: {standing}",
    # Dialogue.
    "dialogue": "Dialogue",
    "answered": "{share} of {turns} got an answer{before}.",
    "turns": ("one thing that somebody said", "{number} things that people said"),
    "before_share": " ({share} in the period before)",
    "conversations": ("One conversation, with {each} people; {shared} with more than one.", "{number} conversations, with {each} people on average; {shared} with more than one."),
    "no_dialogue": "There was no conversation.",
    "newcomers": ("One person wrote for the first time, and {answered} got an answer.", "{number} people wrote for the first time, and {answered} of them got an answer."),
    "no_newcomers": "Nobody wrote for the first time.",
    "newcomers_unknown": "Who is new cannot be told yet: Steward has not read along for two weeks before.",
    # Channels.
    "channels": "Channels",
    "channel": "{channel}: {share} of {posts} served the purpose{before}",
    "channel_unsure": "{channel}: {posts}, none of which Steward was sure about",
    "few": ", too few to say much",
    # The chart.
    "chart": "Posts a {column}, and the share of them that served the purpose",
    "column_day": "day",
    "column_week": "week",
    "column_month": "month",
    "kind_on_topic": "served the purpose",
    "kind_chatter": "casual",
    "kind_pitch": "pitches",
    "kind_unsure": "not sure",
    "empty": "Nothing to show for this time.",
    "alt": "Column chart of posts a {column}. {title}. {headline} {columns}",
    "column": "{name}: {posts}, {share} served the purpose",
    "column_silent": "{name}: no posts",
    "columns": "{number} columns, the fullest {most} with {posts}.",
}  # fmt: skip


def say(key: str, **values: object) -> str:
    """One phrase, filled in. KeyError for one that does not exist."""
    phrase = PHRASES[key]
    return _filled(phrase if isinstance(phrase, str) else phrase[1], values)


def count(key: str, number: int, **values: object) -> str:
    """A phrase in the form for this number."""
    phrase = PHRASES[key]
    one, more = (phrase, phrase) if isinstance(phrase, str) else phrase
    return _filled(one if number == 1 else more, {"number": f"{number:,}", **values})


def _filled(phrase: str, values: Mapping[str, object]) -> str:
    """A name in braces that is not known stays as it is; what is filled in is never read as a pattern."""
    return re.sub(r"\{(\w+)\}", lambda found: str(values.get(found[1], found[0])), phrase)
