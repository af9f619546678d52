"""A charter and a policy as the text of a charter file, which `moderation.charter_file` reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from moderation.charter import ChannelCharter, Charter, Example
from moderation.experiment import Experiment
from moderation.policy import Caps, Mode, Policy, Strictness
from moderation.toml_table import listed

TONES = ("friendly", "formal", "playful")


def render(charter: Charter, policy: Policy) -> str:
    """The file that means `charter` and `policy`: what is as usual is left out, save for the first decisions.

    A draft is written as a charter: whoever keeps the file confirms it.
    """
    blocks = [_render_top(charter)]
    blocks += [_render_channel(channel) for channel in charter.channels]
    blocks += [_render_example(example) for example in charter.examples]
    blocks += _render_policy(policy)
    return "\n".join(blocks)


Value = str | bool | int | float | date | tuple[str, ...]


def _block(head: str, values: Mapping[str, Value], comments: Mapping[str, str] | None = None) -> str:
    lines = [head] if head else []
    for key, value in values.items():
        comment = (comments or {}).get(key)
        lines.append(f"{key} = {_value(value)}" + (f"  # {comment}" if comment else ""))
    return "\n".join(lines) + "\n"


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | date):
        return str(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(_string(each) for each in value) + "]"
    return _string(value)


def _string(value: str) -> str:
    """A basic string of TOML, over several lines where the text has them."""
    if "\n" not in value:
        return '"' + "".join(_escaped(c) for c in value) + '"'
    return '"""\n' + "".join(c if c == "\n" else _escaped(c) for c in value) + '"""'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    code = ord(character)
    if code < 0x20 or 0x7F <= code < 0xA0 or code in (0x2028, 0x2029):
        return f"\\u{code:04X}"
    return character


def _render_top(charter: Charter) -> str:
    languages = charter.languages
    values: dict[str, Value] = {
        "name": charter.name,
        "purpose": charter.purpose,
        "language": languages[0] if len(languages) == 1 else languages,
        "tone": charter.tone,
    }
    draft = "# A draft, guessed from the channels: nobody has confirmed it yet.\n" if charter.draft else ""
    return draft + _block("", values, {"tone": listed(TONES)})


def _render_channel(channel: ChannelCharter) -> str:
    values: dict[str, Value] = {"name": channel.name}
    if channel.id is not None:
        values["id"] = channel.id
    if channel.purpose:
        values["purpose"] = channel.purpose
    flags = {
        "watched": channel.watched,
        "social": channel.social,
        "promotion_welcome": channel.promotion_welcome,
    }
    return _block(
        "[[channels]]", values | {key: flag for key, flag in flags.items() if flag != (key == "watched")}
    )


def _render_example(example: Example) -> str:
    values: dict[str, Value] = {"label": example.label.value, "text": example.text}
    return _block("[[examples]]", values | ({"channel": example.channel} if example.channel else {}))


def _render_policy(policy: Policy) -> list[str]:
    always: dict[str, Value] = {"mode": policy.mode.value, "strictness": policy.strictness.value}
    comments = {"mode": listed(list(Mode)), "strictness": listed(list(Strictness))}
    changed = {key: value for key, value in _rest(policy).items() if value != _rest(Policy())[key]}
    blocks = [_block("[policy]", always | changed, comments)]
    caps, usual = policy.caps, Caps()
    if caps != usual:
        blocks.append(
            _block("[policy.caps]", {"member": caps.member, "channel": caps.channel, "day": caps.day})
        )
    if policy.experiment is not None:
        blocks.append(_render_experiment(policy.experiment))
    if policy.wording:
        blocks.append(_block("[wording]", dict(policy.wording)))
    return blocks


def _render_experiment(experiment: Experiment) -> str:
    values: dict[str, Value] = {"share": experiment.share, "starts": experiment.first_day}
    if experiment.last_day is not None:
        values["ends"] = experiment.last_day
    return _block("[policy.experiment]", values | ({"seed": experiment.seed} if experiment.seed else {}))


def _rest(policy: Policy) -> dict[str, Value]:
    quiet = policy.quiet_hours
    return {
        "promise": policy.promise,
        "lone_limit": policy.lone_limit,
        "retention_days": policy.retention_days,
        "time_zone": policy.time_zone,
        "quiet_hours": f"{quiet.start:%H:%M}-{quiet.end:%H:%M}" if quiet else "",
        "exempt_roles": policy.exempt_roles,
        "moderators": policy.moderators,
        "moderators_channel": policy.moderators_channel,
        "log_channel": policy.log_channel,
        "act_in_threads": policy.act_in_threads,
        "hold_pitches": policy.hold_pitches,
        "direct_messages": policy.direct_messages,
    }
