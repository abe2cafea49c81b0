"""Plans that go on by themselves, and people alone on the spot who must say that they are well."""

from __future__ import annotations

from datetime import datetime

from console import plans, responders
from console.auth import PLATFORM
from console.database import Connection
from console.duty.timers import Due
from console.pace import Pace


async def on_plan(connection: Connection, timer: Due, _: Pace) -> datetime | None:
    """Do what is due of a plan; it sets its own timer for the rest."""
    await plans.go_on(connection, PLATFORM, int(timer.subject))
    return None


async def on_check_in(connection: Connection, timer: Due, _: Pace) -> datetime | None:
    """Nobody has heard of them: raise it with the centre."""
    await responders.check_in_due(connection, PLATFORM, timer.subject)
    return None
