"""The wire of the operator's desk: holds, views of the queue, what was before and who looks on."""

from __future__ import annotations

from typing import Annotated, Generic, Literal

from pydantic import Field

from console.schemas import Alert, Instant, Row, Wire
from console.wishes import Code, Wish
from rules.alert import AlertState

Severity = Annotated[str, Field(pattern="^[1-4]?$")]


class All(Wire, Generic[Row]):
    """All there is, in one answer."""

    items: list[Row]


class LastMove(Wire):
    """The last thing that somebody did with an alert."""

    actor: str
    action: str
    at: Instant


class AcknowledgedRow(Wire):
    """What became of one of several; `alert` is how it is now, where it was acknowledged."""

    id: int
    result: Literal["done", "gone", "beaten", "grave"]  # gone: not yours to see; grave: severity 1, not meant
    alert: Alert | None = None
    last: LastMove | None = None  # who was faster


class Acknowledged(Wire):
    """What became of each."""

    items: list[AcknowledgedRow]


class AlertHold(Wire):
    """Somebody has an alert open; it is over at `until` unless it is renewed."""

    alert: int
    incident: int | None
    who: str
    name: str
    since: Instant
    until: Instant
    place: str


class QueueFilter(Wish):
    """What the page's address says of the queue."""

    severity: Severity = ""
    estate: Code | Literal[""] = ""
    code: Annotated[str, Field(max_length=64)] = ""
    state: Literal["active", "suppressed", "ended", "all"] = "active"
    q: Annotated[str, Field(max_length=100)] = ""


class QueueViewWish(Wish):
    """A filter to keep."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    filter: QueueFilter
    shared: bool = False


class QueueView(Wire):
    """A filter under a name."""

    id: int
    name: str
    filter: QueueFilter
    shared: bool
    by: str
    mine: bool


class PastAlert(Wire):
    """An alert of before, and what people found it was."""

    id: int
    code: str
    severity: int
    state: AlertState
    place: str
    device: str | None
    raised_at: Instant
    ended_at: Instant | None
    outcome: str | None
    cause: str | None
    drill: bool


class AlertHistory(Wire):
    """What the same device said before, and what else was raised at the same place, newest first."""

    days: int
    device: list[PastAlert]
    place: list[PastAlert]


class Resident(Wire):
    """Somebody who is looked after near an alert, by the entrance they live at; who it is needs a reason.

    `here`: within the very place that the alert names, where that is narrower than the building.
    """

    near: str
    near_zh: str
    near_en: str
    here: bool


class NearCamera(Wire):
    """A camera near an alert; `snapshot` names its newest picture of the last day."""

    device: str
    name_zh: str
    name_en: str
    place: str
    online: bool | None
    metres: float | None
    snapshot: str | None
    at: Instant | None
