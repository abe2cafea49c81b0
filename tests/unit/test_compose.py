"""`compose.yaml` is valid, holds no password, and runs the same servers the embedded stack runs."""

from __future__ import annotations

import json
import re
import stat
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from simulators.stack import compose, mosquitto, postgres
from simulators.stack.accounts import parse_broker_url

FILE = Path(__file__).parents[2] / "compose.yaml"
OWN_PLACE = {"listener", "plugin", "plugin_opt_config_file", "persistence_location", "pid_file"}
# containers are reached over TCP, and their image logs on its own terms
SOCKET_ONLY = {"listen_addresses", "port", "unix_socket_directories", "unix_socket_permissions"}
LOGGING = {"log_timezone", "log_line_prefix"}


@pytest.fixture
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


def test_it_follows_the_compose_specification(document: dict[str, Any]) -> None:
    schema = json.loads(
        (files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json").read_text(encoding="utf-8")
    )
    jsonschema.validate(document, schema)


def test_the_schema_would_notice(document: dict[str, Any]) -> None:
    schema = json.loads(
        (files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json").read_text(encoding="utf-8")
    )
    document["services"]["broker"]["helthcheck"] = {}
    with pytest.raises(jsonschema.ValidationError, match="helthcheck"):
        jsonschema.validate(document, schema)


def test_images_are_pinned_and_only_this_machine_may_connect(document: dict[str, Any]) -> None:
    for service in document["services"].values():
        assert re.search(r":\d+\.\d+\.\d+(-pg17)?$", service["image"])
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert service["healthcheck"]["test"]


def test_every_secret_must_be_given() -> None:
    variables = re.findall(r"\$\{[^}]*\}", FILE.read_text(encoding="utf-8"))
    assert len(variables) == 2
    assert all(":?" in variable for variable in variables)


def test_the_broker_is_configured_like_the_embedded_one(document: dict[str, Any]) -> None:
    embedded = mosquitto.SETTINGS.splitlines()
    contained = document["configs"]["broker"]["content"].splitlines()
    assert _directives(contained) == _directives(embedded)


def test_the_database_is_configured_like_the_embedded_one(document: dict[str, Any]) -> None:
    embedded = dict(
        line.split(" = ") for line in postgres.SETTINGS.format(port=0, socket="", durable="on").splitlines()
    )
    contained = dict(
        word.removeprefix("-c").split("=") for word in document["services"]["database"]["command"][1:]
    )
    wanted = {name: value.strip("'") for name, value in embedded.items() if name not in SOCKET_ONLY | LOGGING}
    assert contained == wanted


def test_the_generated_files_fit_and_are_never_overwritten(tmp_path: Path) -> None:
    assert compose.main(tmp_path) == 0
    lines = dict(line.split("=", 1) for line in (tmp_path / ".env").read_text().splitlines())
    _, logins = parse_broker_url(lines["SHEQU_BROKER_URL"])
    accounts = json.loads(Path(lines["SHEQU_BROKER_ACCOUNTS"]).read_text())
    account = next(each for each in accounts["clients"] if each["username"] == logins.admin.username)
    assert {role["rolename"] for role in account["roles"]} == {"shequ-admin", "shequ-ingest", "shequ-gateway"}
    assert lines["SHEQU_DATABASE_PASSWORD"] in lines["SHEQU_DATABASE_URL"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_file()} == {0o600}
    before = (tmp_path / ".env").read_text()
    assert compose.main(tmp_path) == 1
    assert (tmp_path / ".env").read_text() == before


def _directives(lines: list[str]) -> list[str]:
    wanted = [line for line in lines if line and not line.startswith("#")]
    return sorted(line for line in wanted if line.split()[0] not in OWN_PLACE)
