"""The charter file: TOML that moderators write, and the Charter and Policy that it means.

`parse` and `render` are each other's inverse. Every problem of a file is found in one reading and told in a sentence
of its own that names file, table and key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from zoneinfo import ZoneInfo, available_timezones

from moderation.charter import ChannelCharter, Charter, Example
from moderation.charter_draft import draft_from_channels
from moderation.charter_writing import TONES, render
from moderation.errors import CharterError
from moderation.experiment import Experiment, whole_days
from moderation.labels import Label
from moderation.languages import LANGUAGES, code_of
from moderation.policy import Caps, Mode, Policy, QuietHours, Strictness
from moderation.promise import promise_of
from moderation.toml_table import FIRST_YEAR, TomlTable, meant, quote
from moderation.wording_keys import LINES, problem_of

__all__ = ["KEYS", "TONES", "draft_from_channels", "parse", "parse_bytes", "render"]

KEYS: Mapping[str, tuple[str, ...]] = {
    "": ("name", "purpose", "language", "tone", "channels", "examples", "policy", "wording"),
    "[[channels]]": ("name", "id", "purpose", "watched", "social", "promotion_welcome"),
    "[[examples]]": ("label", "text", "channel"),
    "[policy]": tuple(
        "mode strictness promise lone_limit retention_days time_zone quiet_hours exempt_roles moderators "
        "moderators_channel log_channel act_in_threads direct_messages hold_pitches caps experiment".split()
    ),
    "[policy.caps]": ("member", "channel", "day"),
    "[policy.experiment]": ("share", "starts", "ends", "seed"),
    "[wording]": tuple(LINES),
}
"""Every key that a charter may have, by table; "" is the top of the file."""

LONGEST_FILE = 2_000_000
LONGEST_TEXT = 2_000
LONGEST_NAME = 200
MOST_CHANNELS = 500
MOST_EXAMPLES = 200
MOST_NAMES = 1_000
MOST_LANGUAGES = 20
MOST_PROBLEMS = 100
"""More than this is a wrong file, not a wrong key: the rest is only counted."""

LEAST_FOR_HOLDS = 2
"""Days for which texts are kept where pitches are held: a hold ends after one."""
USUAL_SHARE = 0.5
"""Half of the days tell most in the same time."""
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


def parse_bytes(data: bytes, source: str) -> tuple[Charter, Policy]:
    """As `parse`, from the bytes of a file, which must be UTF-8; a byte order mark is forgiven."""
    try:
        return parse(data.decode("utf-8-sig"), source)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CharterError(f"{source}: line {line} is not UTF-8 text") from None


def parse(text: str, source: str) -> tuple[Charter, Policy]:
    """Read a charter file; `source` names it in what is wrong.

    Raises CharterError with all problems of the file, one sentence on each line.
    """
    problems: list[str] = []
    top = TomlTable(_toml(text, source), "", problems)
    top.refuse_unknown(KEYS[""], _elsewhere(""))
    charter = _charter(top)
    wording = _wording(top.table("wording", "[wording]"))
    policy = replace(_policy(top.table("policy", "[policy]")), wording=wording)
    if problems:
        raise CharterError("\n".join(f"{source}: {problem}" for problem in _first(problems)))
    return charter, policy


def _first(problems: Sequence[str]) -> list[str]:
    rest = len(problems) - MOST_PROBLEMS
    return [*problems[:MOST_PROBLEMS], *([f"and {rest:,} more problems"] if rest > 0 else [])]


def _toml(text: str, source: str) -> dict[str, object]:
    if len(text) > LONGEST_FILE:
        raise CharterError(f"{source}: {len(text):,} characters are too long for a charter")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise CharterError(f"{source}: the tables are nested too deep") from None
    except ValueError as error:  # TOMLDecodeError, and what int() says to a number of thousands of digits
        raise CharterError(f"{source}: {_syntax(str(error))}") from None


def _syntax(sentence: str) -> str:
    """What tomllib says, with the place in front: `line 3, column 5: ...`."""
    if "integer string conversion" in sentence:
        return "this is not TOML: a number is too long"
    found = re.fullmatch(r"(.*) \(at (.*)\)", " ".join(sentence.splitlines()))
    what, where = found.groups() if found else (sentence, "")
    what = "this is not TOML: " + what[:1].lower() + what[1:]
    return f"{where}: {what}" if where else what


def _elsewhere(table: str) -> dict[str, str]:
    """For each key that is right in another table: where."""
    places = {name: f"in {name}" if name else "at the top of the file" for name in KEYS}
    found: dict[str, str] = {}
    for name, keys in KEYS.items():
        if name != table:
            found |= {key: places[name] for key in keys if key not in found}
    return found


def _charter(top: TomlTable) -> Charter:
    channels = _channels(top.tables("channels", MOST_CHANNELS))
    return Charter(
        name=top.text("name", longest=LONGEST_NAME, required=True),
        purpose=top.text("purpose", longest=LONGEST_TEXT, required=True, lines=True),
        languages=_languages(top),
        tone=top.choice("tone", TONES, TONES[0]),
        channels=channels,
        examples=_examples(top.tables("examples", MOST_EXAMPLES), channels),
    )


def _languages(top: TomlTable) -> tuple[str, ...]:
    value = top.values.get("language", "en")
    if not isinstance(value, str | list):
        top.note('"language" must be a two-letter code in quotes, such as "en", or a list of them')
        return ("en",)
    written = [value] if isinstance(value, str) else value
    if not 1 <= len(written) <= MOST_LANGUAGES:
        top.note(f'"language" must have from 1 to {MOST_LANGUAGES} languages')
    for each in written[:MOST_LANGUAGES]:
        if not isinstance(each, str) or each not in LANGUAGES:
            top.note(_language_problem(each))
    return tuple(dict.fromkeys(str(each) for each in written))


def _language_problem(value: object) -> str:
    if not isinstance(value, str):
        return '"language" must hold two-letter codes in quotes, such as "en"'
    code = code_of(value[:LONGEST_NAME])
    hint = f'; did you mean "{code}"?' if code else '; write for instance "en" or "de"'
    return f'"language" has {quote(value)}, which is no two-letter code of ISO 639-1{hint}'


def _channels(tables: Sequence[TomlTable]) -> tuple[ChannelCharter, ...]:
    channels: list[ChannelCharter] = []
    for table in tables:
        name = table.values.get("name")
        if isinstance(name, str) and name.strip():
            table.place += f" ({quote(name.strip())})"
        table.refuse_unknown(KEYS["[[channels]]"], _elsewhere("[[channels]]"))
        channel = _channel(table)
        _refuse_duplicate(table, channel, channels)
        channels.append(channel)
    return tuple(channels)


def _channel(table: TomlTable) -> ChannelCharter:
    return ChannelCharter(
        name=_channel_name(table),
        purpose=table.text("purpose", longest=LONGEST_TEXT, lines=True),
        id=table.text("id", longest=LONGEST_NAME, required="id" in table.values) or None,
        watched=table.truth("watched", default=True),
        social=table.truth("social", default=False),
        promotion_welcome=table.truth("promotion_welcome", default=False),
    )


def _channel_name(table: TomlTable) -> str:
    """The name without the # that people write in front of it."""
    written = table.text("name", longest=LONGEST_NAME, required=True)
    name = written.lstrip("#").strip()
    if written and not name:
        table.note('"name" is empty')
    return name


def _refuse_duplicate(table: TomlTable, channel: ChannelCharter, earlier: Sequence[ChannelCharter]) -> None:
    """Two channels may share a name only where both have an id: platforms allow that, and ids tell them apart."""
    for other in earlier:
        if channel.id and channel.id == other.id:
            table.note(f'"id" is the same as that of {quote(other.name)}')
            return
        same_name = channel.name and channel.name.casefold() == other.name.casefold()
        if same_name and not (channel.id and other.id):
            table.note("the channel is there twice; leave one out, or give each its id")
            return


def _examples(tables: Sequence[TomlTable], channels: Sequence[ChannelCharter]) -> tuple[Example, ...]:
    names = {channel.name.casefold(): channel.name for channel in channels if channel.name}
    examples: list[Example] = []
    for table in tables:
        table.refuse_unknown(KEYS["[[examples]]"], _elsewhere("[[examples]]"))
        examples.append(_example(table, names))
    return tuple(examples)


def _example(table: TomlTable, names: Mapping[str, str]) -> Example:
    if "label" not in table.values:
        table.note('"label" is missing')
    label = table.choice("label", [each.value for each in Label], Label.ON_TOPIC.value)
    text = table.text("text", longest=LONGEST_TEXT, required=True, lines=True)
    written = table.text("channel", longest=LONGEST_NAME, required="channel" in table.values)
    channel = names.get(written.lstrip("#").strip().casefold())
    if written and channel is None:
        table.note(
            f'"channel" is {quote(written)}, which is in no [[channels]]{meant(written, names.values())}'
        )
    return Example(Label(label), text, channel)


def _policy(table: TomlTable) -> Policy:
    usual = Policy()
    table.refuse_unknown(KEYS["[policy]"], _elsewhere("[policy]"))
    time_zone = _time_zone(table, usual.time_zone)
    policy = Policy(
        mode=Mode(table.choice("mode", [each.value for each in Mode], usual.mode)),
        strictness=Strictness(
            table.choice("strictness", [each.value for each in Strictness], usual.strictness)
        ),
        promise=_promise(table, usual.promise),
        caps=_caps(table.table("caps", "[policy.caps]")),
        quiet_hours=_quiet_hours(table),
        time_zone=time_zone,
        exempt_roles=table.texts("exempt_roles", longest=LONGEST_NAME, most=MOST_NAMES),
        moderators=table.texts("moderators", longest=LONGEST_NAME, most=MOST_NAMES),
        moderators_channel=_place(table, "moderators_channel"),
        log_channel=_place(table, "log_channel"),
        retention_days=table.whole("retention_days", usual.retention_days, 1, 7),
        lone_limit=table.whole("lone_limit", usual.lone_limit, 1, 100),
        act_in_threads=table.truth("act_in_threads", default=usual.act_in_threads),
        experiment=_experiment(table, time_zone),
        hold_pitches=table.truth("hold_pitches", default=usual.hold_pitches),
        direct_messages=table.truth("direct_messages", default=usual.direct_messages),
    )
    _refuse_rash_holds(table, policy)
    return policy


def _refuse_rash_holds(table: TomlTable, policy: Policy) -> None:
    """What is held comes back by itself after a day: its text must be kept for longer, and a promise must stand behind it."""
    if policy.hold_pitches and policy.promise == Policy().promise:
        table.note(
            '"hold_pitches" needs a "promise": nothing is held before your rulings show that it is kept'
        )
    if policy.hold_pitches and policy.retention_days < LEAST_FOR_HOLDS:
        table.note(
            f'"hold_pitches" needs "retention_days" of {LEAST_FOR_HOLDS} or more, so that what is held can come back'
        )


def _wording(table: TomlTable) -> tuple[tuple[str, str], ...]:
    """Members' lines in the community's own words, in the order of LINES."""
    table.refuse_unknown(KEYS["[wording]"], _elsewhere("[wording]"))
    written: list[tuple[str, str]] = []
    for key, line in LINES.items():
        if key not in table.values:
            continue
        text = table.text(key, longest=line.longest, required=True)
        problem = problem_of(key, text) if text else ""
        if problem:
            table.note(f'"{key}" {problem}')
        written.append((key, text))
    return tuple(written)


def _place(table: TomlTable, key: str) -> str:
    """A channel by its id or name, without the # that people write in front of it."""
    return table.text(key, longest=LONGEST_NAME, required=key in table.values).lstrip("#").strip()


def _promise(table: TomlTable, usual: str) -> str:
    words = table.text("promise", longest=LONGEST_NAME, required="promise" in table.values)
    if not words:
        return usual
    try:
        promise_of(words)
    except ValueError as error:
        table.note(f'"promise" is not understood: {error}')
        return usual
    return words


def _caps(table: TomlTable) -> Caps:
    usual = Caps()
    table.refuse_unknown(KEYS["[policy.caps]"], _elsewhere("[policy.caps]"))
    return Caps(
        member=table.whole("member", usual.member, 0, 1_000),
        channel=table.whole("channel", usual.channel, 0, 1_000),
        day=table.whole("day", usual.day, 0, 1_000),
    )


def _experiment(policy: TomlTable, time_zone: str) -> Experiment | None:
    """The experiment on whole days of the community's own clock, from its first to its last."""
    if "experiment" not in policy.values:
        return None
    table = policy.table("experiment", "[policy.experiment]")
    if not isinstance(policy.values["experiment"], dict):
        return None
    table.refuse_unknown(KEYS["[policy.experiment]"], _elsewhere("[policy.experiment]"))
    share = table.number("share", USUAL_SHARE)
    seed = table.text("seed", longest=LONGEST_NAME, required="seed" in table.values)
    first, last = table.day("starts", required=True), table.day("ends")
    if first is not None and last is not None and last < first:
        table.note('"ends" is before "starts"')
        last = None
    try:
        experiment = whole_days(seed, share, first or date(FIRST_YEAR, 1, 1), last, time_zone)
    except ValueError as error:
        table.note(f'"share" is {error}')
        return None
    return experiment if first is not None else None


def _quiet_hours(table: TomlTable) -> QuietHours | None:
    if "quiet_hours" not in table.values:
        return None
    written = table.values["quiet_hours"]
    ends = re.split(r"\s*[-–]\s*", written.strip()) if isinstance(written, str) else []
    clocks = [_CLOCK.fullmatch(end) for end in ends]
    times = [time(int(clock[1]), int(clock[2])) for clock in clocks if clock]
    if len(ends) != 2 or len(times) != 2:
        table.note('"quiet_hours" must be two times in quotes, such as "22:00-07:00"')
        return None
    if times[0] == times[1]:
        table.note('"quiet_hours" begin and end at the same time; leave them out to have none')
        return None
    return QuietHours(*times)


def _time_zone(table: TomlTable, usual: str) -> str:
    name = table.text("time_zone", longest=LONGEST_NAME, required="time_zone" in table.values)
    if not name:
        return usual
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; not a plain relative path; a folder such as "Europe"
        near = meant(name, available_timezones()) or '; write for instance "Europe/Berlin"'
        table.note(f'"time_zone" is {quote(name)}, which is no IANA time zone{near}')
        return usual
    return name
