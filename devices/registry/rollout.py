"""A staged roll-out: one pure decision per look at it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

SETTLED = frozenset({"applied", "failed", "skipped"})


class Step(StrEnum):
    """What a roll-out does next."""

    WAIT = "wait"
    NEXT = "next"
    STOP = "stop"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Decision:
    """The step, and why."""

    step: Step
    reason: str = ""


def share_out(devices: Sequence[str], stages: Sequence[int]) -> dict[str, int]:
    """The stage of each device: every stage has at least one while there are any left."""
    plan: dict[str, int] = {}
    done = 0
    for number, per_cent in enumerate(stages):
        upto = len(devices) if per_cent >= 100 else max(done + 1, math.ceil(len(devices) * per_cent / 100))  # noqa: PLR2004 - all of them
        for device in devices[done:upto]:
            plan[device] = number
        done = max(done, min(upto, len(devices)))
    return plan


def decide(
    stage: int,
    last_stage: int,
    statuses: Mapping[str, tuple[int, str]],
    *,
    max_failed: int,
    waited_s: float,
    wait_s: float,
) -> Decision:
    """What follows from the devices' answers: `statuses` is (stage, status) by device."""
    failed = Counter(status for _, status in statuses.values())["failed"]
    if failed > max_failed:
        return Decision(Step.STOP, f"{failed} devices failed, {max_failed} were allowed")
    here = [status for number, status in statuses.values() if number <= stage]
    if all(status in SETTLED for status in here):
        return Decision(Step.DONE if stage >= last_stage else Step.NEXT)
    if waited_s > wait_s:
        silent = sum(status not in SETTLED for status in here)
        return Decision(Step.STOP, f"{silent} devices have not answered within {wait_s:g} s")
    return Decision(Step.WAIT)
