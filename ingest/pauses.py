"""Shorter pauses of the garbage collector, for processes that run for months and must answer in time.

A full collection walks every object there is: modules, rules, registry, memory of every device. With the
defaults it came several times a minute under load and took 85 to 100 ms of processor time, in which no alarm
went on. What stands when the process has started will not become garbage in a cycle, so it is left out
of all later collections; the others come less often. Not switched off: psycopg's COPY leaves cycles.
"""

from __future__ import annotations

import gc
from typing import Final

THRESHOLDS: Final = (10_000, 20, 50)  # objects more, then collections of the younger generation


def settle() -> None:
    """Leave out of the collector's walks whatever stands now; to be called once, when the process is up."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
