"""What a person may ask of us: each request with its deadline, each deletion with its proof."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from console.subjects import erase_withdrawn
from tests.integration.api_desk import Desk, open_desk

PHONE = "13912345678"
PERSON = {"id": "p1", "name": "张三丰", "roles": ["GW"], "place": "EST1", "phone": PHONE}


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as open_:
        assert (await open_.post("/api/people", PERSON, "sun")).status_code == 201
        yield open_


async def asked(desk: Desk, kind: str) -> dict[str, Any]:
    answer = await desk.post("/api/privacy/requests", {"kind": kind, "person": "p1"}, "sun")
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_request_has_a_deadline_and_is_overdue_after_it(desk: Desk) -> None:
    made = await asked(desk, "access")
    due, at = datetime.fromisoformat(made["due_at"]), datetime.fromisoformat(made["asked_at"])
    assert due - at == timedelta(days=15)
    assert made["overdue"] is False
    await desk.connection.execute("UPDATE personal.requests SET due_at = now() - INTERVAL '1 second'")
    [listed] = (await desk.get("/api/privacy/requests", "sun", state="open")).json()["items"]
    assert listed["overdue"] is True


async def test_a_copy_holds_everything_and_the_look_is_on_record(desk: Desk) -> None:
    await desk.connection.execute(
        "INSERT INTO contacts (person, channel) VALUES ('p1', 'sms');"
        "INSERT INTO personal.positions (subject, source, place, lat, lon, at, by_whom)"
        " VALUES ('person:p1', 'gps', 'EST1', 30.9, 104.2, now(), 'p1')"
    )
    path = f"/api/privacy/requests/{(await asked(desk, 'copy'))['id']}"
    told = (await desk.post(f"{path}/copy", {}, "sun")).json()
    assert told["person"]["name"] == "张三丰"
    assert told["sealed"] == {"phone": PHONE}
    assert set(told) == {
        "person",
        "contacts",
        "callees",
        "positions",
        "shifts",
        "moves",
        "consents",
        "sealed",
    }
    assert (told["contacts"], len(told["positions"])) == ([{"channel": "sms", "enabled": True}], 1)
    assert len(await desk.rows("SELECT FROM audit_log WHERE action = 'request.copy' AND object = 'p1'")) == 1
    done = await desk.post(f"{path}/answer", {"state": "done", "answer": "已当面交付"}, "sun")
    assert done.json()["state"] == "done"
    assert (await desk.post(f"{path}/copy", {}, "sun")).status_code == 409
    again = await desk.post(f"{path}/answer", {"state": "done", "answer": "again"}, "sun")
    assert again.status_code == 409


async def test_a_deletion_names_nobody_any_more_and_leaves_a_proof(desk: Desk) -> None:
    path = f"/api/privacy/requests/{(await asked(desk, 'delete'))['id']}/answer"
    assert (await desk.post(path, {"state": "done", "answer": "已删除"}, "sun")).status_code == 200
    [row] = await desk.rows("SELECT name, active FROM people WHERE id = 'p1'")
    assert row == {"name": "—", "active": False}
    assert await desk.rows("SELECT FROM personal.fields") == []
    proofs = await desk.rows("SELECT class, what, rows FROM retention_proofs ORDER BY id")
    assert {(p["class"], p["what"], p["rows"]) for p in proofs} == {("request.delete", "p1", 1)}


async def test_an_open_case_holds_a_deletion_back(desk: Desk) -> None:
    number = await desk.alert()
    sent = await desk.post(f"/api/alerts/{number}/actions", {"action": "dispatch", "org": "GW"})
    assert sent.status_code == 200, sent.text
    await desk.connection.execute("UPDATE orders SET person = 'p1'")
    path = f"/api/privacy/requests/{(await asked(desk, 'delete'))['id']}/answer"
    held = await desk.post(path, {"state": "done", "answer": "删除"}, "sun")
    assert held.status_code == 409
    assert "still open" in held.json()["detail"]
    assert await desk.rows("SELECT name FROM people WHERE id = 'p1'") == [{"name": "张三丰"}]


async def test_consent_taken_back_erases_what_it_allowed_and_consent_given_anew_keeps_it(desk: Desk) -> None:
    words = {"purpose": "contact", "words": "同意在紧急情况下电话联系"}
    path = "/api/privacy/people/p1/consents"
    assert (await desk.post(path, words, "sun")).json()["items"][0]["version"] == 1
    headers = await desk.as_("sun")
    assert (await desk.client.delete(f"{path}/contact", headers=headers)).status_code == 200
    assert (await desk.post(path, words, "sun")).json()["items"][0]["version"] == 2
    await desk.app.state.database.write(erase_withdrawn)
    assert len(await desk.rows("SELECT FROM personal.fields")) == 1, "allowed again, so it stays"
    gone = await desk.client.delete(f"{path}/contact", headers=headers)
    assert gone.json()["items"][0]["withdrawn_at"]
    assert (await desk.client.delete(f"{path}/contact", headers=headers)).status_code == 409
    await desk.app.state.database.write(erase_withdrawn)  # the console does it once a minute
    assert await desk.rows("SELECT FROM personal.fields") == []
    [consent, _] = (await desk.get(path, "sun")).json()["items"]
    within = datetime.fromisoformat(consent["erased_at"]) - datetime.fromisoformat(consent["withdrawn_at"])
    assert within < timedelta(hours=24)
    assert await desk.app.state.database.write(erase_withdrawn) == 0


async def test_nobody_asks_for_people_outside_their_places_or_without_the_right(desk: Desk) -> None:
    other = {**PERSON, "id": "p2", "place": "EST2"}
    assert (await desk.post("/api/people", other, "sun")).status_code == 201
    wish = {"kind": "copy", "person": "p2"}
    assert (await desk.post("/api/privacy/requests", wish, "wuye")).status_code == 404
    made = (await desk.post("/api/privacy/requests", wish, "sun")).json()
    assert (await desk.post(f"/api/privacy/requests/{made['id']}/copy", {}, "wuye")).status_code == 404
    assert (await desk.get("/api/privacy/requests", "wuye")).json()["items"] == []
    assert (await desk.get("/api/privacy/requests", "dev")).status_code == 403


async def test_the_filing_list_of_cameras_is_a_sheet(desk: Desk) -> None:
    await desk.connection.execute(
        "UPDATE devices SET owner_unit = '=cmd()', legal_basis = 'art7_public', retention_days = 30"
        " WHERE id = 'cam-1'"
    )
    listed = await desk.get("/api/devices/export", "wuye", profile="camera", format="csv")
    assert listed.headers["content-type"].startswith("text/csv")
    [heading, row] = listed.content.decode("utf-8-sig").splitlines()
    names = [word.partition(" ")[0].rstrip("*") for word in heading.split(",")]
    listed_as = dict(zip(names, row.split(","), strict=True))
    papers = ("id", "place", "profile", "owner_unit", "legal_basis", "retention_days")
    assert {name: listed_as[name] for name in papers} == {
        "id": "cam-1",
        "place": "EST1",
        "profile": "camera",
        "owner_unit": "'=cmd()",
        "legal_basis": "art7_public",
        "retention_days": "30",
    }
