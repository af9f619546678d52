"""The charter file: what it means, what is wrong with it, and that writing and reading it are inverse."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.charter import ChannelCharter, Charter, Example
from moderation.charter_file import KEYS, MOST_PROBLEMS, TONES, parse, parse_bytes, render
from moderation.errors import CharterError
from moderation.experiment import Experiment, whole_days
from moderation.labels import Label
from moderation.languages import LANGUAGES, code_of
from moderation.policy import Caps, Mode, Policy, QuietHours, Strictness

FULL = """
name = "Bakers in Business"
purpose = \"\"\"
Bread as a trade: recipes at scale,
ovens and suppliers.\"\"\"
language = ["en", "de"]
tone = "playful"

[[channels]]
name = "#general"
id = "C1"
purpose = "Everything about the trade"

[[channels]]
name = "oven-talk"
watched = false

[[channels]]
name = "random"
social = true

[[channels]]
name = "market"
promotion_welcome = true

[[examples]]
label = "pitch"
text = "Get 10,000 followers this week, DM me"

[[examples]]
label = "chatter"
text = "What a match last night"
channel = "#General"

[policy]
mode = "offer"
strictness = "high"
promise = "at most 2 wrong nudges in 50, 90 % sure"
lone_limit = 5
retention_days = 2
time_zone = "Europe/Berlin"
quiet_hours = "22:00-07:00"
exempt_roles = ["staff"]
moderators = ["U1", "U2"]
moderators_channel = "#moderators"
log_channel = "C9"
act_in_threads = true
direct_messages = true

[policy.caps]
member = 2
channel = 4
day = 20

[policy.experiment]
share = 0.25
starts = 2026-12-01
ends = 2027-02-28
seed = "a secret"
"""
SMALL = 'name = "Bakers"\npurpose = "Bread as a trade"\n'


def problems(text: str) -> list[str]:
    """What is wrong with a charter, a sentence each, without the file's name."""
    with pytest.raises(CharterError) as caught:
        parse(text, "charter.toml")
    lines = str(caught.value).split("\n")
    assert all(line.startswith("charter.toml: ") for line in lines)
    return [line.removeprefix("charter.toml: ") for line in lines]


def test_every_key_is_read() -> None:
    charter, policy = parse(FULL, "charter.toml")
    assert charter == Charter(
        name="Bakers in Business",
        purpose="Bread as a trade: recipes at scale,\novens and suppliers.",
        languages=("en", "de"),
        tone="playful",
        channels=(
            ChannelCharter("general", "Everything about the trade", "C1"),
            ChannelCharter("oven-talk", watched=False),
            ChannelCharter("random", social=True),
            ChannelCharter("market", promotion_welcome=True),
        ),
        examples=(
            Example(Label.PITCH, "Get 10,000 followers this week, DM me"),
            Example(Label.CHATTER, "What a match last night", "general"),
        ),
    )
    assert policy == Policy(
        mode=Mode.OFFER,
        strictness=Strictness.HIGH,
        promise="at most 2 wrong nudges in 50, 90 % sure",
        caps=Caps(2, 4, 20),
        quiet_hours=QuietHours(time(22), time(7)),
        time_zone="Europe/Berlin",
        exempt_roles=("staff",),
        moderators=("U1", "U2"),
        moderators_channel="moderators",
        log_channel="C9",
        retention_days=2,
        lone_limit=5,
        act_in_threads=True,
        direct_messages=True,
        experiment=Experiment(
            "a secret",
            0.25,
            datetime(2026, 11, 30, 23, tzinfo=UTC),
            datetime(2027, 2, 28, 23, tzinfo=UTC),
            "Europe/Berlin",
        ),
    )


def test_only_name_and_purpose_are_needed() -> None:
    assert parse(SMALL, "charter.toml") == (Charter("Bakers", "Bread as a trade"), Policy())
    assert problems("") == ['"name" is missing', '"purpose" is missing']


def test_an_experiment_needs_only_its_first_day() -> None:
    _, policy = parse(SMALL + "[policy.experiment]\nstarts = 2026-12-01\n", "charter.toml")
    assert policy == Policy(experiment=Experiment("", 0.5, datetime(2026, 12, 1, tzinfo=UTC)))


def test_one_language_needs_no_list() -> None:
    assert parse(SMALL + 'language = "de"', "charter.toml")[0].languages == ("de",)


def test_two_social_channels_are_fine() -> None:
    text = SMALL + '[[channels]]\nname="a"\nsocial=true\n[[channels]]\nname="b"\nsocial=true\n'
    charter, _ = parse(text, "charter.toml")
    assert charter.social_channel == ChannelCharter("a", social=True)


def test_two_channels_may_share_a_name_where_ids_tell_them_apart() -> None:
    text = SMALL + '[[channels]]\nname="chat"\nid="1"\n[[channels]]\nname="chat"\nid="2"\n'
    assert len(parse(text, "charter.toml")[0].channels) == 2


@pytest.mark.parametrize(
    "text, sentence",
    [
        ('[policy]\nstricness = "high"', '[policy] has no key "stricness"; did you mean "strictness"?'),
        ('porpose = "x"', 'the file has no key "porpose"; did you mean "purpose"?'),
        ('mode = "nudge"', 'the file has no key "mode"; it belongs in [policy]'),
        ("[policy.caps]\nmembr = 1", '[policy.caps] has no key "membr"; did you mean "member"?'),
        ("[policy.caps]\nx = 1", '[policy.caps] has no key "x"; its keys are member, channel and day'),
        (
            '[[channels]]\nname = "general"\nsocail = true',
            '[[channels]] number 1 ("general") has no key "socail"; did you mean "social"?',
        ),
        (
            '[[channels]]\nname = "general"\ntone = "formal"',
            '[[channels]] number 1 ("general") has no key "tone"; it belongs at the top of the file',
        ),
        (
            '[[examples]]\nlabel = "pitch"\ntxt = "x"\ntext = "x"',
            '[[examples]] number 1 has no key "txt"; did you mean "text"?',
        ),
        (
            '[policy]\nmode = "ofer"',
            'in [policy], "mode" must be observe, nudge, offer or move, not "ofer"; did you mean "offer"?',
        ),
        (
            '[policy]\nstrictness = "severe"',
            'in [policy], "strictness" must be low, normal or high, not "severe"',
        ),
        ("[policy]\nmode = 3", 'in [policy], "mode" must be observe, nudge, offer or move, in quotes, not a whole number'),
        ('tone = "rude"', '"tone" must be friendly, formal or playful, not "rude"'),
        ('[policy]\nact_in_threads = "yes"', 'in [policy], "act_in_threads" must be true or false (without quotes), not "yes"'),
        ("[policy]\nretention_days = 8", 'in [policy], "retention_days" must be from 1 to 7'),
        ("[policy]\nretention_days = 0", 'in [policy], "retention_days" must be from 1 to 7'),
        ("[policy]\nretention_days = 2.5", 'in [policy], "retention_days" must be a whole number from 1 to 7, not a decimal number'),
        ("[policy]\nlone_limit = true", 'in [policy], "lone_limit" must be a whole number from 1 to 100, not true or false'),
        ("[policy.caps]\nday = -1", 'in [policy.caps], "day" must be from 0 to 1,000'),
        ("[policy]\nmoderators = [17]", 'in [policy], "moderators[1]" must be text in quotes, not a whole number'),
        ('[policy]\nexempt_roles = "staff"', 'in [policy], "exempt_roles" must be a list of texts, not "staff"'),
        ('[policy]\npromise = ""', 'in [policy], "promise" is empty'),
        (
            '[policy]\npromise = "hardly ever wrong"',
            "in [policy], \"promise\" is not understood: 'hardly ever wrong' is no promise: write \"at most 5 wrong nudges in 100, 95 % sure\", or \"off\"",
        ),
        (
            '[policy]\npromise = "at most 6 wrong nudges in 10, 95 % sure"',
            "in [policy], \"promise\" is not understood: 'at most 6 wrong nudges in 10, 95 % sure': a promise is about more than none and at most half of the nudges",
        ),
        ("[policy]\nexperiment = 1", 'in [policy], "experiment" must be a table, written as [policy.experiment]'),
        ("[policy.experiment]", 'in [policy.experiment], "starts" is missing'),
        (
            '[policy.experiment]\nstarts = "2026-12-01"',
            'in [policy.experiment], "starts" must be a day from 2000 to 2100 without quotes, such as 2030-01-31',
        ),
        (
            "[policy.experiment]\nstarts = 2026-12-01T10:00:00Z",
            'in [policy.experiment], "starts" must be a day from 2000 to 2100 without quotes, such as 2030-01-31',
        ),
        (
            "[policy.experiment]\nstarts = 2026-12-01\nends = 9999-12-31",
            'in [policy.experiment], "ends" must be a day from 2000 to 2100 without quotes, such as 2030-01-31',
        ),
        (
            "[policy.experiment]\nstarts = 2026-12-01\nends = 2026-11-30",
            'in [policy.experiment], "ends" is before "starts"',
        ),
        (
            "[policy.experiment]\nstarts = 2026-12-01\nshare = 0.46",
            'in [policy.experiment], "share" is 0.46: take a plain share such as 0.5, 0.33, 0.25, 0.2 or 0.1',
        ),
        (
            "[policy.experiment]\nstarts = 2026-12-01\nshare = 1",
            'in [policy.experiment], "share" is 1: hold back nudges on at least 0.1 and at most 0.9 of the days',
        ),
        (
            "[policy.experiment]\nstarts = 2026-12-01\nshare = nan",
            'in [policy.experiment], "share" is nan: hold back nudges on at least 0.1 and at most 0.9 of the days',
        ),
        (
            '[policy.experiment]\nstarts = 2026-12-01\nshare = "half"',
            'in [policy.experiment], "share" must be a number such as 0.5, not "half"',
        ),
        ('[policy.experiment]\nstarts = 2026-12-01\nseed = ""', 'in [policy.experiment], "seed" is empty'),
        (
            "[policy.experiment]\nstarts = 2026-12-01\nsead = 1",
            '[policy.experiment] has no key "sead"; did you mean "seed"?',
        ),
        ("policy = 1", '"policy" must be a table, written as [policy]'),
        ("[policy]\ncaps = 1", 'in [policy], "caps" must be a table, written as [policy.caps]'),
        ('[channels]\nname = "x"', '"channels" must be a list of tables, each written as [[channels]]'),
        ('examples = ["x"]', '"examples" must be a list of tables, each written as [[examples]]'),
        ('language = "english"', '"language" has "english", which is no two-letter code of ISO 639-1; did you mean "en"?'),
        ('language = "xx"', '"language" has "xx", which is no two-letter code of ISO 639-1; write for instance "en" or "de"'),
        ("language = []", '"language" must have from 1 to 20 languages'),
        ('language = [["en"]]', '"language" must hold two-letter codes in quotes, such as "en"'),
        ("language = 1", '"language" must be a two-letter code in quotes, such as "en", or a list of them'),
        ('[[channels]]\nname = "x"\nid = 17', 'in [[channels]] number 1 ("x"), "id" must be text in quotes, not a whole number'),
        ('[[channels]]\nname = "x"\nid = ""', 'in [[channels]] number 1 ("x"), "id" is empty'),
        ('[[channels]]\nname = "#"', 'in [[channels]] number 1 ("#"), "name" is empty'),
        ("[[channels]]", 'in [[channels]] number 1, "name" is missing'),
        ('[[channels]]\nname = "a\\nb"', 'in [[channels]] number 1 ("a\\nb"), "name" must be on one line'),
        (
            '[[channels]]\nname = "x"\n[[channels]]\nname = "#X"',
            'in [[channels]] number 2 ("#X"), the channel is there twice; leave one out, or give each its id',
        ),
        (
            '[[channels]]\nname = "x"\nid = "1"\n[[channels]]\nname = "y"\nid = "1"',
            'in [[channels]] number 2 ("y"), "id" is the same as that of "x"',
        ),
        (
            '[[channels]]\nname = "general"\n[[examples]]\nlabel = "pitch"\ntext = "x"\nchannel = "generel"',
            'in [[examples]] number 1, "channel" is "generel", which is in no [[channels]]; did you mean "general"?',
        ),
        ('[[examples]]\ntext = "x"', 'in [[examples]] number 1, "label" is missing'),
        ('[[examples]]\nlabel = "spam"\ntext = "x"', 'in [[examples]] number 1, "label" must be on_topic, chatter or pitch, not "spam"'),
        ('[[examples]]\nlabel = "pitch"\ntext = " "', 'in [[examples]] number 1, "text" is empty'),
        ('[[examples]]\nlabel = "pitch"\ntext = "a\\u0000"', None),
        (
            '[policy]\ntime_zone = "europe/berlin"',
            'in [policy], "time_zone" is "europe/berlin", which is no IANA time zone; did you mean "Europe/Berlin"?',
        ),
        (
            '[policy]\ntime_zone = "Europe"',
            'in [policy], "time_zone" is "Europe", which is no IANA time zone; did you mean "Europe/Rome"?',
        ),
        (
            '[policy]\ntime_zone = "../../etc/passwd"',
            'in [policy], "time_zone" is "../../etc/passwd", which is no IANA time zone; write for instance "Europe/Berlin"',
        ),
        ('[policy]\nquiet_hours = "22-7"', 'in [policy], "quiet_hours" must be two times in quotes, such as "22:00-07:00"'),
        ('[policy]\nquiet_hours = "22:00-24:00"', 'in [policy], "quiet_hours" must be two times in quotes, such as "22:00-07:00"'),
        ("[policy]\nquiet_hours = 22:00:00", 'in [policy], "quiet_hours" must be two times in quotes, such as "22:00-07:00"'),
        (
            '[policy]\nquiet_hours = "07:00-7:00"',
            'in [policy], "quiet_hours" begin and end at the same time; leave them out to have none',
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_sentence(text: str, sentence: str | None) -> None:
    expected = sentence or 'in [[examples]] number 1, "text" has control characters in it'
    assert problems(SMALL + text) == [expected]


def test_all_problems_are_told_at_once() -> None:
    found = problems('name = ""\ntone = "rude"\nfoo = 1\n[policy]\nmode = "x"\nretention_days = 9\n')
    assert len(found) == 6
    assert '"purpose" is missing' in found


def test_a_file_that_is_wrong_throughout_is_not_told_at_length() -> None:
    found = problems(SMALL + "".join(f"wrong_{i} = 1\n" for i in range(MOST_PROBLEMS + 7)))
    assert len(found) == MOST_PROBLEMS + 1
    assert found[-1] == "and 7 more problems"


@pytest.mark.parametrize(
    "text, sentence",
    [
        ('name = "x"\npurpose =\n', "line 2, column 10: this is not TOML: invalid value"),
        ("a = 1\na = 2\nb = 3", "line 2, column 6: this is not TOML: cannot overwrite a value"),
        ("x = " + "[" * 100_000, "the tables are nested too deep"),
        ("x = " + "9" * 10_000, "this is not TOML: a number is too long"),
        ("x" * 2_000_001, "2,000,001 characters are too long for a charter"),
    ],
)
def test_what_is_no_toml_is_said_with_its_line(text: str, sentence: str) -> None:
    assert problems(text) == [sentence]


@pytest.mark.parametrize(
    "text, sentence",
    [
        (f'name = "x"\npurpose = "{"p" * 2_001}"', '"purpose" has 2,001 characters; at most 2,000 are allowed'),
        (f'name = "{"n" * 201}"\npurpose = "x"', '"name" has 201 characters; at most 200 are allowed'),
        (
            SMALL + f'[[examples]]\nlabel = "pitch"\ntext = "{"t" * 2_001}"',
            'in [[examples]] number 1, "text" has 2,001 characters; at most 2,000 are allowed',
        ),
        (SMALL + '[[examples]]\nlabel = "pitch"\ntext = "x"\n' * 201, "there are 201 examples; at most 200 are allowed"),
        (
            SMALL + "".join(f'[[channels]]\nname = "c{i}"\n' for i in range(501)),
            "there are 501 channels; at most 500 are allowed",
        ),
        (
            SMALL + "[policy]\nmoderators = [" + '"x",' * 1_001 + "]",
            'in [policy], "moderators" has 1,001 entries; at most 1,000 are allowed',
        ),
    ],
)  # fmt: skip
def test_too_much_is_refused(text: str, sentence: str) -> None:
    assert problems(text) == [sentence]


def test_a_problem_stays_on_one_line_and_shows_what_is_invisible() -> None:
    (found,) = problems(SMALL + '"ev\\nil\\u001b[31m" = 1')
    assert '"ev\\nil\\x1b[31m"' in found
    (long,) = problems(SMALL + f"{'k' * 5_000} = 1")
    assert len(long) < 200


def test_bytes_are_utf_8_with_or_without_a_mark() -> None:
    assert parse_bytes(b"\xef\xbb\xbf" + SMALL.encode(), "c")[0].name == "Bakers"
    with pytest.raises(CharterError, match=r"^c: line 3 is not UTF-8 text$"):
        parse_bytes(SMALL.encode() + b'tone = "\xff"', "c")


@pytest.mark.parametrize(
    "written, code",
    [("EN", "en"), ("en-GB", "en"), ("pt_BR", "pt"), ("german", "de"), ("Klingon", None), ("", None)],
)
def test_a_language_is_recognised_by_name(written: str, code: str | None) -> None:
    assert code_of(written) == code


def test_the_codes_are_those_of_iso_639_1() -> None:
    assert len(LANGUAGES) == 183
    assert all(len(code) == 2 and code.isalpha() and name for code, name in LANGUAGES.items())


# --- there and back ----------------------------------------------------------------------------------------------

_characters = st.characters(exclude_categories=["Cs", "Cc"])


def _line(longest: int) -> st.SearchStrategy[str]:
    """One line as `parse` gives it: without space around it."""
    lines = st.text(_characters, min_size=1, max_size=longest).map(str.strip)
    return lines.filter(lambda line: bool(line) and len(line.splitlines()) == 1)


def _lines(longest: int, least: int = 1) -> st.SearchStrategy[str]:
    alphabet = st.one_of(_characters, st.sampled_from('\n\t"\\'))
    return (
        st.text(alphabet, min_size=least, max_size=longest).map(str.strip).filter(lambda t: len(t) >= least)
    )


_names = _line(30).filter(lambda name: not name.startswith("#"))
_clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0, tzinfo=None))
_quiet = (
    st.tuples(_clocks, _clocks).filter(lambda ends: ends[0] != ends[1]).map(lambda ends: QuietHours(*ends))
)


def _unique(texts: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(texts, max_size=4, unique=True).map(tuple)


@st.composite
def _charters(draw: st.DrawFn) -> Charter:
    names = draw(st.lists(_names, max_size=5, unique_by=str.casefold))
    flags = [draw(st.booleans()) for _ in range(3)]
    channels = tuple(
        ChannelCharter(name, draw(_lines(50, least=0)), draw(st.none() | st.just(f"C{i}")), *flags)
        for i, name in enumerate(names)
    )
    places = st.none() | st.sampled_from(names) if names else st.none()
    examples = draw(st.lists(st.builds(Example, st.sampled_from(Label), _lines(80), places), max_size=4))
    return Charter(
        name=draw(_line(60)),
        purpose=draw(_lines(120)),
        languages=tuple(
            draw(st.lists(st.sampled_from(sorted(LANGUAGES)), min_size=1, max_size=4, unique=True))
        ),
        tone=draw(st.sampled_from(TONES)),
        channels=channels,
        examples=tuple(examples),
    )


_promises = st.builds(
    "at most {} wrong nudges in {}, {} % sure".format,
    st.integers(1, 5),
    st.integers(10, 200),
    st.integers(50, 99),
)
_days = st.dates(date(2000, 1, 1), date(2100, 12, 31))
_zones = st.shared(
    st.sampled_from(
        ["UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Asia/Kolkata", "Asia/Beirut", "Africa/Cairo"]
    ),
    key="time zone",
)
_experiments = st.builds(
    lambda seed, share, days, is_open, zone: whole_days(
        seed, share, min(days), None if is_open else max(days), zone
    ),
    st.just("") | _line(20),
    st.sampled_from([0.5, 0.33, 1 / 3, 0.25, 0.1, 0.9]),
    st.tuples(_days, _days),
    st.booleans(),
    _zones,
)
_policies = st.builds(
    Policy,
    mode=st.sampled_from(Mode),
    strictness=st.sampled_from(Strictness),
    promise=st.just("off") | _promises,
    caps=st.builds(Caps, st.integers(0, 1_000), st.integers(0, 1_000), st.integers(0, 1_000)),
    quiet_hours=st.none() | _quiet,
    time_zone=_zones,
    exempt_roles=_unique(_line(20)),
    moderators=_unique(_line(20)),
    retention_days=st.integers(1, 7),
    lone_limit=st.integers(1, 100),
    act_in_threads=st.booleans(),
    experiment=st.none() | _experiments,
)


@given(_charters(), _policies)
def test_writing_and_reading_are_inverse(charter: Charter, policy: Policy) -> None:
    assert parse(render(charter, policy), "charter.toml") == (charter, policy)


def test_what_is_written_reads_well() -> None:
    charter = Charter("Bakers", "Bread as a trade", channels=(ChannelCharter("random", social=True),))
    assert render(charter, Policy(caps=Caps(day=5))) == (
        'name = "Bakers"\n'
        'purpose = "Bread as a trade"\n'
        'language = "en"\n'
        'tone = "friendly"  # friendly, formal or playful\n'
        "\n"
        '[[channels]]\nname = "random"\nsocial = true\n'
        "\n"
        '[policy]\nmode = "observe"  # observe, nudge, offer or move\n'
        'strictness = "normal"  # low, normal or high\n'
        "\n"
        "[policy.caps]\nmember = 1\nchannel = 3\nday = 5\n"
    )


def test_a_draft_says_so_until_somebody_keeps_it() -> None:
    text = render(Charter("Bakers", "Bread", draft=True), Policy())
    assert text.startswith("# A draft")
    assert not parse(text, "charter.toml")[0].draft


# --- whatever people write -----------------------------------------------------------------------------------------


def _parse_or_refuse(text: str) -> None:
    try:
        charter, _ = parse(text, "charter.toml")
    except CharterError as error:
        said = str(error).split("\n")
    else:
        said = []
        assert charter.name
        assert charter.purpose
    assert all(line.startswith("charter.toml: ") for line in said)


@given(st.text())
def test_any_text_gives_a_charter_or_an_error(text: str) -> None:
    _parse_or_refuse(text)


@given(st.binary())
def test_any_bytes_give_a_charter_or_an_error(data: bytes) -> None:
    with suppress(CharterError):
        parse_bytes(data, "charter.toml")


@given(st.integers(0, len(FULL)), st.integers(0, 12), st.text(max_size=8))
def test_a_charter_with_a_slip_gives_a_charter_or_an_error(start: int, length: int, slip: str) -> None:
    _parse_or_refuse(FULL[:start] + slip + FULL[start + length :])


_values = st.recursive(
    st.one_of(
        st.sampled_from(['"x"', '""', "1", "-1", "1.5", "nan", "true", "[]", "{}", "2026-01-01", "07:00:00", '"\\u0000"']),
        st.integers().map(str),
    ),
    lambda inner: st.lists(inner, max_size=3).map(lambda each: f"[{', '.join(each)}]")
    | inner.map(lambda each: f"{{ name = {each} }}"),
    max_leaves=6,
)  # fmt: skip


@st.composite
def _odd_files(draw: st.DrawFn) -> str:
    """Right keys with values of every kind, in right tables and in wrong ones."""
    text = ""
    for head, keys in KEYS.items():
        some: list[Any] = draw(st.lists(st.sampled_from(keys), unique=True, max_size=4))
        text += f"{head}\n" + "".join(f"{key} = {draw(_values)}\n" for key in some)
    return text


@given(_odd_files())
def test_values_of_every_kind_give_a_charter_or_an_error(text: str) -> None:
    _parse_or_refuse(text)
