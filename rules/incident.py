"""The life of an incident: one table says which action leads where (domain.md section c).

`advance` knows the order of the steps, not the people: who may act, and what must be
attached (a reason, a photo, a position), is the guards' to say (rules/incident_guards.py). Actions
that leave the state alone (urging, supervising) are in the table as well, so that the table is total.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from devices.errors import IllegalMove


class State(StrEnum):
    """Where an incident stands."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ASSESSED = "assessed"
    MERGED = "merged"
    DISPATCHED = "dispatched"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned"
    ON_SCENE = "on_scene"
    HANDLING = "handling"
    SUSPENDED = "suspended"
    REPORTED_BACK = "reported_back"
    VERIFIED = "verified"
    CLOSED = "closed"
    RATED = "rated"


class Action(StrEnum):
    """What can be done to an incident."""

    ACCEPT = "accept"
    REJECT = "reject"
    ASSESS = "assess"
    DISPATCH = "dispatch"
    ACKNOWLEDGE = "acknowledge"
    RETURN = "return_order"
    ARRIVE = "arrive"
    HANDLE = "handle"
    SUSPEND = "suspend"
    RESUME = "resume"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    ASK_SUSPENSION = "ask_suspension"
    REFUSE_SUSPENSION = "refuse_suspension"
    REPORT_BACK = "report_back"
    VERIFY = "verify"
    REOPEN = "reopen"
    CLOSE = "close"
    RATE = "rate"
    REASSIGN = "reassign"
    MERGE = "merge"
    NOTE = "note"
    GRADE = "grade"
    URGE = "urge"
    SUPERVISE = "supervise"
    ESCALATE = "escalate"
    WHISTLE = "whistle"
    TRANSFER_UP = "transfer_up"


FIRST = State.REPORTED
OVER = frozenset({State.REJECTED, State.MERGED, State.CLOSED, State.RATED})
OPEN = frozenset(State) - OVER
SIDE = (
    Action.URGE,
    Action.SUPERVISE,
    Action.ESCALATE,
    Action.WHISTLE,
    Action.TRANSFER_UP,
    Action.NOTE,
    Action.GRADE,
)
"""Possible in every open state; they change no state."""

SENT = (State.DISPATCHED, State.ACKNOWLEDGED, State.ON_SCENE, State.HANDLING)
"""Somebody has the order: it can be given to somebody else."""

MOVES: tuple[tuple[State, Action, State], ...] = (
    (State.REPORTED, Action.ACCEPT, State.ACCEPTED),
    (State.ACCEPTED, Action.ASSESS, State.ASSESSED),
    (State.ACCEPTED, Action.REJECT, State.REJECTED),
    (State.ASSESSED, Action.DISPATCH, State.DISPATCHED),
    (State.DISPATCHED, Action.ACKNOWLEDGE, State.ACKNOWLEDGED),
    (State.DISPATCHED, Action.RETURN, State.RETURNED),
    (State.ACKNOWLEDGED, Action.ARRIVE, State.ON_SCENE),
    (State.ACKNOWLEDGED, Action.HANDLE, State.HANDLING),  # what needs nobody on the spot
    (State.ACKNOWLEDGED, Action.RETURN, State.RETURNED),
    (State.RETURNED, Action.ASSESS, State.ASSESSED),
    (State.RETURNED, Action.DISPATCH, State.DISPATCHED),
    (State.ON_SCENE, Action.HANDLE, State.HANDLING),
    (State.HANDLING, Action.ASK_EXTENSION, State.HANDLING),
    (State.HANDLING, Action.GRANT_EXTENSION, State.HANDLING),
    (State.HANDLING, Action.REFUSE_EXTENSION, State.HANDLING),
    (State.HANDLING, Action.ASK_SUSPENSION, State.HANDLING),
    (State.HANDLING, Action.REFUSE_SUSPENSION, State.HANDLING),
    (State.HANDLING, Action.SUSPEND, State.SUSPENDED),
    (State.HANDLING, Action.REPORT_BACK, State.REPORTED_BACK),
    (State.SUSPENDED, Action.RESUME, State.HANDLING),
    (State.REPORTED_BACK, Action.VERIFY, State.VERIFIED),
    (State.REPORTED_BACK, Action.REOPEN, State.DISPATCHED),  # verification failed
    (State.VERIFIED, Action.CLOSE, State.CLOSED),
    (State.CLOSED, Action.RATE, State.RATED),
)

TRANSITIONS: Mapping[tuple[State, Action], State] = MappingProxyType(
    {
        **{(state, action): to for state, action, to in MOVES},
        **{(state, action): state for state in State if state in OPEN for action in SIDE},
        **{(state, Action.MERGE): State.MERGED for state in State if state in OPEN},
        **{(state, Action.REASSIGN): State.DISPATCHED for state in SENT},
    }
)

STATE_NAMES: Mapping[State, tuple[str, str]] = MappingProxyType(
    {
        State.REPORTED: ("上报", "Reported"),
        State.ACCEPTED: ("受理", "Accepted"),
        State.REJECTED: ("不受理", "Rejected"),
        State.ASSESSED: ("研判", "Assessed"),
        State.MERGED: ("已并案", "Merged"),
        State.DISPATCHED: ("派单", "Dispatched"),
        State.ACKNOWLEDGED: ("签收", "Acknowledged"),
        State.RETURNED: ("退单", "Returned"),
        State.ON_SCENE: ("到场", "On scene"),
        State.HANDLING: ("处置", "Handling"),
        State.SUSPENDED: ("挂起", "Suspended"),
        State.REPORTED_BACK: ("反馈", "Reported back"),
        State.VERIFIED: ("核查回访", "Verified"),
        State.CLOSED: ("结案", "Closed"),
        State.RATED: ("已评价", "Rated"),
    }
)
"""What the page shows for a state: Chinese, English."""

ACTION_NAMES: Mapping[Action, tuple[str, str]] = MappingProxyType(
    {
        Action.ACCEPT: ("受理", "Accept"),
        Action.REJECT: ("不予受理", "Reject"),
        Action.ASSESS: ("研判", "Assess"),
        Action.DISPATCH: ("派单", "Dispatch"),
        Action.ACKNOWLEDGE: ("签收", "Acknowledge"),
        Action.RETURN: ("退单", "Return the order"),
        Action.ARRIVE: ("到场", "Arrive"),
        Action.HANDLE: ("开始处置", "Start handling"),
        Action.SUSPEND: ("同意挂起", "Suspend"),
        Action.RESUME: ("恢复处置", "Resume"),
        Action.ASK_EXTENSION: ("申请延期", "Ask for more time"),
        Action.GRANT_EXTENSION: ("同意延期", "Grant more time"),
        Action.REFUSE_EXTENSION: ("不同意延期", "Refuse more time"),
        Action.ASK_SUSPENSION: ("申请挂起", "Ask to suspend"),
        Action.REFUSE_SUSPENSION: ("不同意挂起", "Refuse to suspend"),
        Action.REPORT_BACK: ("反馈", "Report back"),
        Action.VERIFY: ("核查通过", "Verify"),
        Action.REOPEN: ("核查不通过，重新派单", "Reopen"),
        Action.CLOSE: ("结案", "Close"),
        Action.RATE: ("评价", "Rate"),
        Action.REASSIGN: ("转派", "Reassign"),
        Action.MERGE: ("并案", "Merge"),
        Action.NOTE: ("记录", "Write a note"),
        Action.GRADE: ("法定分级", "Legal grade"),
        Action.URGE: ("催办", "Urge"),
        Action.SUPERVISE: ("督办", "Supervise"),
        Action.ESCALATE: ("升级", "Escalate"),
        Action.WHISTLE: ("吹哨", "Whistle"),
        Action.TRANSFER_UP: ("上报上级", "Transfer up"),
    }
)
"""What the page shows for an action: Chinese, English."""


def advance(state: State, action: Action, subject: str = "the incident") -> State:
    """Take an action; raises IllegalMove, naming `subject`, where the table does not know it."""
    to = TRANSITIONS.get((state, action))
    if to is None:
        raise IllegalMove(subject, state, action, legal(state))
    return to


def legal(state: State) -> tuple[Action, ...]:
    """What can be done now, in the order of the actions' list."""
    return tuple(action for action in Action if (state, action) in TRANSITIONS)


def case_code(county6: str, day: date, source2: str, seq: int) -> str:
    """Write a case code (一案一码): county, day, source of the report, number of the day."""
    if not (len(county6) == 6 and county6.isascii() and county6.isdigit()):  # noqa: PLR2004 - GB/T 2260
        raise ValueError(f"a county code has six digits, not {county6!r}")
    if source2 not in SOURCES:
        raise ValueError(f"unknown source {source2!r}; known: {', '.join(SOURCES)}")
    if not 1 <= seq <= 999_999:  # noqa: PLR2004 - six digits
        raise ValueError(f"the number of the day runs from 1 to 999999, not {seq}")
    return f"{county6}{day:%Y%m%d}{source2}{seq:06d}"


SOURCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "01": ("物联网", "IoT"),
        "02": ("网格员", "Grid worker"),
        "03": ("12345 热线", "Hotline 12345"),
        "04": ("居民端", "Resident app"),
        "05": ("警情转入", "Police transfer"),
        "06": ("视频分析", "Camera analytics"),
        "07": ("巡查", "Patrol"),
        "08": ("来访", "Walk-in"),
        "09": ("来电", "Phone call"),
        "99": ("其他", "Other"),
    }
)
"""Where a report came from (domain.md section b; 08 and 09 are ours): Chinese, English."""
