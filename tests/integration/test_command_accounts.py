"""Commands at the shell: each does its work with an account of its own, which has no right to spare."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from console.__main__ import app
from console.commands.local import broker_url
from ingest.store.roles import GRANTS, SETTING, VERBS, Grant, group
from ingest.vault import add_key
from rules.texts import shipped
from simulators.stack import Stack
from tests.parts import as_part

TOWN = """
INSERT INTO places (code, path, kind, name_zh, name_en) VALUES ('EST1', '{EST1}', 'estate', '一', 'One');
INSERT INTO devices (id, estate, place, profile, name_zh, name_en)
VALUES ('gate', 'EST1', 'EST1', 'access_gate', '门', 'Gate');
INSERT INTO people (id, name, roles, place) VALUES ('li', '李', '{PM}', 'EST1');
"""
LIFE = """
INSERT INTO devices (id, estate, place, profile, name_zh, name_en)
VALUES ('smoke', 'EST1', 'EST1', 'smoke_sensor', '烟', 'Smoke');
INSERT INTO incidents (case_code, state, severity, code, estate, place, opened_by)
VALUES ('51068120260601010000001', 'dispatched', 1, 'FIRE-001', 'EST1', 'EST1', 'wang');
INSERT INTO alerts
    (fingerprint, rule, rule_version, code, severity, estate, place, subject, device, reason, first_seen,
     last_seen)
VALUES ('f', 'FIRE-001', 1, 'FIRE-001', 1, 'EST1', 'EST1', 'smoke', 'smoke', 'condition_met', now(), now());
INSERT INTO users (name, display_name, password_hash, role, totp_secret)
VALUES ('wang', '王', 'x', 'operator', 'JBSWY3DPEHPK3PXP');
INSERT INTO personal.cared (person, estate, place, since) VALUES ('old-li', 'EST1', 'EST1', now());
INSERT INTO people (id, name, roles, place, cares_for) VALUES ('son', '李四', '{FAM}', 'EST1', 'old-li');
"""
CASE = "51068120260601010000001"
SHEET = "id,place,profile,name_zh,callees\nroof,EST1,smoke_sensor,屋顶,li\n"
WHO = "--reason drill --author wang"


@dataclass(frozen=True, slots=True)
class Step:
    """A command, and the rights that it proves to be needed, as `table verbs` in the words of grants.txt."""

    words: str
    needs: tuple[str, ...] = ()

    def rights(self, part: str) -> list[Grant]:
        """The same, one by one."""
        pairs = (each.split() for each in self.needs)
        return [Grant(part, table, VERBS[verb]) for table, verbs in pairs for verb in verbs]


STEPS = {
    "user": (
        Step("user add wang --role operator --scope EST1", ("users si", "places s", "audit_log i")),
        Step("user password wang", ("users u", "sessions sd", "login_tries d")),
        Step("user disable wang"),
        Step("user enable wang"),
        Step("user list", ("login_tries s",)),
    ),
    "device": (
        Step(
            "device add hall --profile smoke_sensor --place EST1",
            (
                "devices si",
                "places s",
                "device_history i",
                "device_credentials i",
                "device_wire s",
                "audit_log i",
                "feed si",
            ),
        ),
        Step("device rotate hall", ("devices u", "device_credentials u")),
        Step("device certificate hall --folder papers"),
        Step("device revoke hall --reason stolen", ("device_credentials s",)),
        Step("device import in.csv", ("people s", "callees i")),
        Step("device export out.csv", ("callees s",)),
        Step("device list"),
    ),
    "rule": (
        Step("rule list"),  # takes the shipped catalogue in
        Step("rule list", ("rules s", "rule_versions s")),
        Step(f"rule draft fire.yaml {WHO}", ("rules iu", "rule_versions i", "rule_log i")),
        Step(f"rule shadow FIRE-001 {WHO}", ("rule_versions u",)),
        Step(f"rule promote FIRE-001 {WHO}"),
        Step(
            "rule backtest FIRE-001 --days 1",
            (
                "events s",
                "device_status s",
                "devices s",
                "alerts s",
                "incidents s",
                "places s",
                "personal.cared s",
                "rule_overrides s",
            ),
        ),
        Step(f"rule rollback FIRE-001 {WHO}"),
        Step("rule show FIRE-001", ("rule_log s", "shadow_signals s")),
        Step("rule export --out rules"),
        Step(f"rule import fire.yaml {WHO}"),
        Step("rule state --device gate", ("engine_memory s", "ingest_progress s")),
    ),
}
AFTER = {  # what needs something that has happened
    "alert": (
        Step(
            "alert explain 1",
            (
                "alerts s",
                "places s",
                "rule_versions s",
                "alert_evidence s",
                "events s",
                "alert_log s",
                "rule_silences s",
            ),
        ),
        Step("alert why smoke", ("devices s", "personal.cared s", "rule_overrides s", "device_status s")),
    ),
    "dialect": (
        Step(
            "dialect set smoke zigbee2mqtt",
            ("devices su", "places s", "device_history i", "audit_log i", "device_wire s", "feed si"),
        ),
        Step("dialect find"),
    ),
    "dossier": (
        Step(
            f"dossier export {CASE} --reason drill --out it.zip",
            ("incidents s", "places s", "dossier_chain s", "audit_log i"),
        ),
        Step("dossier verify it.zip --database", ("audit_log s",)),
        Step(
            f"dossier check {CASE}",
            (
                "events s",
                "incident_log s",
                "orders s",
                "alerts s",
                "rule_versions s",
                "outbox s",
                "receipts s",
            ),
        ),
    ),
    "privacy": (
        Step("privacy seal", ("people su", "users su", "personal.fields i")),
        Step("privacy rotate", ("personal.fields su",)),
        Step("privacy verify", ("audit_log s", "retention_proofs s")),
    ),
    "replay": (
        Step(
            "replay --hours 1",
            (
                "rule_versions s",
                "places s",
                "devices s",
                "personal.cared s",
                "alerts s",
                "rule_overrides s",
                "device_status s",
                "events s",
                "alert_log s",
            ),
        ),
    ),
}


@pytest.fixture
def server(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform whose settings name the owner of the database, and the folder of the accounts."""
    logins = tmp_path / "logins"
    logins.mkdir()
    for tool in STEPS | AFTER:
        (logins / f"{tool}.env").write_text(f"{SETTING}={as_part(database, tool)}\n", "utf-8")
    (tmp_path / "in.csv").write_text(SHEET, "utf-8")
    fire = next(t.source for t in shipped() if t.rule.id == "FIRE-001")
    (tmp_path / "fire.yaml").write_text(f"{fire}\n# changed\n", "utf-8")
    with psycopg.connect(database) as connection:
        connection.execute(TOWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(SETTING, database)
    monkeypatch.setenv("SHEQU_DATABASE_LOGINS", str(logins))
    monkeypatch.setenv("SHEQU_OWN_BROKER_URL", "mqtts://localhost:8883")
    monkeypatch.setenv("SHEQU_BROKER_CERTIFICATE_URL", "mqtts://localhost:8883")
    monkeypatch.setenv("SHEQU_CA_FOLDER", str(tmp_path / "ca"))


def refused(words: str) -> str:
    """Run a command; answers what went wrong, nothing where all is well."""
    result = CliRunner().invoke(app, words.split())
    return "" if result.exit_code == 0 else f"{result.output}{result.exception!r}"


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("tool", STEPS)
def test_a_tool_works_with_its_own_account_and_has_no_right_to_spare(tool: str, database: str) -> None:
    assert proven(tool, STEPS[tool], database) == {grant for grant in GRANTS.all if grant.part == tool}


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("tool", AFTER)
def test_so_does_one_that_asks_what_has_happened(
    tool: str, database: str, stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_key(tmp_path / "personal.keys")
    monkeypatch.setenv("SHEQU_PERSONAL_KEYS", str(tmp_path / "personal.keys"))
    monkeypatch.setenv("SHEQU_BROKER_URL", broker_url(stack.broker, stack.ingest))
    assert refused("rule list") == ""  # takes the shipped catalogue in
    with psycopg.connect(database) as connection:
        connection.execute(LIFE)
    assert proven(tool, AFTER[tool], database) == {grant for grant in GRANTS.all if grant.part == tool}


def proven(tool: str, steps: tuple[Step, ...], database: str) -> set[Grant]:
    """Run commands, first without each of the rights they need; answers these rights."""
    found: set[Grant] = set()
    with psycopg.connect(database, autocommit=True) as connection:
        for step in steps:
            for right in step.rights(tool):
                connection.execute(f"REVOKE {right.verb} ON {right.table} FROM {group(tool)}")
                assert "permission denied" in refused(step.words), f"{step.words} does without {right}"
                connection.execute(f"GRANT {right.verb} ON {right.table} TO {group(tool)}")
                found.add(right)
            assert refused(step.words) == "", step.words
    return found


def test_the_three_are_kept_from_each_others_and_from_what_people_told(database: str) -> None:
    mine = {tool: {g.table for g in GRANTS.all if g.part == tool} for tool in STEPS}
    assert mine["user"] & mine["device"] == {"places", "audit_log"}
    assert "users" not in mine["device"] | mine["rule"]
    assert {t for tables in mine.values() for t in tables if t.startswith("personal.")} == {"personal.cared"}
    with (
        psycopg.connect(as_part(database, "user")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT actor FROM audit_log")


@pytest.mark.usefixtures("server")
def test_a_folder_of_another_database_is_not_used_and_one_without_the_file_is_complained_of(
    database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "logins" / "user.env").write_text(f"{SETTING}=postgresql://x:y@/elsewhere?host=%2Ftmp\n")
    assert refused("user list") == ""
    (tmp_path / "logins" / "user.env").unlink()
    assert f"shequ migrate --logins {tmp_path / 'logins'}" in refused("user list")
    monkeypatch.setenv(SETTING, as_part(database, "user"))
    monkeypatch.delenv("SHEQU_DATABASE_LOGINS")
    assert refused("user list") == ""
    assert "permission denied" in refused("device list")
