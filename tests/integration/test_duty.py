"""Timers fired with the time as an argument: nobody sleeps, every second is exact."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from console.database import Database
from console.duty import watchdog
from console.duty.__main__ import now_of, tick
from console.duty.timers import Due
from console.pace import Pace, pace
from console.settings import DutySettings, PaceSettings
from tests.integration.api_desk import Desk, open_desk
from tests.parts import REACHABLE, as_part

PEOPLE = """
INSERT INTO people (id, name, roles, place) VALUES
    ('p-sl', '值班长', '{SL}', '510681'), ('p-gw', '网格员', '{GW}', 'EST1'),
    ('p-fam', '家属', '{FAM}', 'EST1-B1'), ('p-cp', '民警', '{CP}', '510681'),
    ('p-co', '社区', '{COMMUNITY}', 'EST1')
"""
S = timedelta(seconds=1)


class Duty:
    """The duty process without its loop: time is what the test says."""

    def __init__(self, desk: Desk, database: Database, start: datetime) -> None:
        self.desk, self.database, self.start = desk, database, start
        self.settings = DutySettings.model_validate({"database_url": "unused"})
        self.pace: Pace = pace()

    async def at(self, seconds: float) -> list[Due]:
        """Fire what is due so many seconds after the start."""
        return await tick(self.database, self.pace, self.start + seconds * S)

    async def counts(self, seconds: float) -> dict[str, int]:
        """Let the watchdog look."""
        return await watchdog.look(self.database, self.settings, self.start + seconds * S)

    async def raise_alert(self, **about: Any) -> tuple[int, float]:
        """Raise an alert; answers it and when, in seconds after the start."""
        number = await self.desk.alert(**about)
        rows = await self.desk.rows("SELECT raised_at FROM alerts WHERE id = %s", number)
        return number, (rows[0]["raised_at"] - self.start).total_seconds()

    async def alert(self, number: int) -> dict[str, Any]:
        """Read an alert as an operator does."""
        body: dict[str, Any] = (await self.desk.get(f"/api/alerts/{number}")).json()
        return body

    async def letters(self) -> list[tuple[str, str, str]]:
        """What waits to be sent: party, channel, state."""
        rows = await self.desk.rows("SELECT party, channel, state FROM outbox ORDER BY id")
        return [(row["party"], row["channel"], row["state"]) for row in rows]


@pytest.fixture
async def duty(database: str) -> AsyncIterator[Duty]:
    async with open_desk(database) as desk, Database.open(as_part(database, "duty"), size=2) as own:
        await desk.connection.execute(PEOPLE)
        await desk.connection.execute(REACHABLE)
        yield Duty(desk, own, await now_of(own))


def orders(incident: dict[str, Any]) -> list[str]:
    return [order["org"] for order in incident["orders"]]


async def test_severity_one_without_an_operator_is_dispatched_after_thirty_seconds(duty: Duty) -> None:
    number, at = await duty.raise_alert()
    await duty.at(at + 29.9)
    assert (await duty.alert(number))["state"] == "open"
    fired = await duty.at(at + 30.001)
    assert [timer.kind for timer in fired] == ["alert"]
    assert fired[0].due_at == duty.start + (at + 30) * S
    alert = await duty.alert(number)
    assert (alert["state"], alert["acked_by"]) == ("escalated_to_incident", "duty")
    assert set(orders(alert["incident"])) == {"FS", "PM", "GW"}  # the plan's, nearest first
    assert alert["incident"]["opened_by"] == "duty"
    assert ("GW", "sms", "queued") in await duty.letters()
    assert await duty.at(at + 31) == []


async def test_whoever_takes_it_in_time_keeps_the_platform_out(duty: Duty) -> None:
    number, at = await duty.raise_alert()
    await duty.at(at + 1)
    await duty.desk.post(f"/api/alerts/{number}/actions", {"action": "acknowledge"})
    await duty.at(at + 45)
    assert (await duty.alert(number))["state"] == "acknowledged"


async def test_an_acknowledgement_that_nothing_follows_lapses_and_pages_again(duty: Duty) -> None:
    number, at = await duty.raise_alert(severity=2, code="DEV-003")
    await duty.at(at + 300)  # five minutes: late, and the community is told
    assert [letter for letter in await duty.letters() if letter[2] == "queued"]
    body = (await duty.desk.post(f"/api/alerts/{number}/actions", {"action": "acknowledge"})).json()
    assert body["ack_until"] is not None
    assert {state for _, _, state in await duty.letters()} == {"cancelled"}  # in the same transaction
    assert await duty.counts(at + 301) == dict.fromkeys(await duty.counts(at + 301), 0)
    until = datetime.fromisoformat(body["ack_until"])
    await tick(duty.database, duty.pace, until - S)
    assert (await duty.alert(number))["state"] == "acknowledged"
    await tick(duty.database, duty.pace, until + 2 * S)
    again = await duty.alert(number)
    assert (again["state"], again["acked_by"], again["lapses"]) == ("open", None, 1)
    lapse = next(row for row in again["log"] if row["action"] == "lapse")
    assert lapse["detail"]["acked_by"] == "wang"
    rows = await duty.desk.rows("SELECT kind FROM timers WHERE kind <> 'rule' AND subject = %s", str(number))
    assert [row["kind"] for row in rows] == ["alert"]


async def test_dispatching_in_time_keeps_an_acknowledgement_from_lapsing(duty: Duty) -> None:
    number, at = await duty.raise_alert(severity=2, code="DEV-003")
    for action in ("acknowledge", "dispatch"):
        await duty.desk.post(
            f"/api/alerts/{number}/actions",
            {"action": action, "org": "PM"} if action == "dispatch" else {"action": action},
        )
    await duty.at(at + 4000)
    assert (await duty.alert(number))["state"] == "escalated_to_incident"


async def test_an_alert_nobody_takes_climbs_and_always_has_a_next_timer(duty: Duty) -> None:
    number, at = await duty.raise_alert(severity=2, code="DEV-003")
    for seconds in (241, 301, 451, 800, 1200, 5000):
        await duty.at(at + seconds)
        assert (await duty.counts(at + seconds))["alerts_without_timer"] == 0
    actions = [row["action"] for row in (await duty.alert(number))["log"]]
    assert actions == ["amber", "escalate", "supervise", "page_again", "page_again", "page_again"]
    roles = {party for party, _, _ in await duty.letters()}
    assert roles == {"COMMUNITY", "SL"}


async def test_clocks_of_a_case_climb_one_step_per_breach_and_say_how_late_they_fired(duty: Duty) -> None:
    number, _ = await duty.raise_alert(severity=2, code="DEV-003")
    await duty.desk.post(f"/api/alerts/{number}/actions", {"action": "dispatch", "org": "PM"})
    incident = (await duty.alert(number))["incident"]
    sign = next(clock for clock in incident["clocks"] if clock["clock"] == "sign")
    red = datetime.fromisoformat(sign["due_at"])
    await tick(duty.database, duty.pace, datetime.fromisoformat(sign["amber_at"]) - S)
    assert (await case(duty, incident))["log"][-1]["action"] == "dispatch"
    await tick(duty.database, duty.pace, red + 7 * S)
    detail = await case(duty, incident)
    assert [row["action"] for row in detail["log"][-2:]] == ["amber", "escalate"]
    assert detail["log"][-1]["detail"]["late_by_s"] == 7.0
    assert detail["log"][-1]["detail"]["clock"] == "sign"
    assert detail["ladder"] == 1
    assert next(c for c in detail["clocks"] if c["clock"] == "sign")["breached_at"] == sign["due_at"]
    await tick(duty.database, duty.pace, datetime.fromisoformat(sign["supervise_at"]))
    detail = await case(duty, incident)
    assert (detail["log"][-1]["action"], detail["supervised_at"] is not None) == ("supervise", True)
    assert detail["log"][-1]["actor"] == "duty"
    await tick(duty.database, duty.pace, red + timedelta(days=3))  # arriving and closing are late as well
    assert (await case(duty, incident))["ladder"] == 3


async def case(duty: Duty, incident: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = (await duty.desk.get(f"/api/incidents/{incident['id']}")).json()
    return body


async def test_what_was_signed_for_in_time_is_never_late(duty: Duty) -> None:
    number, _ = await duty.raise_alert(severity=2, code="DEV-003")
    await duty.desk.post(f"/api/alerts/{number}/actions", {"action": "dispatch", "org": "PM"})
    incident = (await duty.alert(number))["incident"]
    await duty.desk.post(f"/api/incidents/{incident['id']}/actions", {"action": "acknowledge"}, "wuye")
    await duty.at(1000)
    detail = await case(duty, incident)
    assert [row["action"] for row in detail["log"]][-1] == "acknowledge"
    sign = next(clock for clock in detail["clocks"] if clock["clock"] == "sign")
    assert (sign["breached_at"], sign["level"]) == (None, 0)


async def test_a_fire_nobody_confirms_is_real_after_a_minute(duty: Duty) -> None:
    number, at = await duty.raise_alert()
    await duty.at(at + 1)
    await duty.desk.post(f"/api/alerts/{number}/actions", {"action": "acknowledge"})
    alert = await duty.alert(number)
    until = datetime.fromisoformat(alert["confirm_until"])
    assert until == duty.start + (at + 60) * S
    await tick(duty.database, duty.pace, until - timedelta(milliseconds=1))
    assert (await duty.alert(number))["verdict"] is None
    await tick(duty.database, duty.pace, until)
    alert = await duty.alert(number)
    assert (alert["verdict"], alert["verdict_by"]) == ("assumed", "duty")
    assert "119" in orders(alert["incident"])
    assert ("119", "voice", "queued") in await duty.letters()


@pytest.mark.parametrize("verdict", ["confirmed", "bypassed"])
async def test_a_confirmed_fire_is_forwarded_at_once(duty: Duty, verdict: str) -> None:
    number, _ = await duty.raise_alert()
    answer = await duty.desk.post(f"/api/alerts/{number}/verdict", {"verdict": verdict}, "grid")
    assert answer.status_code == 200, answer.text
    alert = await duty.alert(number)
    assert (alert["verdict"], alert["verdict_by"]) == (verdict, "grid")
    assert orders(alert["incident"]).count("119") == 1
    assert ("119", "voice", "queued") in await duty.letters()
    again = await duty.desk.post(f"/api/alerts/{number}/verdict", {"verdict": "refuted"})
    assert again.status_code == 409
    await duty.at(90)
    assert orders((await duty.alert(number))["incident"]).count("119") == 1


async def test_a_false_alarm_in_time_stops_it_and_only_the_centre_says_so(duty: Duty) -> None:
    number, at = await duty.raise_alert()
    await duty.at(at + 1)
    path = f"/api/alerts/{number}/verdict"
    assert (await duty.desk.post(path, {"verdict": "refuted"}, "wuye")).status_code == 403
    assert (await duty.desk.post(path, {"verdict": "refuted", "note": "做饭"})).status_code == 200
    await duty.desk.post(f"/api/alerts/{number}/actions", {"action": "acknowledge"})
    await duty.at(at + 90)
    alert = await duty.alert(number)
    assert (alert["verdict"], alert["incident"]) == ("refuted", None)
    assert not [letter for letter in await duty.letters() if letter[0] == "119"]


async def test_a_second_sensor_confirms_at_once(duty: Duty) -> None:
    number, at = await duty.raise_alert()
    await duty.at(at + 1)
    await duty.desk.connection.execute("UPDATE alerts SET confidence = 0.84 WHERE id = %s", [number])
    await duty.at(at + 2)
    alert = await duty.alert(number)
    assert alert["verdict"] == "confirmed"
    assert "119" in orders(alert["incident"])


async def test_a_drill_never_reaches_119(duty: Duty) -> None:
    number, at = await duty.raise_alert()
    await duty.desk.connection.execute("UPDATE alerts SET drill = true WHERE id = %s", [number])
    await duty.at(at + 61)
    await duty.at(at + 3700)
    alert = await duty.alert(number)
    assert alert["verdict"] == "assumed"
    assert alert["incident"]["drill"]
    assert "119" not in orders(alert["incident"])
    assert [state for party, _, state in await duty.letters() if party == "119"] == ["withheld"]
    assert "forward_withheld" in [row["action"] for row in alert["log"]]


async def test_a_help_call_without_an_answer_is_real_and_one_with_an_answer_is_not(duty: Duty) -> None:
    silent, at = await duty.raise_alert(code="SOS-001", device=None)
    answered, _ = await duty.raise_alert(code="SOS-001", device=None, estate="EST2", place="EST2")
    await duty.at(at + 5)
    await duty.desk.connection.execute("UPDATE alerts SET cleared_at = now() WHERE id = %s", [answered])
    await duty.at(at + 62)
    assert "120" in orders((await duty.alert(silent))["incident"])
    assert (await duty.alert(answered))["verdict"] is None
    assert "120" not in orders((await duty.alert(answered))["incident"])


async def test_the_care_chain_asks_the_family_then_the_grid_worker_then_police_and_ambulance(
    duty: Duty,
) -> None:
    number, at = await duty.raise_alert(code="CARE-001", severity=2, device=None)
    await duty.at(at + 1)
    assert [party for party, _, _ in await duty.letters()] == ["FAM"]
    assert (await duty.alert(number))["incident"] is None
    await duty.at(at + 601)
    assert "GW" in orders((await duty.alert(number))["incident"])
    await duty.at(at + 1799)
    assert "120" not in orders((await duty.alert(number))["incident"])
    await duty.at(at + 1801)
    alert = await duty.alert(number)
    assert {"CP", "120"} <= set(orders(alert["incident"]))
    steps = [row["detail"]["role"] for row in alert["log"] if row["action"] == "care_step"]
    assert steps == ["FAM", "GW", "CP", "120"]


async def test_nothing_is_asked_further_once_somebody_is_there(duty: Duty) -> None:
    number, at = await duty.raise_alert(code="CARE-001", severity=2, device=None)
    await duty.at(at + 601)
    case_id = (await duty.alert(number))["incident"]["id"]
    await duty.desk.post(f"/api/incidents/{case_id}/actions", {"action": "acknowledge"}, "wuye")
    await duty.desk.post(f"/api/incidents/{case_id}/actions", {"action": "arrive", "x": 1, "y": 1}, "wuye")
    await duty.at(at + 1801)
    assert "120" not in orders((await duty.alert(number))["incident"])


async def test_the_platform_never_sets_a_legal_grade(duty: Duty) -> None:
    await duty.raise_alert()
    await duty.raise_alert(code="CARE-001", severity=1, device=None)
    for seconds in (31, 61, 700, 2000, 9000, 90_000):
        await duty.at(seconds)
    grades = await duty.desk.rows("SELECT count(*) AS n FROM incidents WHERE legal_grade IS NOT NULL")
    assert grades[0]["n"] == 0
    said = await duty.desk.rows("SELECT body::text AS text FROM outbox UNION ALL SELECT body::text FROM feed")
    assert said
    for row in said:
        for word in ("特别重大", "较大", "红色预警", "橙色预警", "黄色预警", "蓝色预警"):
            assert word not in row["text"]


async def test_a_missing_timer_is_counted_shown_and_alarmed_once(duty: Duty) -> None:
    number, at = await duty.raise_alert(severity=3)
    await duty.at(at + 1)
    await duty.desk.connection.execute("DELETE FROM timers WHERE kind = 'alert'")
    for seconds in (2, 4, 6, 8):
        assert (await duty.counts(at + seconds))["alerts_without_timer"] == 1
    news = await duty.desk.rows("SELECT body FROM feed WHERE kind = 'platform'")
    assert [row["body"]["invariant"] for row in news] == ["alerts_without_timer"]
    assert [party for party, _, _ in await duty.letters()] == ["SL"]
    kpi = (await duty.desk.get("/api/kpi")).json()["duty"]
    assert (kpi["ok"], kpi["counts"]["alerts_without_timer"]) == (False, 1)
    metrics = (await duty.desk.client.get("/metrics")).text
    assert 'shequ_invariant{name="alerts_without_timer"} 1.0' in metrics
    await duty.desk.post(
        f"/api/alerts/{number}/actions", {"action": "close", "outcome": "other", "cause": "other"}
    )
    assert (await duty.counts(at + 9))["alerts_without_timer"] == 0


async def test_a_squeezed_drill_runs_the_same_timetable_faster(database: str) -> None:
    fast = Pace.of(PaceSettings.model_validate({"duty_speed": 60}))
    async with open_desk(database) as desk, Database.open(as_part(database, "duty"), size=2) as own:
        number = await desk.alert()
        raised = (await desk.rows("SELECT raised_at FROM alerts"))[0]["raised_at"]
        await tick(own, fast, raised + 0.1 * S)
        assert (await desk.get(f"/api/alerts/{number}")).json()["incident"] is None
        await tick(own, fast, raised + 1.1 * S)
        alert = (await desk.get(f"/api/alerts/{number}")).json()
        assert alert["verdict"] == "assumed"
        assert "119" in orders(alert["incident"])


async def test_a_timer_that_fails_is_put_off_and_stops_no_other(duty: Duty) -> None:
    await duty.desk.connection.execute(
        "INSERT INTO timers (kind, subject, due_at) VALUES ('sla', '1/x/1/80', now() - INTERVAL '1 day')"
    )
    number, at = await duty.raise_alert()
    await duty.at(at + 31)
    assert (await duty.alert(number))["incident"] is not None
