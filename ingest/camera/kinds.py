"""What a followed object is called: by its shape where no model says it, by the owner's names where one does.

Shape, without a model: the median of height over width of a track's sights. A person who stands or walks is
at least `UPRIGHT` times as high as wide, a car at most `WIDE`; between them, and until `LEAST` sights were
had, it is only `moving`. Known limits: a shape is no proof. Whoever crouches, crawls or rides is not
`upright`; three side by side are `wide`; a bin on wheels is `upright`; from straight above nobody is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final

from devices.errors import SettingError
from devices.profiles.camera import NAMES, SHAPES

UPRIGHT: Final = 1.2  # height over width
WIDE: Final = 0.85
LEAST: Final = 4  # sights
NOT_TOLD: Final = "ignore"  # the owner's word for classes nobody wants to hear of


def by_shape(ratios: Sequence[float]) -> str:
    """Name a track by the ratios of height to width it was seen with."""
    if len(ratios) < LEAST:
        return SHAPES[0]
    usual = median(ratios)
    return "upright" if usual >= UPRIGHT else "wide" if usual <= WIDE else SHAPES[0]


def vocabulary(labels: Sequence[str], names: Mapping[str, str]) -> tuple[str | None, ...]:
    """Return, for each class of a model, what it is called here; None where it is not told.

    A label that is a name here already needs no entry in `names` (capitals and spaces do not matter); every
    other one must be in `names`, if only as `ignore`: a misspelt name would be an alert that never comes.
    Raises SettingError naming what is wrong.
    """
    strangers = sorted(set(names) - set(labels))
    if strangers:
        raise SettingError("model.names", f"the model has no label {', '.join(strangers)}")
    wrong = sorted(set(names.values()) - NAMES - {NOT_TOLD})
    if wrong:
        raise SettingError(
            "model.names", f"{', '.join(wrong)}: known names are {', '.join(sorted(NAMES))}, {NOT_TOLD}"
        )
    called = [names.get(label, label.strip().casefold().replace(" ", "_")) for label in labels]
    unnamed = [
        label for label, name in zip(labels, called, strict=True) if name not in NAMES and name != NOT_TOLD
    ]
    if unnamed:
        raise SettingError(
            "model.labels", f"{', '.join(unnamed)}: say in model.names what it is called here, or {NOT_TOLD}"
        )
    if not any(name in NAMES for name in called):
        raise SettingError("model.labels", "no class of the model would be told")
    return tuple(name if name in NAMES else None for name in called)
