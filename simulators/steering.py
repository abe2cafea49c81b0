"""What a developer may ask of a living community: more traffic, faults, scenarios in turn or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from devices.errors import PlatformError
from simulators.faults import FaultKind
from simulators.scenario import Scenario, Scene

MOST_RATE: Final = 500.0  # extra messages a second
FAULTS: Final = frozenset(
    {FaultKind.DROP, FaultKind.DUPLICATE, FaultKind.REORDER, FaultKind.CLOCK_SKEW, FaultKind.MALFORMED}
)
"""Those that need no connection of their own."""


class Unplayable(PlatformError):
    """The simulated community cannot do that."""

    def __init__(self, field: str, why: str) -> None:
        self.field = field
        super().__init__(why)


@dataclass(slots=True)
class Steering:
    """How the community behaves from now on."""

    rate: float = 0.0  # harmless messages a second on top of the ordinary ones
    rotation: bool = True  # scenarios take turns by themselves
    faults: frozenset[FaultKind] = frozenset()

    def follow(self, wish: Mapping[str, Any]) -> None:
        """Take over what a wish names; raises Unplayable, and then nothing is taken over."""
        rate = wish.get("rate", self.rate)
        if not isinstance(rate, (int, float)) or not 0 <= rate <= MOST_RATE:
            raise Unplayable("rate", f"from 0 to {MOST_RATE:.0f} messages a second")
        unknown = set(wish.get("faults", ())) - set(FAULTS)
        if unknown:
            raise Unplayable("faults", f"{', '.join(sorted(unknown))}: only {', '.join(sorted(FAULTS))}")
        self.rate = float(rate)
        self.rotation = bool(wish.get("rotation", self.rotation))
        if "faults" in wish:
            self.faults = frozenset(FaultKind(name) for name in wish["faults"])

    def told(self) -> dict[str, Any]:
        """Say it as JSON."""
        return {"rate": self.rate, "rotation": self.rotation, "faults": sorted(self.faults)}


def told(scripts: Iterable[Scenario], playing: Iterable[Scene]) -> dict[str, Any]:
    """Say as JSON what can be played and what is."""
    return {
        "scripts": [
            {
                "key": script.key,
                "name_zh": script.name_zh,
                "name_en": script.name_en,
                "lasts_s": script.lasts,
                "codes": sorted({expected.code for expected in script.expect}),
            }
            for script in scripts
        ],
        "playing": [
            {
                "key": scene.scenario.key,
                "name": scene.name,
                "started_at": scene.start.isoformat(),
                "cast": dict(scene.cast),
            }
            for scene in playing
        ],
    }
