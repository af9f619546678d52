"""What people do on the platform, for tests to say in one line each. Nothing here is the bot's doing.

What happens at once is a plain method; what waits for the bot's answer is awaited.
"""

from __future__ import annotations

from tests.fakes.discord.people_places import Places
from tests.fakes.discord.people_presses import Presses


class People(Places, Presses):
    """Owners and moderators (Places), and members who talk (Posts) and use the bot (Presses)."""
