"""The drill: virtual days full of scenarios and faults, planned ahead, then played.

Devices' `offline_after` is lengthened for gates and cameras (3 h), so that 30 virtual hours
hold a few thousand heartbeats instead of two hundred thousand; the plan's community carries
these overrides, and the platform must be given that community.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from simulators.community import Community, build, patient
from simulators.dialects import Mixed, mix
from simulators.faults import FaultKind, Ground, apply_faults, parse_faults
from simulators.link import Broker
from simulators.publish import OnPublish, Streams, play, put_retained
from simulators.scenario import Scenario, Scene, choose, load, quieten, stage
from simulators.timeline import CHINA, Expected, Ledger, Sending, in_steps, seeded
from simulators.traffic import background
from simulators.trouble import retained_alarm

STEP = timedelta(seconds=30)  # virtual time between markers
SILENCE = timedelta(hours=3)  # gates and cameras may be silent for so long in a drill
FIRST = timedelta(hours=6)
DAY = timedelta(days=1)
TAIL = timedelta(hours=2, minutes=30)  # no scene starts later than this before the end
APART = timedelta(minutes=35)  # between scenes of one estate
ESTATES_PER_KIND = 5
SECONDS_PER_DAY = 300  # real seconds that make it worth another virtual day
MOST_DAYS = 10
DETAIL = 0.55
BURNS = "FIRE-009"


@dataclass(frozen=True, kw_only=True, slots=True)
class DrillPlan:
    """Everything that will happen, and everything that must come of it.

    `retained` goes on the broker before the platform subscribes (`prepare_broker`).
    `speed` is virtual seconds per real second.
    """

    seed: int
    community: Community
    timeline: tuple[Sending, ...]
    retained: tuple[Sending, ...]
    expected: tuple[Expected, ...]
    scenes: tuple[Scene, ...]
    faults: frozenset[FaultKind]
    start: datetime
    end: datetime
    speed: float
    step: timedelta = STEP


def plan_drill(
    seed: int,
    estates: int,
    duration_s: float,
    faults: str | frozenset[FaultKind],
    start: datetime,
    *,
    dialects: tuple[str, ...] = (),
    days: int | None = None,
) -> DrillPlan:
    """Plan about `duration_s` real seconds from virtual time `start`; most that could speak `dialects` do.

    `days` is how many virtual days they hold; unless told, more the longer it lasts.
    """
    kinds = parse_faults(faults) if isinstance(faults, str) else faults
    days = days or max(1, min(MOST_DAYS, int(duration_s) // SECONDS_PER_DAY))
    end = start + span(days)
    community = patient(build(seed, estates, now=start), gate=SILENCE, camera=SILENCE)
    rng = seeded(seed, "drill")
    scenes = _scenes(community, start, end, days, rng)
    quiet = quieten(background(community, start, end, detail=DETAIL, greet=True), scenes)
    ground = _ground(community, scenes, start, end)
    told = [s for scene in scenes for s in scene.sendings if s.when < end]
    replays = FaultKind.REPLAY in kinds
    kept = retained_alarm(community, start, ground.busy, rng) if replays else None
    retained = (kept,) if kept is not None else ()
    if retained:
        ground = replace(ground, busy=ground.busy | {s.device for s in retained})
    faulty = tuple(apply_faults([*quiet, *told], kinds, ground, seed))
    expected = tuple(_once(e for scene in scenes for e in scene.expected))
    plan = Mixed(community=community, timeline=faulty, expected=expected)
    mixed = _speak(plan, dialects, retained, kinds, seed) if dialects else plan
    return DrillPlan(
        seed=seed,
        community=mixed.community,
        timeline=mixed.timeline,
        retained=retained,
        expected=mixed.expected,
        scenes=tuple(scenes),
        faults=kinds,
        start=start,
        end=end,
        speed=(end - start).total_seconds() / duration_s,
    )


def span(days: int) -> timedelta:
    """How much virtual time a plan of so many days fills."""
    return FIRST + days * DAY


def _once(expected: Iterable[Expected]) -> Iterable[Expected]:
    """A building that burns twice while nobody closes the alert is one alert."""
    known: set[tuple[str, str]] = set()
    for e in sorted(expected, key=lambda e: e.due):
        if e.code == BURNS and (e.code, e.subject) in known:
            continue
        known.add((e.code, e.subject))
        yield e


def _speak(
    plan: Mixed,
    dialects: tuple[str, ...],
    retained: tuple[Sending, ...],
    kinds: frozenset[FaultKind],
    seed: int,
) -> Mixed:
    """Let devices speak dialects; what is left on the broker beforehand was said natively."""
    native = frozenset(s.device for s in retained)
    return mix(plan, dialects, native=native, malformed=FaultKind.MALFORMED in kinds, seed=seed)


async def prepare_broker(plan: DrillPlan, broker: Broker) -> None:
    """Leave the plan's retained alarm on the broker; call it before ingest subscribes."""
    await put_retained(broker, plan.retained)


async def play_drill(
    plan: DrillPlan,
    host: str,
    port: int,
    credentials: Mapping[str, str],
    gateway: tuple[str, str],
    *,
    rate: float = 0.0,
    on_publish: OnPublish | None = None,
    hold: Callable[[datetime], Awaitable[None]] | None = None,
    retained: bool = True,
    streams: Streams | None = None,
    ledger: Ledger | None = None,
) -> Ledger:
    """Play a plan; `retained` says that `prepare_broker` was called, so that it is counted."""
    ledger = ledger or Ledger(expected_alerts=plan.expected)
    for sending in plan.retained if retained else ():
        ledger.record(sending, 0.0, 0.0)
    return await play(
        plan.community,
        Broker(host=host, port=port, credentials=credentials, gateway=gateway),
        plan.timeline,
        start=plan.start,
        end=plan.end,
        speed=plan.speed,
        step=plan.step,
        rate=rate,
        on_publish=on_publish,
        hold=hold,
        ledger=ledger,
        streams=streams,
    )


def volumes(plan: DrillPlan) -> dict[str, int]:
    """Count what a plan will send, for people."""
    steps = sum(1 for _ in in_steps([], plan.start, plan.end, plan.step))
    counted: dict[str, int] = {"markers": steps + 1}
    for s in plan.timeline:
        name = "copy" if s.copy else s.kind.value if s.kind.value != "say" else s.source.partition("#")[0]
        counted[name] = counted.get(name, 0) + 1
    return counted


def _scenes(community: Community, start: datetime, end: datetime, days: int, rng: Random) -> list[Scene]:
    """Cast every kind of scenario on up to five estates, once a virtual day, while there is a cast.

    Those with expected alerts come first and take their cast for themselves: an alert may
    stay open, and a second fire at the same sensor would only count on it.
    """
    scripts = sorted(load().values(), key=lambda s: (not s.expect, s.key))
    taken: set[str] = set()
    times: dict[str, list[tuple[datetime, datetime]]] = {}
    scenes: list[Scene] = []
    for day in range(days):
        for i, script in enumerate(scripts):
            for k in range(min(ESTATES_PER_KIND, len(community.estates))):
                estate = community.estates[(i + k + day) % len(community.estates)]
                cast = _cast(script, community, estate, rng, taken)
                when = _when(script, start + day * DAY, times.setdefault(estate, []), rng)
                if cast is None or when is None or when > end - TAIL:
                    continue
                taken |= {who for role, who in cast.items() if not script.cast[role].shared}
                name = f"{script.key}#{len(scenes) + 1}"
                scenes.append(stage(script, cast, community, when, name))
    return scenes


def _cast(
    script: Scenario, community: Community, estate: str, rng: Random, taken: set[str]
) -> dict[str, str] | None:
    """Try a few casts: a first choice may leave no second."""
    tries = (choose(script, community, estate, rng, taken) for _ in range(20))
    return next((cast for cast in tries if cast), None)


def _when(
    script: Scenario, day: datetime, times: list[tuple[datetime, datetime]], rng: Random
) -> datetime | None:
    """Find a believable time within a day that keeps clear of the estate's other scenes."""
    earliest, latest = (timedelta(minutes=10), timedelta(minutes=50)) if script.early else (APART * 2, DAY)
    length = timedelta(0) if script.early else timedelta(seconds=script.lasts)
    for _ in range(2000):
        seconds = rng.randrange(int(earliest.total_seconds()), int(latest.total_seconds()))
        when = day + timedelta(seconds=seconds)
        local = when.astimezone(CHINA)
        inside = script.hours[0] <= local.hour + local.minute / 60 < script.hours[1]
        clear = all(when + length + APART <= a or b + APART <= when for a, b in times)
        if inside and (clear or script.early):
            if not script.early:
                times.append((when, when + length))
            return when
    return None


def _ground(community: Community, scenes: list[Scene], start: datetime, end: datetime) -> Ground:
    """What the faults must keep off."""
    mortal, busy = set(), set()
    for scene in scenes:
        busy |= set(scene.cast.values())
        mortal |= {scene.cast[s.who] for s in scene.scenario.step if s.does}
        if scene.scenario.battery_of:
            mortal.add(scene.cast[scene.scenario.battery_of])
    return Ground(
        community=community,
        start=start,
        end=end,
        cared=frozenset(c.person for c in community.cared),
        mortal=frozenset(mortal),
        busy=frozenset(busy),
    )
