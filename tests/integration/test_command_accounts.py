"""`shequ user`, `device` and `rule`: each does its work with its own account, which has no right to spare."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from console.__main__ import app
from ingest.store.roles import GRANTS, SETTING, VERBS, Grant, group
from rules.texts import shipped
from tests.parts import as_part

TOWN = """
INSERT INTO places (code, path, kind, name_zh, name_en) VALUES ('EST1', '{EST1}', 'estate', '一', 'One');
INSERT INTO devices (id, estate, place, profile, name_zh, name_en)
VALUES ('gate', 'EST1', 'EST1', 'access_gate', '门', 'Gate');
INSERT INTO people (id, name, roles, place) VALUES ('li', '李', '{PM}', 'EST1');
"""
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


@pytest.fixture
def server(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform whose settings name the owner of the database, and the folder of the accounts."""
    logins = tmp_path / "logins"
    logins.mkdir()
    for tool in STEPS:
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
    proven: set[Grant] = set()
    with psycopg.connect(database, autocommit=True) as connection:
        for step in STEPS[tool]:
            for right in step.rights(tool):
                connection.execute(f"REVOKE {right.verb} ON {right.table} FROM {group(tool)}")
                assert "permission denied" in refused(step.words), f"{step.words} does without {right}"
                connection.execute(f"GRANT {right.verb} ON {right.table} TO {group(tool)}")
                proven.add(right)
            assert refused(step.words) == "", step.words
    assert proven == {grant for grant in GRANTS.all if grant.part == tool}


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
