"""Who may take which step, and what must come with it: one table beside that of the states.

Everything is data: the page builds its forms from `needs`, the HTTP answer says why a step is not
this caller's, and the documentation prints the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from rules.incident import Action, State, legal


class Who(StrEnum):
    """Whose step it is."""

    CENTRE = "centre"  # an operator of the centre
    ASSIGNEE = "assignee"  # whoever signed for the order; the centre may write it down for them
    CHECKER = "checker"  # the centre, and not whoever did the work
    APPROVER = "approver"  # the centre, and not whoever asked
    LEADER = "leader"  # a shift leader
    GRADER = "grader"  # a person with the permission to grade by law
    ANYBODY = "anybody"  # everybody who works on the case


class Need(StrEnum):
    """What must come with a step."""

    REASON = "reason"
    RESULT = "result"  # what was done, in words
    WHERE = "where"  # a position, a place of the tree, or a photo
    OUTCOME = "outcome"
    CAUSE = "cause"
    OTHER = "other"  # the case that goes on
    ORG = "org"
    HOURS = "hours"  # how much more time
    GRADE = "grade"


class Wish(StrEnum):
    """What one person asks for and another one grants."""

    EXTENSION = "extension"
    SUSPENSION = "suspension"


class Why(StrEnum):
    """Why a step that the table allows is not this person's now."""

    CENTRE = "needs_centre"
    NOT_YOURS = "not_yours"
    OWN_WORK = "own_work"
    OWN_WISH = "own_wish"
    NO_WISH = "no_wish"
    WISH_WAITS = "wish_waits"
    LEADER = "needs_leader"
    GRADER = "needs_grader"
    PERSON = "needs_person"
    BELOW = "centre_below"


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """What one action asks for."""

    who: Who
    needs: tuple[Need, ...] = ()
    asks: Wish | None = None  # leaves this wish behind
    settles: Wish | None = None  # needs somebody else's wish, and ends it
    person: bool = False  # never the platform itself


GUARDS: Mapping[Action, Guard] = MappingProxyType(
    {
        Action.ACCEPT: Guard(who=Who.CENTRE),
        Action.REJECT: Guard(who=Who.CENTRE, needs=(Need.REASON,), person=True),
        Action.ASSESS: Guard(who=Who.CENTRE),
        Action.DISPATCH: Guard(who=Who.CENTRE, needs=(Need.ORG,)),
        Action.ACKNOWLEDGE: Guard(who=Who.ASSIGNEE, person=True),
        Action.RETURN: Guard(who=Who.ASSIGNEE, needs=(Need.REASON,), person=True),
        Action.ARRIVE: Guard(who=Who.ASSIGNEE, needs=(Need.WHERE,), person=True),
        Action.HANDLE: Guard(who=Who.ASSIGNEE, person=True),
        Action.SUSPEND: Guard(who=Who.APPROVER, settles=Wish.SUSPENSION, person=True),
        Action.RESUME: Guard(who=Who.ASSIGNEE),
        Action.ASK_EXTENSION: Guard(
            who=Who.ASSIGNEE, needs=(Need.REASON, Need.HOURS), asks=Wish.EXTENSION, person=True
        ),
        Action.GRANT_EXTENSION: Guard(who=Who.APPROVER, settles=Wish.EXTENSION, person=True),
        Action.REFUSE_EXTENSION: Guard(
            who=Who.APPROVER, needs=(Need.REASON,), settles=Wish.EXTENSION, person=True
        ),
        Action.ASK_SUSPENSION: Guard(
            who=Who.ASSIGNEE, needs=(Need.REASON,), asks=Wish.SUSPENSION, person=True
        ),
        Action.REFUSE_SUSPENSION: Guard(
            who=Who.APPROVER, needs=(Need.REASON,), settles=Wish.SUSPENSION, person=True
        ),
        Action.REPORT_BACK: Guard(who=Who.ASSIGNEE, needs=(Need.RESULT,), person=True),
        Action.VERIFY: Guard(who=Who.CHECKER, person=True),
        Action.REOPEN: Guard(who=Who.CHECKER, needs=(Need.REASON, Need.ORG), person=True),
        Action.CLOSE: Guard(who=Who.CENTRE, needs=(Need.OUTCOME, Need.CAUSE), person=True),
        Action.RATE: Guard(who=Who.CENTRE, person=True),
        Action.REASSIGN: Guard(who=Who.CENTRE, needs=(Need.REASON, Need.ORG)),
        Action.MERGE: Guard(who=Who.CENTRE, needs=(Need.REASON, Need.OTHER), person=True),
        Action.NOTE: Guard(who=Who.ANYBODY, needs=(Need.RESULT,)),
        Action.GRADE: Guard(who=Who.GRADER, needs=(Need.GRADE, Need.REASON), person=True),
        Action.URGE: Guard(who=Who.CENTRE),
        Action.SUPERVISE: Guard(who=Who.LEADER, needs=(Need.REASON,)),
        Action.ESCALATE: Guard(who=Who.CENTRE, needs=(Need.REASON,)),
        Action.WHISTLE: Guard(who=Who.CENTRE, needs=(Need.REASON, Need.ORG), person=True),
        Action.TRANSFER_UP: Guard(who=Who.CENTRE, needs=(Need.REASON,)),
    }
)

RETURNS_TO_LEADER: Final = 2
"""An order that came back so often is the shift leader's to decide."""

AFTER_RETURNS: Final = frozenset({Action.ASSESS, Action.DISPATCH})

OF_MIRRORED: Final = frozenset({Action.URGE, Action.SUPERVISE})
"""All that can be done here to a case of the centre below (docs/adr/022-cascade.md)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """What the guards must know of whoever acts."""

    name: str
    centre: bool = False
    leader: bool = False
    grader: bool = False
    platform: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What the guards must know of the case."""

    state: State
    assignee: str | None = None
    workers: frozenset[str] = frozenset()  # who signed for it or reported it done
    wish: Wish | None = None
    asked_by: str | None = None
    returns: int = 0
    mirrored: bool = False  # the copy of a case that a centre below moves


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """One step that the table allows: what it needs, and why it is not this caller's, where it is not."""

    action: Action
    needs: tuple[Need, ...]
    why: Why | None


_OBJECTIONS: Final[tuple[tuple[frozenset[Who], Callable[[Actor, Standing], bool], Why], ...]] = (
    (frozenset({Who.CENTRE, Who.CHECKER, Who.APPROVER}), lambda actor, _: not actor.centre, Why.CENTRE),
    (
        frozenset({Who.ASSIGNEE}),
        lambda actor, case: not actor.centre and case.assignee not in (None, actor.name),
        Why.NOT_YOURS,
    ),
    (frozenset({Who.LEADER}), lambda actor, _: not actor.leader, Why.LEADER),
    (frozenset({Who.GRADER}), lambda actor, _: not actor.grader, Why.GRADER),
    (frozenset({Who.CHECKER}), lambda actor, case: actor.name in case.workers, Why.OWN_WORK),
    (
        frozenset({Who.APPROVER}),
        lambda actor, case: case.wish is not None and actor.name == case.asked_by,
        Why.OWN_WISH,
    ),
)


def objection(action: Action, actor: Actor, case: Standing) -> Why | None:
    """Say why this actor may not take a step that the state allows; None: nothing against it."""
    if case.mirrored and action not in OF_MIRRORED:
        return Why.BELOW
    return _objection(GUARDS[action], action, actor, case)


def _objection(guard: Guard, action: Action, actor: Actor, case: Standing) -> Why | None:
    if guard.person and actor.platform:
        return Why.PERSON
    for whom, holds, why in _OBJECTIONS:
        if guard.who in whom and holds(actor, case):
            return why
    if guard.settles is not None and case.wish is not guard.settles:
        return Why.NO_WISH
    if guard.asks is not None and case.wish is not None:
        return Why.WISH_WAITS
    back = case.state is State.RETURNED and case.returns >= RETURNS_TO_LEADER
    if back and action in AFTER_RETURNS and not actor.leader:
        return Why.LEADER
    return None


def moves(actor: Actor, case: Standing) -> tuple[Move, ...]:
    """List what the state allows, with what speaks against each step."""
    return tuple(
        Move(action=action, needs=GUARDS[action].needs, why=objection(action, actor, case))
        for action in legal(case.state)
    )


WHO_NAMES: Mapping[Who, tuple[str, str]] = MappingProxyType(
    {
        Who.CENTRE: ("综治中心", "the centre"),
        Who.ASSIGNEE: ("签收人（中心可代记）", "whoever signed for it (the centre may write it down)"),
        Who.CHECKER: ("综治中心，且非承办人", "the centre, and not whoever did the work"),
        Who.APPROVER: ("综治中心，且非申请人", "the centre, and not whoever asked"),
        Who.LEADER: ("值班长", "a shift leader"),
        Who.GRADER: ("有法定分级权限的人员", "a person with the permission to grade by law"),
        Who.ANYBODY: ("参与办理的任何人", "everybody who works on the case"),
    }
)
"""What the page shows: Chinese, English."""

NEED_NAMES: Mapping[Need, tuple[str, str]] = MappingProxyType(
    {
        Need.REASON: ("原因", "a reason"),
        Need.RESULT: ("内容", "the result in words"),
        Need.WHERE: ("位置或照片", "a position or a photo"),
        Need.OUTCOME: ("警情性质", "an outcome"),
        Need.CAUSE: ("成因", "a cause"),
        Need.OTHER: ("并入的案件", "the other case"),
        Need.ORG: ("承办单位", "an organisation"),
        Need.HOURS: ("延长的小时数", "how many hours more"),
        Need.GRADE: ("法定等级", "a legal grade"),
    }
)
"""What the page shows: Chinese, English."""

WHY_NAMES: Mapping[Why, tuple[str, str]] = MappingProxyType(
    {
        Why.CENTRE: ("须由综治中心办理", "this is the centre's to do"),
        Why.NOT_YOURS: ("由他人签收，须由签收人办理", "somebody else has signed for it"),
        Why.OWN_WORK: ("承办人不得核查自己的工作", "nobody checks work of their own"),
        Why.OWN_WISH: ("不得批准自己的申请", "nobody grants a wish of their own"),
        Why.NO_WISH: ("没有待批的申请", "nobody has asked for it"),
        Why.WISH_WAITS: ("已有申请待批", "another wish waits for its answer"),
        Why.LEADER: ("须由值班长决定", "this is a shift leader's to decide"),
        Why.GRADER: ("没有法定分级权限", "this needs the permission to grade by law"),
        Why.PERSON: ("须由人员办理", "this is never the platform's to do"),
        Why.BELOW: (
            "由下级中心办理，可催办、督办或退回",
            "the centre below moves this case: urge, supervise or send it back",
        ),
    }
)
"""What the page shows: Chinese, English."""
