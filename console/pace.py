"""How time counts for promises, the same for console and duty.

The one setting that is read where it is first used and not handed down: every route that moves a
case would have to carry it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from console.settings import PaceSettings
from ingest.deliver.settings import LetterSettings
from ingest.settings import load
from rules.duty import CareStep, care_chain
from rules.ruleset import load_catalogue
from rules.sla import Time, work_hours
from rules.wording import Entry, entries


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """Time, and the short waits of an alert."""

    time: Time
    confirm: timedelta
    unattended: timedelta
    lapses: Mapping[int, timedelta]
    care: tuple[CareStep, ...]
    check_in: timedelta

    @classmethod
    def of(cls, settings: PaceSettings) -> Pace:
        """Make it from settings."""
        speed = settings.duty_speed
        return cls(
            time=Time(hours=work_hours(settings.work_hours), speed=speed),
            confirm=timedelta(seconds=settings.confirm_s) / speed,
            unattended=timedelta(seconds=settings.unattended_s) / speed,
            lapses={
                n: timedelta(minutes=float(part)) / speed
                for n, part in enumerate(settings.ack_minutes.split(","), 1)
            },
            care=care_chain(
                timedelta(minutes=settings.care_grid_minutes) / speed,
                timedelta(minutes=settings.care_outside_minutes) / speed,
            ),
            check_in=timedelta(minutes=settings.check_in_minutes) / speed,
        )

    def lapse(self, severity: int) -> timedelta:
        """How long an acknowledgement holds that nothing follows."""
        return self.lapses[severity]


@cache
def pace() -> Pace:
    """Read the settings once."""
    return Pace.of(load(PaceSettings))


@cache
def public_address() -> str:
    """Read once how people reach the console, for links in letters that no request asked for."""
    return load(LetterSettings).public_url.rstrip("/")


@cache
def _entries() -> dict[str, Entry]:
    return dict(entries(load_catalogue()))


def entry(code: str) -> Entry | None:
    """Answer what the catalogue says about an alert's code; None for what people reported."""
    return _entries().get(code)
