from __future__ import annotations

import pytest

from tests.bot.office.house import House


@pytest.fixture
async def house() -> House:
    """A community that is set up, in mode observe."""
    house = House()
    await house.set_up()
    return house
