"""What follows from a case: the family's link, the rating, repairs from verdicts, points."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Any, LiteralString

import psycopg
import pytest

from tests.integration.api_desk import Desk, open_desk
from tests.integration.test_api_incidents import dispatched, step
from tests.integration.test_dossier import closed_case


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database, public_url="https://centre.test") as desk:
        yield desk


# ---------------------------------------------------------------- the family's link


async def linked(desk: Desk, incident: int, **more: Any) -> str:
    answer = await desk.post(f"/api/incidents/{incident}/links", {"relation": "女儿", **more})
    assert answer.status_code == 201, answer.text
    url: str = answer.json()["url"]
    assert url.startswith("https://centre.test/family#")
    return url.partition("#")[2]


async def progress(desk: Desk, token: str) -> Any:
    answer = await desk.client.get("/api/family", headers={"X-Family-Token": token})
    return answer.json() if answer.status_code == 200 else answer.status_code


async def test_a_family_follows_the_case_without_an_account(desk: Desk) -> None:
    _, incident = await dispatched(desk)
    token = await linked(desk, incident)
    seen = await progress(desk, token)
    assert [s["step"] for s in seen["steps"] if s["at"]] == ["received", "called"]
    for action in ("acknowledge", "arrive"):
        await step(desk, incident, action, "wuye", place="EST1-B1")
    seen = await progress(desk, token)
    assert [s["step"] for s in seen["steps"] if s["at"]] == ["received", "called", "on_the_way", "arrived"]
    assert (seen["closed"], seen["rateable"]) == (False, False)
    assert "wuye" not in str(seen)
    assert "EST1" not in str(seen)
    kept = await desk.rows("SELECT * FROM family_links")
    assert token not in str(kept)
    assert kept[0]["opened"] == 2


async def test_the_letter_goes_out_with_the_link(desk: Desk) -> None:
    _, incident = await dispatched(desk)
    token = await linked(desk, incident, phone="13800000000")
    letters = await desk.rows("SELECT * FROM outbox WHERE incident_id = %s", incident)
    assert [(row["channel"], row["to_whom"]) for row in letters] == [("sms", "13800000000")]
    assert token in letters[0]["body"]["text"]


async def test_a_call_for_help_tells_the_family_by_itself(desk: Desk) -> None:
    await desk.connection.execute(
        "INSERT INTO personal.cared (person, estate, place) VALUES ('P-1', 'EST1', 'EST1-B1');"
        "INSERT INTO people (id, name, roles, place, cares_for)"
        " VALUES ('fam-1', '女儿', '{FAM}', 'EST1', 'P-1')"
    )
    for code, letters in (("FIRE-001", 0), ("SOS-001", 1)):
        alert = await desk.alert(code=code)
        answer = await desk.post(f"/api/alerts/{alert}/actions", {"action": "dispatch", "org": "GW"})
        rows = await desk.rows(
            "SELECT person, body FROM outbox WHERE incident_id = %s AND party = 'FAM'",
            answer.json()["incident_id"],
        )
        assert [row["person"] for row in rows] == ["fam-1"] * letters
        assert all("https://centre.test/family#" in row["body"]["text"] for row in rows)


async def waiting(desk: Desk) -> tuple[int, str]:
    """A call for help that is dispatched and waits for a confirmation, and a link to its case."""
    alert = await desk.alert(code="SOS-001", device=None)
    await desk.connection.execute(
        "UPDATE alerts SET confirm_until = now() + INTERVAL '1 minute' WHERE id = %s", [alert]
    )
    answer = await desk.post(f"/api/alerts/{alert}/actions", {"action": "dispatch", "org": "GW"})
    return alert, await linked(desk, answer.json()["incident_id"])


async def say(desk: Desk, token: str, verdict: str) -> int:
    headers = {"X-Family-Token": token}
    answer = await desk.client.post("/api/family/verdict", json={"verdict": verdict}, headers=headers)
    return answer.status_code


async def test_the_family_says_once_by_the_link_whether_the_alarm_is_real(desk: Desk) -> None:
    for word in ("confirmed", "refuted"):
        alert, token = await waiting(desk)
        assert (await progress(desk, token))["asks_until"] is not None
        assert await say(desk, token, word) == 200
        seen = await progress(desk, token)
        assert (seen["asks_until"], seen["answered"]) == (None, word)
        assert await say(desk, token, "refuted") == 409  # one word per link
        shown = (await desk.get(f"/api/alerts/{alert}")).json()
        link = (await desk.rows("SELECT max(id) AS id FROM family_links"))[0]["id"]
        assert (shown["verdict"], shown["verdict_by"]) == (word, f"link:{link}")
        outside = [order["org"] for order in shown["incident"]["orders"] if order["org"] == "120"]
        assert outside == (["120"] if word == "confirmed" else [])
        audited = await desk.rows("SELECT actor FROM audit_log WHERE action = %s", f"alert.{word}")
        assert [row["actor"] for row in audited] == [f"link:{link}"]
        await desk.connection.execute("UPDATE alerts SET ended_at = now(), state = 'closed'")


async def test_a_word_that_comes_after_the_minute_or_by_a_wrong_link_changes_nothing(desk: Desk) -> None:
    alert, token = await waiting(desk)
    assert await say(desk, "x" * 43, "refuted") == 404
    await desk.connection.execute("UPDATE alerts SET confirm_until = now() - INTERVAL '1 second'")
    assert (await progress(desk, token))["asks_until"] is None
    assert await say(desk, token, "refuted") == 409
    assert (await desk.get(f"/api/alerts/{alert}")).json()["verdict"] is None


async def test_a_repeated_request_tells_no_token_twice(desk: Desk) -> None:
    _, incident = await dispatched(desk)
    path = f"/api/incidents/{incident}/links"
    first = (await desk.post(path, {"relation": "女儿"}, key="k")).json()
    second = (await desk.post(path, {"relation": "女儿"}, key="k")).json()
    assert (second["id"], second["url"]) == (first["id"], None)


async def test_a_link_ends_when_it_is_revoked_or_a_day_after_the_case(desk: Desk) -> None:
    _, incident = await dispatched(desk)
    token, other = await linked(desk, incident), await linked(desk, incident)
    listed = (await desk.get(f"/api/incidents/{incident}/links")).json()["items"]
    await desk.post(f"/api/incidents/{incident}/links/{listed[0]['id']}/revoke", {})
    assert await progress(desk, token) == 404
    assert (await progress(desk, other))["closed"] is False
    await desk.connection.execute("UPDATE incidents SET closed_at = now() - INTERVAL '23 hours'")
    assert (await progress(desk, other))["closed"] is True
    await desk.connection.execute("UPDATE incidents SET closed_at = now() - INTERVAL '25 hours'")
    assert await progress(desk, other) == 404
    again = await desk.post(f"/api/incidents/{incident}/links", {"relation": "儿子"})
    assert again.status_code == 422


async def test_whoever_guesses_must_wait(desk: Desk) -> None:
    answers = [await progress(desk, f"{n:040}") for n in range(30)]
    assert answers[0] == 404
    assert answers[-1] == 429


async def test_links_are_the_centres_and_of_its_places(desk: Desk) -> None:
    _, incident = await dispatched(desk)
    path = f"/api/incidents/{incident}/links"
    assert (await desk.post(path, {"relation": "女儿"}, "wuye")).status_code == 403
    assert (await desk.post(path, {"relation": "女儿"}, "zhao")).status_code == 404
    assert (await desk.get(path, "zhao")).status_code == 404


# ---------------------------------------------------------------- ratings


async def test_a_resident_rates_once_and_the_case_moves_on(desk: Desk) -> None:
    _, incident = await dispatched(desk)
    token = await linked(desk, incident)
    headers = {"X-Family-Token": token}
    early = await desk.client.post("/api/family/rating", json={"score": 5}, headers=headers)
    assert early.status_code == 409
    for action in ("acknowledge", "arrive", "handle", "report_back"):
        await step(desk, incident, action, "wuye", reason="到了", place="EST1-B1")
    await step(desk, incident, "verify", "wang", outcome="true_alarm")
    await step(desk, incident, "close", "wang", cause="illness")
    assert (await progress(desk, token))["rateable"] is True
    wish = {"score": 4, "words": "很快就到了，谢谢"}
    assert (await desk.client.post("/api/family/rating", json=wish, headers=headers)).status_code == 201
    assert (await desk.client.post("/api/family/rating", json=wish, headers=headers)).status_code == 409
    case = (await desk.get(f"/api/incidents/{incident}")).json()
    assert case["state"] == "rated"
    assert case["log"][-1]["actor"].startswith("link:")
    listed = (await desk.get("/api/ratings")).json()["items"]
    assert [(r["score"], r["given_by"]) for r in listed] == [(4, "resident")]
    assert (await desk.get("/api/ratings", most=3)).json()["items"] == []
    assert (await desk.get("/api/ratings", "zhao")).json()["items"] == []


async def test_the_centre_rates_where_nobody_else_does(desk: Desk) -> None:
    _, incident = await closed_case(desk)
    path = f"/api/incidents/{incident}/rating"
    assert (await desk.post(path, {"score": 6}, "li")).status_code == 422
    assert (await desk.post(path, {"score": 3}, "wuye")).status_code == 403
    assert (await desk.post(path, {"score": 3}, "li")).status_code == 201
    assert (await desk.post(path, {"score": 5}, "wang")).status_code == 409


# ---------------------------------------------------------------- repairs


async def false_alarms(desk: Desk, device: str, times: int) -> None:
    for _ in range(times):
        alert = await desk.alert(device=device)
        wish = {"action": "close", "outcome": "false_alarm", "note": "油烟", "cause": "cooking"}
        answer = await desk.post(f"/api/alerts/{alert}/actions", wish)
        assert answer.status_code == 200, answer.text


async def test_three_false_alarms_of_a_smoke_sensor_order_its_cleaning(desk: Desk) -> None:
    await false_alarms(desk, "smoke-1", 2)
    assert (await desk.get("/api/repairs")).json()["items"] == []
    await false_alarms(desk, "smoke-1", 1)
    (repair,) = (await desk.get("/api/repairs")).json()["items"]
    assert (repair["device"], repair["kind"], repair["facts"]) == (
        "smoke-1", "clean", {"false_alarms": 3, "days": 7},
    )  # fmt: skip
    await false_alarms(desk, "smoke-1", 2)
    kinds = [r["kind"] for r in (await desk.get("/api/repairs")).json()["items"]]
    assert kinds == ["threshold", "clean"]
    verdicts = (await desk.get("/api/verdicts", device="smoke-1")).json()
    assert (verdicts["false_alarm"], verdicts["rate"], verdicts["hints"][0]["due"]) == (5, 100, True)
    assert (await desk.get("/api/verdicts", rule="r")).json()["false_alarm"] == 5
    assert (await desk.get("/api/hints", "zhao")).json() == []
    assert (await desk.get("/api/needs-me")).json()["repairs"] == 2


async def test_a_false_alarm_that_was_an_incident_counts_too(desk: Desk) -> None:
    await false_alarms(desk, "smoke-1", 2)
    await closed_case(desk, outcome="false_alarm")
    assert [r["kind"] for r in (await desk.get("/api/repairs")).json()["items"]] == ["clean"]


async def test_three_false_calls_ask_for_a_visit(desk: Desk) -> None:
    await desk.connection.execute(
        "INSERT INTO devices (id, estate, place, profile, name_zh, name_en)"
        " VALUES ('sos-1', 'EST1', 'EST1-B1', 'sos_button', '按钮', 'Button')"
    )
    await false_alarms(desk, "sos-1", 3)
    (visit,) = (await desk.get("/api/repairs")).json()["items"]
    assert visit["kind"] == "reinstruct"
    path = f"/api/repairs/{visit['id']}/actions"
    assert (await desk.post(path, {"action": "assign"}, "wuye")).status_code == 422
    assigned = await desk.post(path, {"action": "assign", "assignee": "网格员小陈"}, "wuye")
    assert assigned.json()["state"] == "assigned"
    stale = await desk.post(path, {"action": "done", "version": 1})
    assert stale.status_code == 409
    done = (await desk.post(path, {"action": "done", "note": "已讲解"}, "wuye")).json()
    assert (done["state"], done["legal"]) == ("done", [])
    assert (await desk.post(path, {"action": "done"})).status_code == 409
    await false_alarms(desk, "sos-1", 1)  # counted anew since the visit
    assert (await desk.get("/api/repairs")).json()["items"] == []
    assert (await desk.post(path, {"action": "done"}, "zhao")).status_code == 404


# ---------------------------------------------------------------- points

PROPOSAL = {
    "holder": "张三", "holder_kind": "volunteer", "family": "1栋101", "place": "EST1-B1", "rule": "patrol",
    "reason": "夜间巡逻",
}  # fmt: skip


async def published(desk: Desk, proposer: str = "wuye", **more: Any) -> dict[str, Any]:
    entry: dict[str, Any] = (await desk.post("/api/points", {**PROPOSAL, **more}, proposer)).json()
    for who in ("wang", "li", "boss"):
        answer = await desk.post(f"/api/points/{entry['id']}/reviews", {"decision": "approve"}, who)
        assert answer.status_code == 200, answer.text
        entry = answer.json()
    return entry


async def test_points_count_after_two_reviews_and_publication(desk: Desk) -> None:
    entry = (await desk.post("/api/points", PROPOSAL, "wuye")).json()
    path = f"/api/points/{entry['id']}/reviews"
    assert (entry["points"], entry["stand"]) == (2, "proposed")
    assert (await desk.post(path, {"decision": "approve"}, "wuye")).status_code == 403
    assert (await desk.post(path, {"decision": "approve"}, "wang")).json()["stand"] == "reviewed"
    assert (await desk.post(path, {"decision": "approve"}, "wang")).status_code == 403
    assert (await desk.post(path, {"decision": "approve"}, "li")).json()["stand"] == "approved"
    assert (await desk.post(path, {"decision": "approve"}, "wang")).status_code == 403
    assert (await desk.get("/api/points/totals")).json()["places"][0]["points"] == 0
    assert (await desk.post(path, {"decision": "approve"}, "boss")).json()["stand"] == "published"
    assert (await desk.post(path, {"decision": "approve"}, "boss")).status_code == 409
    assert (await desk.get("/api/points/totals")).json()["places"][0]["points"] == 2


async def test_points_add_up_over_the_levels_by_person_and_by_family(desk: Desk) -> None:
    await published(desk)
    await published(desk, holder="李四", rule="elder_visit")
    await published(desk, "zhao", holder="王五", family="", place="EST2", rule="false_report")
    totals = (await desk.get("/api/points/totals")).json()
    assert {p["code"]: p["points"] for p in totals["places"]} == {"510681": 2, "EST1": 5, "EST2": -3}
    assert {h["name"]: h["points"] for h in totals["holders"]} == {"张三": 2, "李四": 3, "王五": -3}
    assert {f["name"]: f["points"] for f in totals["families"]} == {"1栋101": 5}
    below = (await desk.get("/api/points/totals", node="EST1")).json()
    assert {p["code"]: p["points"] for p in below["places"]} == {"EST1": 5, "EST1-B1": 5}
    assert [s["code"] for s in (await desk.get("/api/points/totals", "zhao")).json()["path"]] == ["EST2"]


async def test_a_mistake_is_taken_back_by_a_counter_entry_only(desk: Desk) -> None:
    entry = await published(desk)
    path = f"/api/points/{entry['id']}/corrections"
    counter = (await desk.post(path, {"reason": "记错了人"}, "wuye")).json()
    assert (counter["points"], counter["corrects"], counter["stand"]) == (-2, entry["id"], "proposed")
    assert (await desk.post(path, {"reason": "再来一次"}, "wuye")).status_code == 409
    for who in ("wang", "li", "boss"):
        await desk.post(f"/api/points/{counter['id']}/reviews", {"decision": "approve"}, who)
    assert (await desk.get("/api/points/totals")).json()["places"][0]["points"] == 0


async def test_a_refused_entry_never_counts(desk: Desk) -> None:
    entry = (await desk.post("/api/points", PROPOSAL, "wuye")).json()
    path = f"/api/points/{entry['id']}/reviews"
    assert (await desk.post(path, {"decision": "refuse"}, "wang")).status_code == 422
    refused = await desk.post(path, {"decision": "refuse", "note": "没有来"}, "wang")
    assert refused.json()["stand"] == "refused"
    assert (await desk.post(path, {"decision": "approve"}, "li")).status_code == 409


TAMPERING: tuple[LiteralString, ...] = (
    "UPDATE points_ledger SET points = 100",
    "DELETE FROM points_ledger",
    "UPDATE points_reviews SET decision = 'approve'",
    "TRUNCATE points_reviews",
)


@pytest.mark.parametrize("tampering", TAMPERING)
async def test_the_ledger_only_grows(desk: Desk, tampering: LiteralString) -> None:
    await desk.post("/api/points", PROPOSAL, "wuye")
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        await desk.connection.execute(tampering)


async def test_the_platform_itself_can_deduct_nothing(desk: Desk) -> None:
    statement = (
        "INSERT INTO points_ledger (holder, holder_kind, place, rule, points, reason, proposed_by)"
        " SELECT 'x', 'volunteer', 'EST1', code, -5, 'late', %s FROM points_rules LIMIT 1"
    )
    for nobody in ("duty", "platform"):
        with pytest.raises(psycopg.errors.ForeignKeyViolation) as refused:
            await desk.connection.execute(statement, [nobody])
        assert refused.value.diag.constraint_name == "points_ledger_proposed_by_fkey"
    assert (await desk.connection.execute(statement, ["wang"])).rowcount == 1, "a person may propose"


async def test_the_sheet_of_points_runs_nothing(desk: Desk) -> None:
    await desk.post("/api/points", {**PROPOSAL, "holder": "=1+1"}, "wuye")
    text = (await desk.get("/api/points/entries.csv")).content.decode("utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(text))
    assert (line["姓名"], line["积分"], line["状态"]) == ("'=1+1", "2", "proposed")
    rule = {"code": "sweep", "points": 1, "name_zh": "清扫楼道", "name_en": "Swept the stairs"}
    assert (await desk.post("/api/points/rules", rule)).status_code == 403
    assert (await desk.post("/api/points/rules", rule, "boss")).status_code == 200
    assert "sweep" in [r["code"] for r in (await desk.get("/api/points/rules")).json()]
