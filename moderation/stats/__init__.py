"""Counts over a period, made from decisions: a `Report` of data, not text, and no score of any person.

`Statistics` reads decisions once, in order of posting, and keeps no text: only counts, and the keys of a bounded
number of examples. Whoever shows the report looks their texts up (`Report.example_keys`).
"""

from moderation.stats.collect import Statistics, count
from moderation.stats.report import (
    Answered,
    ChannelCounts,
    Closing,
    Conversations,
    Counts,
    DriftedStretch,
    HardCase,
    Line,
    Newcomers,
    PitchSeen,
    Report,
    SpokenTo,
)

__all__ = [
    "Answered",
    "ChannelCounts",
    "Closing",
    "Conversations",
    "Counts",
    "DriftedStretch",
    "HardCase",
    "Line",
    "Newcomers",
    "PitchSeen",
    "Report",
    "SpokenTo",
    "Statistics",
    "count",
]
