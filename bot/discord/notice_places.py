"""Where a notice belongs that is about one post: in a forum, to the thread that begins with it. Pure."""

from __future__ import annotations

import re

from moderation.actions import FloodHint, NudgeAuthor, NudgeStretch, OfferNote, Welcome
from moderation.move_actions import TellOfReply
from moderation.notices import Notice

_IN_A_NOTE = re.compile(r"/([0-9]+)")
"""A note's marker names the post after its channel: `returned:12/34`."""


def message_of(notice: Notice) -> str:
    """The id of the post that a notice is about, the first of several; empty for one that is about none."""
    match notice:
        case NudgeAuthor() | FloodHint() | Welcome():
            return notice.message
        case TellOfReply():
            return notice.reply
        case NudgeStretch():
            return notice.messages[0] if notice.messages else ""
        case OfferNote():
            found = _IN_A_NOTE.search(notice.note)
            return found[1] if found else ""
        case _:
            return ""
