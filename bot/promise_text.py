"""How the error promise is said in plain words, the same wherever moderators read it."""

from __future__ import annotations

from collections.abc import Mapping

from moderation.labels import Label
from moderation.policy import SURE_CHATTER, SURE_PITCH, Mode, Policy, Strictness
from moderation.promise import THRESHOLDS, Promise, Standing

PHRASES: Mapping[str, str] = {
    # What is flagged.
    "kind_chatter": "Casual talk",
    "kind_pitch": "Pitches",
    "flagged_chatter": "casual talk",
    "flagged_pitch": "a pitch",
    # Whose the promise is.
    "promise_asked": "{promise} (asked for now)",
    "promise_charter": "{promise} (the charter's)",
    "promise_usual": "{promise} (the usual one, since the charter makes none)",
    # On what a standing rests.
    "counts": "{drawn} drawn, {ruled} ruled, {wrong} wrong, {open} open",
    "conflicts_none": "Moderators disagree about none of the drawn messages.",
    "conflicts_one": "Moderators disagree about 1 drawn message: until they agree it counts as wrong.",
    "conflicts_many": "Moderators disagree about {count} drawn messages: until they agree these count as wrong.",
    "forgotten_one": "1 drawn message without a ruling can no longer be shown and goes on counting as wrong.",
    "forgotten_many": "{count} drawn messages without a ruling can no longer be shown and go on counting as wrong.",
    # A standing.
    "acts": "Under this promise Steward may act at {strictness}: where it is at least {score} % sure.",
    "strictness_one": "strictness {first}",
    "strictness_two": "strictness {first} or {second}",
    "strictness_any": "any strictness",
    "shows": "Under this promise Steward only shows cards for now.",
    "needs_first": "It takes about {needed} rulings on messages of which it is at least {score} % sure, if none of them was flagged wrongly.",
    "needs_flawless": "About {needed} more rulings are needed on messages of which it is at least {score} % sure, if none was flagged wrongly, as until now.",
    "needs": "About {needed} more rulings are needed on messages of which it is at least {score} % sure, if {wrong} in {ruled} were flagged wrongly, as until now.",
    "waiting_one": "1 of them waits already.",
    "waiting_many": "{count} of them wait already.",
    "too_few_none": "This history has no more of them: replay a longer one.",
    "too_few": "This history has only {left} more of them: replay a longer one.",
    "never": "If it goes on like this ({wrong} of {ruled} flagged wrongly), the promise cannot be reached.",
    "strongest": "The strongest that these rulings support is “{promise}”.",
    "no_strongest": "These rulings support no promise yet.",
    "stepped_back": "It fell silent by itself on {day}, since the promise was broken, and began to count anew.",
    # The mode in force.
    "mode_observe": "observe, as the charter says: nothing is said to members.",
    "mode_off": "{mode}, at once and on the moderators' own word: the charter makes no promise.",
    "mode_waits": "observe. The charter asks for {mode}, but until there is evidence for its promise only cards are shown.",
    "mode_acts": "{mode}, where it is at least {score} % sure of casual talk.",
}
_SURE = {Label.CHATTER: SURE_CHATTER, Label.PITCH: SURE_PITCH}


def kind(label: Label) -> str:
    """A flag's kind as a heading."""
    return PHRASES[f"kind_{label}"]


def flagged_as(label: Label) -> str:
    """What a single message was flagged as."""
    return PHRASES[f"flagged_{label}"]


def promise_text(promise: Promise, origin: str) -> str:
    """A promise and whose it is: `asked`, `charter` or `usual`."""
    return _say(f"promise_{origin}", promise=promise)


def counts_text(drawn: int, ruled: int, wrong: int) -> str:
    """How many were drawn, ruled, flagged wrongly, and wait for a ruling."""
    return _say("counts", drawn=drawn, ruled=ruled, wrong=wrong, open=drawn - ruled)


def conflicts_text(conflicts: int) -> str:
    """About how many drawn messages moderators disagree."""
    return _counted("conflicts", conflicts) if conflicts else PHRASES["conflicts_none"]


def forgotten_text(forgotten: int) -> str:
    """How many drawn messages nobody can be asked about any more; at least one."""
    return _counted("forgotten", forgotten)


def standing_text(standing: Standing, promise: Promise, label: Label, left: int | None = None) -> str:
    """How a promise stands for a label, in sentences.

    `left` says how many messages of the strictest threshold could still be drawn, None where new ones keep coming.
    """
    sentences = (
        [_acts(standing.acts_from, label)]
        if standing.acts_from is not None
        else [PHRASES["shows"], *_missing(standing, promise, left)]
    )
    if standing.stepped_back is not None:
        sentences.append(_say("stepped_back", day=standing.stepped_back.date()))
    return " ".join(sentences)


def mode_text(policy: Policy, standing: Standing | None) -> str:
    """The mode in which Steward really acts, and why.

    `standing` is that of casual talk by the policy's own promise, None where the promise is off.
    """
    if policy.mode is Mode.OBSERVE:
        return PHRASES["mode_observe"]
    if standing is None:
        return _say("mode_off", mode=policy.mode)
    if standing.acts_from is None:
        return _say("mode_waits", mode=policy.mode)
    sure = max(standing.acts_from, SURE_CHATTER[policy.strictness])
    return _say("mode_acts", mode=policy.mode, score=_percent(sure))


def _acts(acts_from: float, label: Label) -> str:
    allowed = [each for each in Strictness if _SURE[label][each] >= acts_from]
    first, second = allowed[0], allowed[-1]
    number = {1: "one", 2: "two"}.get(len(allowed), "any")
    strictness = _say(f"strictness_{number}", first=first, second=second)
    return _say("acts", strictness=strictness, score=_percent(acts_from))


def _missing(standing: Standing, promise: Promise, left: int | None) -> list[str]:
    """What is missing, or that nothing would be enough."""
    if standing.needed is None:
        strongest = Promise(standing.strongest, promise.certainty) if standing.strongest else None
        return [
            _say("never", wrong=standing.wrong, ruled=standing.ruled),
            _say("strongest", promise=strongest) if strongest else PHRASES["no_strongest"],
        ]
    waiting = standing.drawn - standing.ruled
    key = "needs" if standing.wrong else "needs_flawless" if standing.ruled else "needs_first"
    values = {"wrong": standing.wrong, "ruled": standing.ruled, "score": _percent(THRESHOLDS[0])}
    sentences = [_say(key, needed=standing.needed, **values)]
    if waiting:
        sentences.append(_counted("waiting", waiting))
    if left is not None and standing.needed - waiting > left:
        sentences.append(_say("too_few", left=left) if left else PHRASES["too_few_none"])
    return sentences


def _counted(key: str, count: int) -> str:
    return PHRASES[f"{key}_one"] if count == 1 else _say(f"{key}_many", count=count)


def _percent(share: float) -> str:
    return f"{100 * share:g}"


def _say(key: str, **values: object) -> str:
    return PHRASES[key].format(**values)
