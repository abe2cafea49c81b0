"""The wire of organisation, outbound: people, grids, rosters, resources, advice and plans."""

from __future__ import annotations

from typing import Any

from console.rule_wire import RuleFault
from console.schemas import Instant, Wire


class GridPlace(Wire):
    """A place that belonged to a grid for a time."""

    place: str
    name_zh: str
    name_en: str
    kind: str
    since: Instant
    until: Instant | None


class GridPerson(Wire):
    """Somebody responsible for a grid."""

    id: str
    name: str
    roles: list[str]


class Grid(Wire):
    """A grid: beside the place tree, part of one community."""

    code: str
    kind: str
    community: str
    community_zh: str
    community_en: str
    name_zh: str
    name_en: str
    households: int | None
    alt_codes: dict[str, str]
    version: int
    places: list[GridPlace]
    people: list[GridPerson]


class Grids(Wire):
    """Every grid the caller sees."""

    items: list[Grid]


class PlaceCount(Wire):
    """What belongs to a place and all below it."""

    people: int
    resources: int
    devices: int


class Neighbour(Wire):
    """A region next door whose people may be sent here."""

    code: str
    name_zh: str
    name_en: str
    people: int


class Word(Wire):
    """A code and its names."""

    code: str
    name_zh: str
    name_en: str


class Organisation(Wire):
    """What stands beside the place tree; `counts` and `divisions` are by place code."""

    counts: dict[str, PlaceCount]
    divisions: dict[str, str]
    neighbours: list[Neighbour]
    roles: list[Word]
    skills: list[Word]
    resource_kinds: list[Word]


class Person(Wire):
    """Somebody who can be called or sent; the number itself needs a reason."""

    id: str
    name: str
    roles: list[str]
    skills: list[str]
    org: str | None
    place: str
    place_zh: str
    place_en: str
    neighbour: bool
    grid: str | None
    cares_for: str | None
    user_name: str | None
    active: bool
    phone_masked: str | None
    state: str
    state_since: Instant | None
    incident_id: int | None
    check_in_at: Instant | None
    overdue_at: Instant | None
    version: int
    standing: str
    state_late: bool


class ResponderMove(Wire):
    """One change of what a person was doing."""

    at: Instant
    from_state: str | None
    to_state: str
    incident_id: int | None
    actor: str
    reason: str


class PersonDetail(Person):
    """A person with what they did last."""

    log: list[ResponderMove]


class PeopleImported(Wire):
    """How many people an import added."""

    added: int


class Shift(Wire):
    """One person on one post for a time, and the hand-over at its end."""

    id: int
    post: str
    person: str
    name: str
    starts: Instant
    ends: Instant
    kind: str
    note: str | None
    handed_at: Instant | None
    handed_by: str | None
    taken_at: Instant | None
    taken_by: str | None


class Gap(Wire):
    """A stretch in which a post has too few people."""

    post: str
    starts: Instant
    ends: Instant
    held: int
    minimum: int


class Post(Wire):
    """A post that so many people must hold between two local times (equal: always)."""

    code: str
    name_zh: str
    name_en: str
    role: str
    place: str
    minimum: int
    version: int
    opens: str
    closes: str


class PostWeek(Post):
    """A post with its shifts and gaps."""

    shifts: list[Shift]
    gaps: list[Gap]


class Leave(Wire):
    """Somebody is away."""

    id: int
    person: str
    name: str
    starts: Instant
    ends: Instant
    kind: str
    stand_in: str | None


class Clash(Wire):
    """Somebody is planned twice at a time, or although away."""

    person: str
    starts: Instant
    ends: Instant
    why: str


class Roster(Wire):
    """The roster between two moments."""

    start: Instant
    end: Instant
    posts: list[PostWeek]
    leaves: list[Leave]
    clashes: list[Clash]


class Number(Wire):
    """The number of what was made."""

    id: int


class HandOver(Wire):
    """A shift and its hand-over."""

    id: int
    post: str
    person: str
    note: str | None
    handed_at: Instant | None
    handed_by: str | None
    taken_at: Instant | None
    taken_by: str | None
    cancelled_at: Instant | None


class OnDuty(Wire):
    """Somebody on duty, and why we say so."""

    person: str
    post: str
    standing: str
    until: Instant
    stands_in_for: str | None


class DutyAnswer(Wire):
    """Who is on duty for a role at a place."""

    items: list[OnDuty]


class Position(Wire):
    """Where something is, who says so and how old that is."""

    place: str
    source: str
    x: float | None
    y: float | None
    lat: float | None
    lon: float | None
    at: Instant
    age_s: float
    stale: bool


class Resource(Wire):
    """A thing that helps."""

    id: str
    kind: str
    name_zh: str
    name_en: str
    place: str
    place_zh: str
    place_en: str
    quantity: int
    state: str
    version: int
    keeper: str | None
    checked_at: Instant | None
    unchecked: bool
    expires_on: str | None
    expired: bool
    position: Position | None


class Resources(Wire):
    """Resources the caller sees."""

    items: list[Resource]


class NearResource(Resource):
    """A resource with its distance; `basis` says how that is known."""

    distance_m: float
    basis: str
    own: bool
    usable: bool


class NearResources(Wire):
    """Resources, nearest first, those that cannot be used last."""

    items: list[NearResource]


class Reason(Wire):
    """One reason with its number and the seconds it adds."""

    why: str
    value: float | str | None
    adds_s: float


class Recommended(Wire):
    """Somebody to send, or not; `eta_s` is the sum of the reasons."""

    person: str
    name: str
    roles: list[str]
    org: str | None
    place: str
    place_zh: str
    place_en: str
    neighbour: bool
    own: bool
    reachable: bool
    fit: bool
    eta_s: float
    distance_m: float | None
    standing: str
    state: str
    state_late: bool
    orders: int
    position: Position | None
    reasons: list[Reason]


class Advice(Wire):
    """The best for one role, and what is missing."""

    role: str
    wanted: int
    found: int
    short: int
    missing_skills: list[str]
    picks: list[Recommended]
    others: list[Recommended]


class Advised(Wire):
    """Who and what to send to a place."""

    grid: str | None
    people: list[Advice]
    resources: list[NearResource]


class PlanStep(Wire):
    """A step of a plan: what is `do`, and when it is due."""

    n: int
    stage: int
    when: str
    after_s: float
    order: str
    until: str | None
    do: str
    role: str | None
    people: int
    skills: list[str]
    to: str | None
    by: str | None
    text: dict[str, str] | None
    profile: str | None
    name: str | None
    args: dict[str, Any]
    within: str | None
    most: int | None


class RunStep(PlanStep):
    """A step that was, will be or need not be done."""

    state: str
    at: Instant | None
    outcome: dict[str, Any]


class Plan(Wire):
    """A dispatch plan; version 0 is the shipped one."""

    id: str
    version: int
    name_zh: str
    name_en: str
    codes: list[str]
    place: str | None
    steps: list[PlanStep]
    source: str


class Plans(Wire):
    """Every plan in force."""

    items: list[Plan]


class PlanVersion(Wire):
    """One version that was written."""

    version: int
    state: str
    author: str
    reason: str
    created_at: Instant
    source: str


class PlanDetail(Plan):
    """A plan with what it forgets of the catalogue, and its versions."""

    warnings: list[str]
    versions: list[PlanVersion]


class PlanCheck(Wire):
    """What a plan says, or where it is wrong."""

    errors: list[RuleFault]
    warnings: list[str]
    plan: Plan | None
    version: int | None = None


class PlanBack(Wire):
    """The version in force after a step back; 0 is the shipped one."""

    id: str
    version: int


class PlanChoice(Wire):
    """The plan that applies, and why it won."""

    plan: Plan
    code: str
    place: str | None
    beaten: list[str]


class PlanRun(Wire):
    """A plan on a case."""

    id: int
    plan: str
    version: int
    name_zh: str
    name_en: str
    choice: dict[str, Any]
    drill: bool
    state: str
    started_at: Instant
    started_by: str
    finished_at: Instant | None
    steps: list[RunStep]


class CasePlan(Wire):
    """The plan for a case and its runs, newest first."""

    choice: PlanChoice | None
    runs: list[PlanRun]
    incident_id: int | None = None
