"""Going to the channels that are to be read: Slack shows a bot only what is posted where it is."""

from __future__ import annotations

import logging
from dataclasses import replace

from bot.office.said import Said
from bot.slack.commands.desk import Desk
from moderation.errors import Unavailable
from moderation.ports import Community

log = logging.getLogger(__name__)


async def with_channels_joined(desk: Desk, community: Community, said: Said) -> Said:
    """Join all channels of the rules in force, and say below an answer where somebody must invite us. Raises PlatformError."""
    if await desk.office.known_rules(community) is None:
        return said
    try:
        outside = await desk.platform.join_watched(community)
    except Unavailable as error:  # Slack lets an app join some fifty channels a minute
        log.info("joining goes on later", exc_info=error)
        return replace(said, text=f"{said.text}\n\nI join the channels during the next minutes.")
    if not outside:
        return said
    surface = desk.office.surface(community)
    places = ", ".join(surface.channel(each) for each in outside)
    return replace(
        said,
        text=f"{said.text}\n\nI cannot join private channels by myself. Please type /invite @Steward in {places}.",
    )
