"""What a charter and a policy mean for the people of the community, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from moderation.charter import ChannelCharter, Charter
from moderation.experiment import Experiment
from moderation.languages import LANGUAGES
from moderation.policy import Mode, Policy
from moderation.promise import promise_of

_STRICTNESS = {
    "low": "low: only what is beyond doubt has consequences",
    "normal": "normal: only what is rather sure has consequences",
    "high": "high: less sure verdicts have consequences, too",
}
_DRIFTED = "When three or more casual posts by two or more people have drifted for two minutes, "


def description(charter: Charter, policy: Policy) -> Iterator[str]:
    """What charter and policy mean for the people of the community, line by line."""
    languages = ", ".join(LANGUAGES.get(code, code) for code in charter.languages)
    yield f"Community   {charter.name} ({languages}; {charter.tone} tone)"
    yield f"Watched     {_watched(charter)}"
    yield f"Casual talk {_named([each for each in charter.channels if each.social], 'has no channel of its own')}"
    welcome = [each for each in charter.channels if each.promotion_welcome]
    yield f"Promotion   {_named(welcome, 'is welcome in no channel')}"
    yield f"Examples    {len(charter.examples) or 'none'}"
    yield f"Strictness  {_STRICTNESS[policy.strictness.value]}"
    yield f"Mode        {policy.mode.value}"
    yield f"Promise     {promise_of(policy.promise) or 'none'}"
    if policy.wording:
        yield f"Own words   {', '.join(key for key, _ in policy.wording)}"
    yield ""
    yield from _consequences(charter, policy)


def _watched(charter: Charter) -> str:
    if not charter.channels:
        return "every channel, since none is listed"
    unread = [each for each in charter.channels if not each.watched]
    watched = _named([each for each in charter.channels if each.watched], "no channel")
    return watched + (f"; never read: {_named(unread, '')}" if unread else "; no other channel is read")


def _named(channels: Sequence[ChannelCharter], none: str) -> str:
    return ", ".join(f"#{each.name}" for each in channels) or none


def _consequences(charter: Charter, policy: Policy) -> Iterator[str]:
    yield _about_drift(charter, policy)
    yield _about_pitches(policy)
    if policy.mode is Mode.OBSERVE:
        return
    caps = policy.caps
    most = f"{caps.member} to a member, {caps.channel} in a channel, {caps.day} in the whole community"
    yield f"Nudges a day, at most: {most}{_quiet(policy)}."
    if not policy.act_in_threads:
        yield "In threads nothing is said: they are only counted."
    if promise_of(policy.promise) is not None:
        yield "Until rulings on drawn messages show that the promise is kept, all of this waits: moderators see cards only."
    if policy.experiment is not None:
        yield _about_experiment(policy.experiment)


def _about_pitches(policy: Policy) -> str:
    if not policy.hold_pitches or policy.mode is Mode.OBSERVE:
        return "A pitch stays visible; moderators see it and rule."
    return (
        "A pitch stays visible until your rulings show that the promise is kept for pitches; from then on it is held: taken away until "
        "moderators rule, and back by itself after 24 hours. Its author is told at once."
    )


def _about_drift(charter: Charter, policy: Policy) -> str:
    home = charter.social_channel
    if policy.mode is Mode.OBSERVE:
        return "Members see nothing of Steward. Moderators see figures and pitches."
    if home is None:
        return _DRIFTED + "one kind line says so. Mark a channel as social to say where such talk belongs."
    place = f"#{home.name}"
    return (
        _DRIFTED
        + {
            Mode.NUDGE: f"one kind line points to {place}. Nothing is moved.",
            Mode.OFFER: f"one kind line points to {place}, with a button by which members move their own posts.",
            Mode.MOVE: f"the posts are moved to {place}, and every author can bring their own back.",
        }[policy.mode]
    )


def _about_experiment(experiment: Experiment) -> str:
    last = experiment.last_day
    until = f"to {last:%Y-%m-%d}" if last else "on"
    return (
        f"From {experiment.first_day:%Y-%m-%d} {until}, drifted talk is left alone on {experiment.share:.0%} of the days of each channel, "
        "drawn at random, to see whether nudges help."
    )


def _quiet(policy: Policy) -> str:
    quiet = policy.quiet_hours
    return f"; none from {quiet.start:%H:%M} to {quiet.end:%H:%M} ({policy.time_zone})" if quiet else ""
