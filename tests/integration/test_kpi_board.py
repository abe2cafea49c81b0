"""The indicators: what one query says and what plain Python makes of the same rows must agree."""

from __future__ import annotations

import csv
import io
import statistics
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import pytest
from psycopg.rows import DictRow

from console.kpi_board import period_of
from console.problems import Invalid
from rules.kpis import ACCEPT_LIMIT, ARRIVE_LIMIT, CLOSE_LIMIT, KPIS, Unit
from tests.integration.api_desk import Desk, open_desk
from tests.integration.kpi_month import DAYS, START, TREE, settle

TABLES: dict[str, LiteralString] = {
    "places": "SELECT * FROM places",
    "incidents": "SELECT * FROM incidents",
    "incident_log": "SELECT * FROM incident_log",
    "incident_clocks": "SELECT * FROM incident_clocks",
    "alerts": "SELECT * FROM alerts",
    "ratings": "SELECT * FROM ratings",
    "devices": "SELECT * FROM devices",
    "coverage_points": "SELECT * FROM coverage_points",
    "plan_runs": "SELECT incident_id FROM plan_runs",
    "grids": "SELECT *, community AS place FROM grids",
    "people": "SELECT * FROM people",
}


@pytest.fixture
async def town(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        await desk.connection.execute(TREE)
        yield desk


@pytest.fixture
async def desk(town: Desk) -> Desk:
    await settle(town)
    return town


class Rows:
    """The tables, whole; the recomputation filters and counts them itself."""

    def __init__(self, tables: dict[str, list[DictRow]]) -> None:
        self.tables = tables
        self.paths = {row["code"]: row["path"] for row in tables["places"]}
        self.log: dict[int, list[DictRow]] = {}
        for row in tables["incident_log"]:
            self.log.setdefault(row["incident_id"], []).append(row)

    @classmethod
    async def read(cls, desk: Desk) -> Rows:
        """Read them."""
        return cls({name: await desk.rows(query) for name, query in TABLES.items()})

    def at(self, node: str, name: str) -> Iterator[DictRow]:
        """Rows of a table at a place or below."""
        return (row for row in self.tables[name] if node in self.paths[row["place"]])

    def first(self, case: DictRow, action: str) -> datetime | None:
        """When an action was first taken on a case."""
        return min(
            (row["at"] for row in self.log.get(case["id"], ()) if row["action"] == action), default=None
        )

    def times(self, case: DictRow, *actions: str) -> int:
        """How often actions were taken on a case."""
        return sum(row["action"] in actions for row in self.log.get(case["id"], ()))

    def begin(self, case: DictRow) -> datetime:
        """When it began: the first alert, or the opening."""
        raised = [row["raised_at"] for row in self.tables["alerts"] if row["incident_id"] == case["id"]]
        begin: datetime = min([case["opened_at"], *raised])
        return begin

    def counts(self, case: DictRow) -> bool:
        """Whether a case counts at all."""
        return (
            not case["drill"] and case["state"] not in ("merged", "rejected") and case["outcome"] != "drill"
        )


def recompute(
    rows: Rows, node: str, start: datetime, end: datetime, now: datetime
) -> dict[str, float | None]:
    """Every indicator once more, the long way."""
    cases = [
        case for case in rows.at(node, "incidents")
        if rows.counts(case) and (accepted := rows.first(case, "accept")) and start <= accepted < end
    ]  # fmt: skip
    on_time: dict[str, list[bool]] = {"accept": [], "arrive": [], "close": []}
    waits: dict[str, list[float]] = {"accept": [], "arrive": [], "close": []}
    completed = []
    for case in cases:
        begin, severity = rows.begin(case), case["severity"]
        done = {
            "accept": rows.first(case, "accept"),
            "arrive": rows.first(case, "arrive"),
            "close": case["closed_at"],
        }
        limits = {
            "accept": ACCEPT_LIMIT[severity],
            "arrive": ARRIVE_LIMIT.get(severity),
            "close": CLOSE_LIMIT[severity],
        }
        for step, moment in done.items():
            if moment is not None:
                waits[step].append((moment - begin).total_seconds())
            kept = in_time(rows, case, step, moment, limits[step], begin, now)
            if kept is not None:
                on_time[step].append(kept)
            if step == "close" and kept is not None:
                completed.append(kept and not rows.times(case, "reopen"))
    closed = [
        c
        for c in rows.at(node, "incidents")
        if rows.counts(c) and c["closed_at"] and start <= c["closed_at"] < end
    ]
    places = {case["id"]: case["place"] for case in rows.tables["incidents"]}
    ratings = [
        r
        for r in rows.tables["ratings"]
        if node in rows.paths[places[r["incident_id"]]] and start <= r["at"] < end
    ]
    judged = [
        a for a in rows.at(node, "alerts")
        if start <= a["raised_at"] < end and not a["drill"] and a["outcome"] in ("true_alarm", "false_alarm")
    ]  # fmt: skip
    rated = {r["incident_id"] for r in rows.tables["ratings"]}
    checked = [case for case in cases if rows.times(case, "verify", "reopen")]
    supervised = [
        row for case in rows.at(node, "incidents") if not case["drill"] for row in rows.log[case["id"]]
        if row["action"] == "supervise" and start <= row["at"] < end
    ]  # fmt: skip
    return {
        "completion": percent(completed),
        "satisfaction": percent(r["score"] >= 4 for r in ratings),
        "rating_response": percent(c["id"] in rated for c in closed),
        **{f"on_time_{step}": percent(kept) for step, kept in on_time.items()},
        **{f"{step}_p{p}": quantile(found, p) for step, found in waits.items() for p in (50, 90)},
        "false_alarm": percent(a["outcome"] == "false_alarm" for a in judged),
        "reopened": percent(rows.times(case, "reopen") > 0 for case in checked),
        "supervised": float(len(supervised)),
        "repairs_open": 0.0,
        "plan_coverage": percent(
            case["id"] in {run["incident_id"] for run in rows.tables["plan_runs"]}
            for case in cases
            if case["severity"] in (1, 2)
        ),
        "grid_workers": staff(rows, node),
        **coverage(rows, node),
    }


def in_time(
    rows: Rows,
    case: DictRow,
    step: str,
    moment: datetime | None,
    limit: timedelta | None,
    begin: datetime,
    now: datetime,
) -> bool | None:
    clocks = [
        c for c in rows.tables["incident_clocks"] if c["incident_id"] == case["id"] and c["clock"] == step
    ]
    if clocks and moment is not None:
        return all(c["breached_at"] is None for c in clocks)
    if clocks:
        return False if any(c["breached_at"] or c["due_at"] < now for c in clocks) else None
    if moment is not None:
        return None if limit is None else moment <= begin + limit
    over = case["closed_at"] is not None  # nobody has to arrive at a case that is over
    return False if limit is not None and begin + limit < now and not (step == "arrive" and over) else None


def coverage(rows: Rows, node: str) -> dict[str, float | None]:
    devices = {d["id"]: d for d in rows.tables["devices"]}
    cameras = [d for d in rows.at(node, "devices") if d["network"] == "xueliang" and d["retired_at"] is None]
    sick = {
        a["device"] for a in rows.tables["alerts"] if a["code"].startswith("DEV-") and a["ended_at"] is None
    }

    def covered(point: DictRow) -> bool:
        device = devices.get(point["device"] or "")
        return (
            device is not None and device["network"] == point["network"] and device["lifecycle"] == "active"
        )

    communities = []
    for code in (p["code"] for p in rows.tables["places"] if p["kind"] == "community" and node in p["path"]):
        required = [p for p in rows.at(code, "coverage_points") if p["network"] == "xueliang"]
        there = [c for c in cameras if code in rows.paths[c["place"]] and c["lifecycle"] == "active"]
        communities.append(all(map(covered, required)) if required else bool(there))
    roads = [p for p in rows.at(node, "coverage_points") if p["network"] == "tianwang"]
    return {
        "xueliang_coverage": percent(communities),
        "xueliang_networked": percent(c["online"] is not None for c in cameras),
        "xueliang_healthy": percent(
            bool(c["online"]) and c["lifecycle"] == "active" and c["id"] not in sick for c in cameras
        ),
        "tianwang_coverage": percent(map(covered, roads)),
    }


def staff(rows: Rows, node: str) -> float | None:
    grids = {
        g["code"]: g["households"] for g in rows.at(node, "grids") if g["kind"] == "base" and g["households"]
    }
    workers = [p for p in rows.tables["people"] if p["grid"] in grids and p["active"] and "GW" in p["roles"]]
    return 500 * len(workers) / sum(grids.values()) if grids else None


def percent(found: Iterable[bool]) -> float | None:
    one_by_one = list(found)
    return 100 * sum(one_by_one) / len(one_by_one) if one_by_one else None


def quantile(found: Sequence[float], percentage: int) -> float | None:
    if len(found) < 2:
        return found[0] if found else None
    return statistics.quantiles(found, n=100, method="inclusive")[percentage - 1]


async def test_one_query_and_plain_python_agree_at_every_level(desk: Desk) -> None:
    rows = await Rows.read(desk)
    now = (await desk.rows("SELECT now() AS t"))[0]["t"]
    for node in ("510681", "T1", "T2", "C1", "E1", "E3"):
        answer = (await desk.get("/api/kpi/board", node=node, month="2026-03")).raise_for_status().json()
        start, end = datetime.fromisoformat(answer["start"]), datetime.fromisoformat(answer["end"])
        assert (start, end) == (START, START + timedelta(days=DAYS))
        here = {kpi["id"]: kpi["value"] for kpi in answer["kpis"]}
        expected = recompute(rows, node, start, end, now)
        if node == "E1":  # communities stand above an estate
            assert here["xueliang_coverage"] is None
        assert here == {
            name: pytest.approx(value, abs=1e-3) if value is not None else None
            for name, value in expected.items()
        }
        for kpi in answer["kpis"]:
            for child in kpi["children"]:
                again = recompute(rows, child["code"], start, end, now)[kpi["id"]]
                assert child["value"] == (None if again is None else pytest.approx(again, abs=1e-3)), (
                    kpi["id"],
                    child,
                )


async def test_the_month_has_something_of_everything(desk: Desk) -> None:
    board = (await desk.get("/api/kpi/board", month="2026-03")).json()
    assert [kpi["id"] for kpi in board["kpis"]] == list(KPIS)
    assert [kpi["id"] for kpi in board["kpis"] if kpi["value"] is None] == []
    assert {child["code"] for child in board["kpis"][0]["children"]} == {"T1", "T2", "EST1", "EST2"}
    assert board["false_by_rule"]
    assert board["false_by_device"][0]["false"] > 0


async def test_a_board_is_of_the_callers_places_only(town: Desk) -> None:
    own = (await town.get("/api/kpi/board", "zhao")).json()
    assert [step["code"] for step in own["path"]] == ["EST2"]
    for node in ("510681", "E1", "nowhere"):
        assert (await town.get("/api/kpi/board", "zhao", node=node)).status_code == 404


async def test_a_target_may_differ_from_a_place_downwards(town: Desk) -> None:
    wish = {"kpi": "completion", "place": "T1", "target": 97.5, "source": "镇党委文件"}
    assert (await town.post("/api/kpi/targets", wish, "wang")).status_code == 403
    assert (await town.post("/api/kpi/targets", wish, "boss")).status_code == 200
    for node, target in (("510681", 95), ("T1", 97.5), ("E1", 97.5), ("T2", 95)):
        board = (await town.get("/api/kpi/board", node=node)).json()
        assert next(k["target"] for k in board["kpis"] if k["id"] == "completion") == target


async def test_a_board_is_remembered_for_a_moment_and_forgotten_with_a_target(database: str) -> None:
    async with open_desk(database, board_age_s=600) as town:
        await town.connection.execute(TREE)
        first = (await town.get("/api/kpi/board", node="T1", month="2026-03")).json()
        await town.connection.execute("UPDATE places SET name_en = 'New' WHERE code = 'E1'")
        again = (await town.get("/api/kpi/board", "sun", node="T1", month="2026-03")).json()
        assert again == first
        other = (await town.get("/api/kpi/board", node="T1", month="2026-02")).json()
        assert other["as_of"] > first["as_of"]
        wish = {"kpi": "completion", "place": "T1", "target": 97.5, "source": "镇党委文件"}
        assert (await town.post("/api/kpi/targets", wish, "boss")).status_code == 200
        fresh = (await town.get("/api/kpi/board", node="T1", month="2026-03")).json()
        assert fresh["as_of"] > first["as_of"]
        assert fresh["kpis"][0]["target"] == 97.5


@pytest.mark.parametrize("target", [1000, 100.5, -1])
async def test_a_percentage_beyond_100_is_no_target(town: Desk, target: float) -> None:
    wish = {"kpi": "completion", "place": "510681", "target": target, "source": "规划"}
    answer = await town.post("/api/kpi/targets", wish, "boss")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "target"


async def test_the_sheet_says_what_the_board_says_and_runs_nothing(desk: Desk) -> None:
    await desk.connection.execute("UPDATE places SET name_zh = '=cmd()' WHERE code = 'T1'")
    board = (await desk.get("/api/kpi/board", month="2026-03")).json()
    text = (await desk.get("/api/kpi/board.csv", month="2026-03")).content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert len(lines) == sum(1 + len(kpi["children"]) for kpi in board["kpis"])
    assert {line["地点"] for line in lines if line["地点编码"] == "T1"} == {"'=cmd()"}
    assert float(lines[0]["数值"]) == pytest.approx(board["kpis"][0]["value"], abs=0.01)


async def test_the_report_adds_up(desk: Desk) -> None:
    report = (await desk.get("/api/kpi/report", month="2026-03")).json()
    assert len(report["by_day"]) == DAYS
    total = sum(day["alerts"] for day in report["by_day"])
    assert (
        total == sum(row["n"] for row in report["by_code"]) == sum(row["n"] for row in report["by_severity"])
    )
    assert total > 0
    assert sum(report["counted_out"].values()) > 0


def test_a_period_is_a_month_or_a_span() -> None:
    now = datetime(2026, 11, 30, 20, tzinfo=UTC)  # December in China
    assert period_of(None, None, None, now).start.month == 12
    assert period_of("2026-12", None, None, now).end.year == 2027
    for bad in ("2026-13", "26-1", "2026-1"):
        with pytest.raises(Invalid):
            period_of(bad, None, None, now)
    with pytest.raises(Invalid):
        period_of(None, now, now, now)
    with pytest.raises(Invalid):
        period_of(None, now, None, now)


def test_every_target_of_the_table_is_possible() -> None:
    for kpi in KPIS.values():
        assert kpi.target is None or kpi.problem_with(kpi.target) is None
        assert kpi.unit in Unit


async def test_a_target_is_listed_and_taken_back(town: Desk) -> None:
    wish = {"kpi": "completion", "place": "T1", "target": 90, "source": "镇年度计划"}
    assert (await town.post("/api/kpi/targets", wish, "sun")).status_code == 200
    (item,) = (await town.get("/api/kpi/targets")).json()["items"]
    assert (item["kpi"], item["place"], item["target"], item["set_by"]) == ("completion", "T1", 90, "sun")
    assert (await town.get("/api/kpi/targets", "wuye")).json()["items"] == []
    gone = await town.client.delete("/api/kpi/targets/completion/T1", headers=await town.as_("sun"))
    assert gone.json() == {"items": []}
    again = await town.client.delete("/api/kpi/targets/completion/T1", headers=await town.as_("sun"))
    assert again.status_code == 404


async def test_a_coverage_point_counts_once_its_camera_is_named(desk: Desk) -> None:
    async def covered() -> list[int]:
        board = (await desk.get("/api/kpi/board", node="T2", month="2026-03")).json()
        (kpi,) = [one for one in board["kpis"] if one["id"] == "tianwang_coverage"]
        return [kpi["numerator"], kpi["denominator"]]

    async def ask(method: str, path: str, body: dict[str, object] | None = None, who: str = "sun") -> int:
        answer = await desk.client.request(method, path, json=body, headers=await desk.as_(who))
        return answer.status_code

    before = await covered()
    papers = {"network": "tianwang", "place": "C3", "name_zh": "村口", "name_en": "Village gate"}
    assert await ask("POST", "/api/kpi/points", {**papers, "code": "R9"}) == 201
    assert await ask("POST", "/api/kpi/points", {**papers, "code": "R9"}) == 409
    assert await ask("POST", "/api/kpi/points", {**papers, "code": "R8", "device": "nothing"}) == 422
    assert await ask("POST", "/api/kpi/points", {**papers, "code": "R8"}, "wang") == 403
    assert await covered() == [before[0], before[1] + 1]
    assert await ask("PUT", "/api/kpi/points/R9", {**papers, "device": "tw-1"}) == 200
    assert await covered() == [before[0] + 1, before[1] + 1]
    assert await ask("DELETE", "/api/kpi/points/R9") == 200
    assert await covered() == before
    (row,) = await desk.rows(
        "SELECT detail->>'device' AS device FROM audit_log WHERE action = 'coverage.drop'"
    )
    assert row["device"] == "tw-1"
