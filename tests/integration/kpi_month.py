"""A seeded month of a county: sixty cases with everything that may happen to one, and some cameras."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import LiteralString

from tests.integration.api_desk import Desk

START = datetime(2026, 3, 1, tzinfo=UTC) - timedelta(hours=8)  # March in China
DAYS = 31
ESTATES = ("E1", "E2", "E3")
TREE: LiteralString = """
INSERT INTO places (code, kind, name_zh, name_en, path) VALUES
    ('T1', 'town', '一镇', 'Town 1', '{510681,T1}'), ('T2', 'town', '二镇', 'Town 2', '{510681,T2}'),
    ('C1', 'community', '甲社区', 'Community 1', '{510681,T1,C1}'),
    ('C2', 'community', '乙社区', 'Community 2', '{510681,T1,C2}'),
    ('C3', 'community', '丙村', 'Village 3', '{510681,T2,C3}'),
    ('E1', 'estate', '甲小区', 'Estate 1', '{510681,T1,C1,E1}'),
    ('E2', 'estate', '乙小区', 'Estate 2', '{510681,T1,C2,E2}'),
    ('E3', 'estate', '丙小区', 'Estate 3', '{510681,T2,C3,E3}')
"""
CAMERAS: LiteralString = """
INSERT INTO devices (id, estate, place, profile, name_zh, name_en, online, lifecycle, network) VALUES
    ('xl-0', 'E1', 'E1', 'camera', 'c', 'c', true, 'active', 'xueliang'),
    ('xl-1', 'E1', 'E1', 'camera', 'c', 'c', false, 'active', 'xueliang'),
    ('xl-2', 'E2', 'E2', 'camera', 'c', 'c', NULL, 'active', 'xueliang'),
    ('xl-3', 'E3', 'E3', 'camera', 'c', 'c', true, 'maintenance', 'xueliang'),
    ('tw-1', 'E3', 'E3', 'camera', 'c', 'c', NULL, 'active', 'tianwang');
INSERT INTO coverage_points (code, network, place, name_zh, name_en, device, set_by) VALUES
    ('P1', 'xueliang', 'E1', 'p', 'p', 'xl-0', 'x'), ('P2', 'xueliang', 'E1', 'p', 'p', NULL, 'x'),
    ('R1', 'tianwang', 'C3', 'r', 'r', 'tw-1', 'x'), ('R2', 'tianwang', 'C3', 'r', 'r', NULL, 'x'),
    ('R3', 'tianwang', 'C1', 'r', 'r', 'xl-0', 'x');
INSERT INTO grids (code, kind, community, name_zh, name_en, households) VALUES
    ('510681101001001', 'base', 'C1', 'g', 'g', 400), ('510681101001002', 'base', 'C1', 'g', 'g', NULL),
    ('510681101001003', 'special', 'C1', 'g', 'g', 90), ('510681101002001', 'base', 'C2', 'g', 'g', 350);
INSERT INTO people (id, name, roles, place, grid, active) VALUES
    ('g1', 'g', '{GW}', 'C1', '510681101001001', true), ('g2', 'g', '{GW}', 'C1', '510681101001002', true),
    ('g3', 'g', '{BL}', 'C2', '510681101002001', true), ('g4', 'g', '{GW}', 'C2', '510681101002001', false);
"""
CASE: LiteralString = """
INSERT INTO incidents
    (case_code, state, severity, code, estate, place, opened_at, opened_by, closed_at, outcome, drill)
VALUES (%s, %s, %s, 'FIRE-001', %s, %s, %s, 'wang', %s, %s, %s) RETURNING id
"""
MOVE: LiteralString = """
INSERT INTO incident_log (at, incident_id, seq, action, actor, to_state) VALUES (%s, %s, %s, %s, 'x', 's')
"""
ALERT: LiteralString = """
INSERT INTO alerts (fingerprint, rule, code, severity, estate, place, subject, device, reason, first_seen,
    last_seen, raised_at, ended_at, outcome, incident_id, drill)
VALUES (gen_random_uuid()::text, %(rule)s, 'FIRE-001', %(severity)s, %(estate)s, %(estate)s, 's', %(device)s,
    'r', %(at)s, %(at)s, %(at)s, %(at)s, %(outcome)s, %(incident)s, %(drill)s)
"""
RATING: LiteralString = """
INSERT INTO ratings (incident_id, score, given_by, actor, at) VALUES (%s, %s, 'centre', 'wang', %s)
"""
RUNS: LiteralString = """
INSERT INTO plan_runs (incident_id, plan, version, choice, source, drill, state, started_by)
SELECT id, 'p', 0, '{}', '', drill, 'done', 'duty' FROM incidents, generate_series(1, 2) WHERE id % 3 > 0
"""
CLOCK: LiteralString = """
INSERT INTO incident_clocks
    (incident_id, clock, limit_s, working, began_at, from_at, due_at, met_at, breached_at)
VALUES (%s, 'close', 60, false, %s, %s, %s, %s, %s)
"""


async def settle(desk: Desk, seed: int = 20) -> None:
    """Fill the month; the same seed makes the same month."""
    dice = random.Random(seed)  # noqa: S311 - nothing is secret here
    async with desk.connection.transaction():
        await desk.connection.execute(CAMERAS)
        for n in range(60):
            await _case(desk, dice, n)
        await desk.connection.execute(RUNS)


async def _case(desk: Desk, dice: random.Random, n: int) -> None:
    run = desk.connection.execute
    estate, severity = dice.choice(ESTATES), dice.randint(1, 4)
    opened = START + timedelta(days=dice.uniform(-3, DAYS + 3))
    state = dice.choices(("closed", "rated", "handling", "merged", "rejected"), (6, 3, 2, 1, 1))[0]
    closed = None if state == "handling" else opened + timedelta(hours=dice.expovariate(1 / 20))
    outcome = dice.choice(("true_alarm", "false_alarm", "drill")) if closed else None
    drill = dice.random() < 0.05
    row = await desk.rows(CASE, f"CASE{n}", state, severity, estate, estate, opened, closed, outcome, drill)
    number: int = row[0]["id"]
    for seq, (action, after) in enumerate(_moves(dice, over=closed is not None), 1):
        await run(MOVE, [opened + timedelta(seconds=after), number, seq, action])
    if dice.random() < 0.5:
        due = opened + timedelta(hours=dice.uniform(1, 40))
        late = due if closed and closed > due else None
        await run(CLOCK, [number, opened, opened, None if closed else due, closed, late])
    for _ in range(dice.randint(0, 2)):
        await run(
            ALERT,
            {
                "rule": dice.choice(("R1", "R2")), "severity": severity, "estate": estate,
                "device": dice.choice(("smoke-1", "smoke-2", None)),
                "at": opened - timedelta(seconds=dice.uniform(0, 60)),
                "outcome": dice.choice(("true_alarm", "false_alarm", "test", None)),
                "incident": number, "drill": dice.random() < 0.1,
            },
        )  # fmt: skip
    if state == "rated":
        await run(RATING, [number, dice.randint(1, 5), closed])


def _moves(dice: random.Random, *, over: bool) -> list[tuple[str, float]]:
    """Actions with the seconds after the opening."""
    moves = [("report", 0.0), ("accept", dice.expovariate(1 / 90)), ("dispatch", 100.0)]
    moves += [("arrive", dice.expovariate(1 / 900))] if dice.random() < 0.8 else []
    moves += [("reopen", 4000.0)] if dice.random() < 0.15 else []
    moves += [("verify", 5000.0)] if over else []
    return moves + [("supervise", 6000.0)] * dice.choice((0, 0, 1, 2))
