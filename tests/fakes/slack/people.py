"""What people do on the platform, for tests to say in one line each. Nothing here is the app's doing.

What happens at once is a plain method; what waits for the app's answer is awaited.
"""

from __future__ import annotations

from tests.fakes.slack.deliveries import Deliveries
from tests.fakes.slack.people_places import Places
from tests.fakes.slack.people_presses import Presses
from tests.fakes.slack.world import World


class People(Places, Presses):
    """Owners and admins (Places), and members who talk (Posts) and use the app (Presses)."""

    def __init__(self, world: World, deliveries: Deliveries) -> None:
        self.world = world
        self.deliveries = deliveries
