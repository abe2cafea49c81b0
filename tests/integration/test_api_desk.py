"""The operator's desk: several alerts at once, who has what open, kept filters, what was before."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from console.desk_schemas import AlertHistory, Resident
from console.live import Hub
from tests.integration.api_desk import Desk, open_desk


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        yield desk


async def test_several_are_acknowledged_each_with_its_own_record_and_word(desk: Desk) -> None:
    door = [await desk.alert(code="SEC-005", severity=3) for _ in range(2)]
    fire, taken, foreign = await desk.alert(), await desk.alert(severity=2), await desk.alert(severity=3)
    await desk.connection.execute(
        "UPDATE alerts SET place = 'EST2', estate = 'EST2' WHERE id <> %s", [foreign]
    )
    await desk.post(f"/api/alerts/{taken}/actions", {"action": "acknowledge"}, "li")
    wish = {"alerts": [*door, door[0], fire, taken, foreign], "note": "同一批误触"}
    answer = (await desk.post("/api/alerts/acknowledge", wish, "zhao")).raise_for_status().json()["items"]
    assert [(row["id"], row["result"]) for row in answer] == [
        (door[0], "done"),
        (door[1], "done"),
        (fire, "grave"),  # severity 1 never goes along silently
        (taken, "beaten"),
        (foreign, "gone"),
    ]
    assert answer[0]["alert"]["acked_by"] == "zhao"
    assert answer[3]["last"]["actor"] == "li"
    states = await desk.rows("SELECT id, state FROM alerts WHERE id = ANY(%s) ORDER BY id", [fire, foreign])
    assert {row["state"] for row in states} == {"open"}
    log = await desk.rows("SELECT alert_id, reason FROM alert_log WHERE actor = 'zhao' ORDER BY alert_id")
    assert [tuple(row.values()) for row in log] == [(number, "同一批误触") for number in door]
    meant = await desk.post("/api/alerts/acknowledge", {"alerts": [fire], "grave": True}, "zhao")
    assert [row["result"] for row in meant.json()["items"]] == ["done"]


async def test_several_with_a_key_are_acknowledged_once(desk: Desk) -> None:
    wish = {"alerts": [await desk.alert(severity=3) for _ in range(2)]}
    first = await desk.post("/api/alerts/acknowledge", wish, key="k")
    again = await desk.post("/api/alerts/acknowledge", wish, key="k")
    assert [row["result"] for row in again.json()["items"]] == ["done", "done"]
    assert first.json() == again.json()
    other = await desk.post("/api/alerts/acknowledge", {**wish, "grave": True}, key="k")
    assert other.status_code == 422
    assert len(await desk.rows("SELECT FROM alert_log")) == 2
    assert (await desk.post("/api/alerts/acknowledge", {"alerts": []})).status_code == 422


async def test_the_list_answers_a_thousand_at_a_time(desk: Desk) -> None:
    await desk.connection.execute(
        "INSERT INTO alerts"
        " (fingerprint, rule, code, severity, estate, place, subject, reason, first_seen, last_seen)"
        " SELECT 'f' || n, 'r', 'SEC-005', 2 + n % 3, 'EST1', 'EST1', 's', 'x', now(), now()"
        " FROM generate_series(1, 1500) n"
    )
    first = (await desk.get("/api/alerts", limit=1000)).json()
    rest = (await desk.get("/api/alerts", limit=1000, cursor=first["next"])).json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (1000, 500, None)
    assert len({item["id"] for item in first["items"] + rest["items"]}) == 1500


async def test_two_operators_see_each_others_hold_as_it_happens(desk: Desk) -> None:
    hub: Hub = desk.app.state.hub
    first, second = await desk.alert(), await desk.alert(severity=2)
    for who in ("wang", "li"):
        await desk.as_(who)
    said: list[tuple[int, str, bool]] = []
    # li's console listens, wang opens one alert, renews, goes to another, leaves
    async with aclosing(hub.stream(None, None)) as stream:
        await anext(stream)
        for path in (f"alerts/{first}/hold", f"alerts/{first}/hold", f"alerts/{second}/hold"):
            await desk.client.put(f"/api/{path}", headers=await desk.as_("wang"))
        (held,) = (await desk.get("/api/holds", "li")).json()["items"]
        assert (held["alert"], held["who"]) == (second, "wang")
        await desk.post("/api/holds/release", {}, "wang")
        await desk.post("/api/holds/release", {}, "wang")  # nothing to let go of: nothing to tell
        async for frame in stream:
            fields = dict(line.split(": ", 1) for line in frame.decode().strip().split("\n"))
            if fields["event"] == "hold":
                body = json.loads(fields["data"])["body"]
                said.append((body["alert"], body["who"], body["until"] is not None))
            if len(said) == 4:
                break
    assert said == [
        (first, "wang", True),
        (first, "wang", False),
        (second, "wang", True),
        (second, "wang", False),
    ]
    assert (await desk.get("/api/holds", "li")).json()["items"] == []


async def test_a_hold_ends_by_itself_and_is_seen_inside_ones_places_only(desk: Desk) -> None:
    number = await desk.alert()
    await desk.client.put(f"/api/alerts/{number}/hold", headers=await desk.as_("wang"))
    assert (await desk.get("/api/holds", "zhao")).json()["items"] == []
    refused = await desk.client.put(f"/api/alerts/{number}/hold", headers=await desk.as_("zhao"))
    assert refused.status_code == 404
    assert (await desk.get("/api/holds", "li")).json()["items"][0]["incident"] is None
    sent = await desk.post(f"/api/alerts/{number}/actions", {"action": "dispatch", "org": "PM"}, "wang")
    (held,) = (await desk.get("/api/holds", "li")).json()["items"]
    assert held["incident"] == sent.json()["incident_id"]
    await desk.connection.execute("UPDATE alert_holds SET until = now() - INTERVAL '1 second'")
    assert (await desk.get("/api/holds", "li")).json()["items"] == []


async def test_a_view_is_ones_own_unless_a_leader_shares_it(desk: Desk) -> None:
    grave = {"name": "一级", "filter": {"severity": "1", "estate": "EST1"}}
    mine = (await desk.post("/api/queue-views", grave)).raise_for_status().json()
    assert (mine["filter"]["severity"], mine["mine"], mine["shared"]) == ("1", True, False)
    assert (await desk.post("/api/queue-views", {**grave, "shared": True})).status_code == 403
    shared = (await desk.post("/api/queue-views", {**grave, "shared": True}, "sun")).json()
    listed = {who: (await desk.get("/api/queue-views", who)).json()["items"] for who in ("wang", "li", "sun")}
    assert [view["id"] for view in listed["wang"]] == [mine["id"], shared["id"]]
    assert [(view["id"], view["mine"], view["by"]) for view in listed["li"]] == [(shared["id"], False, "sun")]
    again = await desk.post(
        "/api/queue-views", {**grave, "filter": {"q": "三栋"}}
    )  # the name again: replaced
    assert again.json()["id"] == mine["id"]
    assert again.json()["filter"]["severity"] == ""
    for who, number, status in (
        ("li", shared["id"], 404),
        ("wang", mine["id"], 204),
        ("sun", shared["id"], 204),
    ):
        gone = await desk.client.delete(f"/api/queue-views/{number}", headers=await desk.as_(who))
        assert gone.status_code == status
    wrong = await desk.post("/api/queue-views", {"name": "x", "filter": {"severity": "9", "colour": "red"}})
    assert {error["field"] for error in wrong.json()["errors"]} == {"filter.severity", "filter.colour"}


async def test_the_history_tells_false_alarms_of_the_device_and_of_the_place(desk: Desk) -> None:
    false, other = await desk.alert(), await desk.alert(code="SEC-005", device="cam-1")
    now, old, elsewhere = (
        await desk.alert(),
        await desk.alert(),
        await desk.alert(estate="EST2", place="EST2"),
    )
    await desk.connection.execute("UPDATE alerts SET device = 'smoke-2' WHERE id = %s", [elsewhere])
    await desk.connection.execute(
        "UPDATE alerts SET raised_at = now() - INTERVAL '31 days' WHERE id = %s", [old]
    )
    wish = {"action": "close", "outcome": "false_alarm", "cause": "cooking"}
    await desk.post(f"/api/alerts/{false}/actions", wish)
    history = AlertHistory.model_validate((await desk.get(f"/api/alerts/{now}/history")).json())
    assert [(row.id, row.outcome, row.cause) for row in history.device] == [(false, "false_alarm", "cooking")]
    assert [row.id for row in history.place] == [other]
    assert (await desk.get(f"/api/alerts/{now}/history", "zhao")).status_code == 404


async def test_the_nearest_cameras_come_with_their_newest_picture(desk: Desk) -> None:
    await desk.connection.execute(
        "INSERT INTO devices (id, estate, place, profile, name_zh, name_en, x, y) VALUES"
        " ('cam-near', 'EST1', 'EST1-B1', 'camera', '近', 'Near', 3, 4),"
        " ('cam-else', 'EST2', 'EST2', 'camera', '外', 'Else', 0, 0)"
    )
    await desk.connection.execute("UPDATE devices SET x = 0, y = 0 WHERE id = 'smoke-1'")
    await desk.connection.execute("UPDATE devices SET x = 60, y = 80 WHERE id = 'cam-1'")
    await desk.connection.execute(
        "INSERT INTO events (device, id, at, estate, type, data, received_at)"
        " SELECT 'cam-near', 'c' || n, now() - n * INTERVAL '1 minute', 'EST1', 'camera.object',"
        " jsonb_build_object('snapshot', 'EST1/cam-near/' || n || '.jpg'), now() FROM generate_series(1, 2) n"
    )
    number = await desk.alert()
    near, far = (await desk.get(f"/api/alerts/{number}/cameras")).json()["items"]
    assert (near["device"], near["metres"], near["snapshot"]) == ("cam-near", 5.0, "EST1/cam-near/1.jpg")
    assert (far["device"], far["metres"], far["snapshot"]) == ("cam-1", 100.0, None)


async def test_people_to_care_for_are_known_by_entrance_and_by_home_only_for_a_reason(desk: Desk) -> None:
    await desk.connection.execute(
        "INSERT INTO places (code, kind, path, name_zh, name_en) VALUES"
        " ('EST1-B1-U1', 'unit', '{EST1,EST1-B1,EST1-B1-U1}', '1单元', 'Unit 1'),"
        " ('EST1-B1-U1-301', 'room', '{EST1,EST1-B1,EST1-B1-U1,EST1-B1-U1-301}', '301', '301')"
    )
    await desk.connection.execute(
        "INSERT INTO personal.cared (person, estate, place, away_until) VALUES"
        " ('p-7', 'EST1', 'EST1-B1-U1-301', NULL), ('p-8', 'EST1', 'EST1-B1', now() + INTERVAL '1 day'),"
        " ('p-9', 'EST2', 'EST2', NULL)"
    )
    number = await desk.alert()
    path = f"/api/alerts/{number}/residents"
    answer = await desk.get(path)
    rows = [Resident.model_validate(row) for row in answer.json()["items"]]
    assert [(row.near, row.here) for row in rows] == [("EST1-B1", False), ("EST1-B1-U1", False)]
    await desk.connection.execute("UPDATE alerts SET place = 'EST1-B1-U1' WHERE id = %s", [number])
    nearer = (await desk.get(path)).json()["items"]
    assert [(row["near"], row["here"]) for row in nearer] == [("EST1-B1-U1", True), ("EST1-B1", False)]
    assert "p-7" not in answer.text
    assert "301" not in answer.text
    assert (await desk.post(path, {"reason": ""})).status_code == 422
    told = await desk.reveal(path, reason="烟感报警，通知疏散")
    assert (told["p-7"], told["p-8"]) == ("EST1-B1-U1-301", "EST1-B1")
    assert "p-8.away_until" in told
    assert "p-7.away_until" not in told
    assert "p-9" not in told
    noted = await desk.rows("SELECT actor, object, detail FROM audit_log WHERE action = 'alert.residents'")
    assert [(row["object"], row["detail"]["reason"]) for row in noted] == [
        (str(number), "烟感报警，通知疏散")
    ]
    assert (await desk.get(path, "zhao")).status_code == 404
    assert (await desk.get(path, "wuye")).status_code == 403
