"""An incident from dispatch to rating, and who may take which step."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from console.schemas import IncidentDetail
from tests.integration.api_desk import Desk, open_desk


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        yield desk


async def dispatched(desk: Desk) -> tuple[int, int]:
    alert = await desk.alert()
    answer = await desk.post(f"/api/alerts/{alert}/actions", {"action": "dispatch", "org": "PM"})
    return alert, answer.json()["incident_id"]


async def step(desk: Desk, incident: int, action: str, who: str, **more: Any) -> dict[str, Any]:
    answer = await desk.post(f"/api/incidents/{incident}/actions", {"action": action, **more}, who)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_from_dispatch_to_rating(desk: Desk) -> None:
    alert, incident = await dispatched(desk)
    signed = await step(desk, incident, "acknowledge", "wuye")
    assert (signed["state"], signed["assignee"]) == ("acknowledged", "wuye")
    for action in ("arrive", "handle", "report_back"):
        await step(desk, incident, action, "wuye", reason="到了", place="EST1-B1")
    await step(desk, incident, "verify", "wang", outcome="true_alarm")
    closed = await step(desk, incident, "close", "wang", cause="cooking")
    assert (closed["state"], closed["outcome"]) == ("closed", "true_alarm")
    assert closed["closed_at"] is not None
    shown = (await desk.get(f"/api/alerts/{alert}")).json()
    assert (shown["state"], shown["outcome"], shown["legal"]) == ("escalated_to_incident", "true_alarm", [])
    assert shown["ended_at"] is not None
    assert shown["incident"]["id"] == incident
    rated = await step(desk, incident, "rate", "wang")
    assert rated["closed_at"] == closed["closed_at"]
    detail = IncidentDetail.model_validate((await desk.get(f"/api/incidents/{incident}")).json())
    assert [line.seq for line in detail.log] == list(range(1, 12))
    assert [order.state for order in detail.orders] == ["done"]
    assert detail.legal == []
    feed = await desk.rows("SELECT kind FROM feed ORDER BY seq DESC LIMIT 3 OFFSET 1")
    assert [row["kind"] for row in feed][:2] == ["alert", "incident"]
    for state, expected in (("open", []), ("closed", [incident]), ("all", [incident])):
        items = (await desk.get("/api/incidents", state=state)).json()["items"]
        assert [item["id"] for item in items] == expected


async def test_nobody_checks_his_own_work(desk: Desk) -> None:
    _, incident = await dispatched(desk)
    await step(desk, incident, "acknowledge", "wang")
    await step(desk, incident, "handle", "wang")
    await step(desk, incident, "report_back", "li", reason="已处理")
    for who in ("wang", "li"):
        refused = await desk.post(f"/api/incidents/{incident}/actions", {"action": "verify"}, who)
        assert refused.status_code == 403
        assert "verify" not in (await desk.get(f"/api/incidents/{incident}", who)).json()["legal"]
    assert "verify" in (await desk.get(f"/api/incidents/{incident}", "boss")).json()["legal"]
    await step(desk, incident, "verify", "boss")


async def test_property_does_the_work_and_the_centre_judges_it(desk: Desk) -> None:
    _, incident = await dispatched(desk)
    legal = (await desk.get(f"/api/incidents/{incident}", "wuye")).json()["legal"]
    assert legal == ["acknowledge", "return_order", "note"]
    refused = await desk.post(f"/api/incidents/{incident}/actions", {"action": "urge"}, "wuye")
    assert refused.status_code == 403
    await step(desk, incident, "urge", "wang", reason="请尽快")


async def test_returning_needs_a_reason_and_sends_a_new_order(desk: Desk) -> None:
    _, incident = await dispatched(desk)
    path = f"/api/incidents/{incident}/actions"
    refused = await desk.post(path, {"action": "return_order"}, "wuye")
    assert refused.json()["errors"][0]["field"] == "reason"
    await step(desk, incident, "return_order", "wuye", reason="不在本小区")
    sent = await step(desk, incident, "dispatch", "wang", org="GW")
    assert (sent["lead_org"], sent["assignee"]) == ("GW", None)
    orders = (await desk.get(f"/api/incidents/{incident}")).json()["orders"]
    assert [(order["org"], order["state"]) for order in orders] == [("PM", "returned"), ("GW", "sent")]


async def test_what_is_not_possible_is_refused_with_what_is(desk: Desk) -> None:
    _, incident = await dispatched(desk)
    path = f"/api/incidents/{incident}/actions"
    early = await desk.post(path, {"action": "close", "outcome": "other", "cause": "other"})
    assert early.status_code == 409
    assert "acknowledge" in early.json()["legal"]
    assert early.json()["last"]["action"] == "dispatch"
    assert (await desk.post(path, {"action": "urge", "version": 99})).status_code == 409
    assert (await desk.post(path, {"action": "merge"})).status_code == 422
    assert (await desk.post(path, {"action": "explode"})).status_code == 422


async def test_an_incident_is_not_closed_without_outcome_and_cause(desk: Desk) -> None:
    _, incident = await dispatched(desk)
    for action, who in (
        ("acknowledge", "wuye"),
        ("handle", "wuye"),
        ("report_back", "wuye"),
        ("verify", "wang"),
    ):
        await step(desk, incident, action, who, reason="已处理")
    refused = await desk.post(f"/api/incidents/{incident}/actions", {"action": "close"})
    assert [error["field"] for error in refused.json()["errors"]] == ["outcome", "cause"]


async def test_an_alert_of_an_open_incident_ends_with_it_only(desk: Desk) -> None:
    alert, _ = await dispatched(desk)
    wish = {"action": "close", "outcome": "other", "cause": "other"}
    refused = await desk.post(f"/api/alerts/{alert}/actions", wish)
    assert refused.status_code == 409
    assert refused.json()["legal"] == []
