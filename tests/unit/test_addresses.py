"""Nothing leaves the machine without TLS unless somebody said so; every way out is looked at."""

from __future__ import annotations

import ast
import ssl
import stat
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509
from typer.testing import CliRunner

from console.__main__ import app
from console.serving import main as serve
from console.settings import ConsoleSettings
from devices.errors import SettingError
from ingest.addresses import address_problem, database_problem, problems
from ingest.camera.settings import load as load_node
from ingest.settings import BrokerAdminSettings, BrokerUrl, DatabaseSettings, IngestSettings, load
from ingest.transport import broker_context

ROOT: Final = Path(__file__).parents[2]
NEAR: Final = (
    "postgresql://a:b@/x?host=/run/sock", "postgresql://a:b@localhost/x", "postgresql://a:b@127.0.0.1/x",
    "postgresql://a:b@[::1]/x", "dbname=x", "host=@abstract dbname=x",
)  # fmt: skip
PROVEN: Final = (
    "postgresql://a:b@db.county/x?sslmode=verify-full&sslrootcert=/ca.pem",
    "host=db.county sslrootcert=system dbname=x",
)
FAR: Final = (
    "postgresql://a:b@db.county/x", "postgresql://a:b@db.county/x?sslmode=require",
    "postgresql://a:b@10.0.0.5/x?sslmode=verify-ca", "postgresql://a:b@localhost,db.county/x",
    "host=localhost hostaddr=10.0.0.5 dbname=x", "host=10.0.0.5 sslrootcert=system sslmode=prefer",
)  # fmt: skip


@pytest.mark.parametrize("url", [*NEAR, *PROVEN])
def test_a_database_at_hand_or_proven_is_taken(url: str) -> None:
    assert database_problem(url) is None


@pytest.mark.parametrize("url", FAR)
def test_a_database_far_away_must_prove_itself(url: str) -> None:
    assert "sslmode=verify-full" in (database_problem(url) or "")


def test_the_usual_variables_of_libpq_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.county")
    assert database_problem("dbname=x") is not None
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert database_problem("dbname=x") is None
    assert "service" in (database_problem("service=county") or "")


def test_addresses_without_tls_are_for_this_machine() -> None:
    for url in ("mqtt://a:b@localhost", "mqtt://[::1]:1883", "mqtts://broker.county", "https://id.county"):
        assert address_problem(url) is None, url
    assert "mqtts://" in (address_problem("mqtt://a:b@broker.county") or "")
    assert "https://" in (address_problem("http://10.0.0.5/realm") or "")


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("SHEQU_DATABASE_URL", "postgresql://a:canary@db.county/x", DatabaseSettings),
        ("SHEQU_BROKER_URL", "mqtt://a:canary@broker.county", IngestSettings),
        ("SHEQU_BROKER_ADMIN_URL", "mqtt://a:canary@broker.county", BrokerAdminSettings),
        ("SHEQU_OIDC_ISSUER", "http://id.county", ConsoleSettings),
    ],
)
def test_a_part_does_not_start_over_a_plain_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, kind: type[DatabaseSettings]
) -> None:
    monkeypatch.setenv("SHEQU_DATABASE_URL", "dbname=x")
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=rf"^{name}: .*TLS.*SHEQU_PLAIN_TRANSPORT") as caught:
        load(kind)
    assert "canary" not in str(caught.value)
    monkeypatch.setenv("SHEQU_PLAIN_TRANSPORT", "true")
    assert load(kind)


def test_the_console_does_not_listen_to_others_in_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEQU_DATABASE_URL", "dbname=x")
    monkeypatch.setenv("SHEQU_HOST", "0.0.0.0")
    with pytest.raises(SettingError, match=r"^SHEQU_HOST: .*SHEQU_TLS_CERTIFICATE"):
        serve()
    monkeypatch.setenv("SHEQU_TLS_HOSTS", "shequ.county")
    with pytest.raises(SettingError, match="SHEQU_CA_FOLDER"):
        serve()


def test_the_doctor_names_every_plain_line_and_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHEQU_DATABASE_URL", "postgresql://a:b@db.county/x")
    monkeypatch.setenv("SHEQU_BROKER_URL", "mqtt://a:b@broker.county")
    monkeypatch.setenv("SHEQU_HOST", "10.0.0.5")
    told = CliRunner().invoke(app, ["doctor", "--data", str(tmp_path)])
    assert told.exit_code == 1
    for name in ("SHEQU_DATABASE_URL", "SHEQU_BROKER_URL", "SHEQU_HOST"):
        assert told.output.count(name) == 1, told.output


def test_the_authority_signs_for_a_server_of_your_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = ["certificate", "db.county", "10.0.0.5", "--folder", str(tmp_path / "db")]
    assert isinstance(CliRunner().invoke(app, asked).exception, SettingError)
    monkeypatch.setenv("SHEQU_CA_FOLDER", str(tmp_path / "ca"))
    told = CliRunner().invoke(app, asked)
    assert told.exit_code == 0, told.output
    files = {file.name: file for file in (tmp_path / "db").iterdir()}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files.values()} == {0o600}
    trusting = ssl.create_default_context(cafile=files["ca.pem"])
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
        files["server.pem"], files["server-key.pem"]
    )
    assert trusting.cert_store_stats()["x509_ca"] == 1
    made = x509.load_pem_x509_certificate(files["server.pem"].read_bytes())
    made.verify_directly_issued_by(x509.load_pem_x509_certificate(files["ca.pem"].read_bytes()))
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["db.county"]


def test_a_camera_node_does_not_start_over_a_plain_line(tmp_path: Path) -> None:
    text = (
        'folder = "x"\n[broker]\nhost = "broker.county"\nMORE\n'
        '[[cameras]]\ndevice = "c"\nestate = "e"\npassword = "canary"\nurl = "rtsp://127.0.0.1/"\n'
    )
    file = tmp_path / "node.toml"
    file.write_text(text.replace("MORE", ""))
    with pytest.raises(SettingError, match="tls = true"):
        load_node(file)
    for enough in ('tls = true\nca = "/ca.pem"', "plain = true"):
        file.write_text(text.replace("MORE", enough))
        assert load_node(file).broker.host == "broker.county"


def test_a_camera_node_shows_nobody_a_plain_picture(tmp_path: Path) -> None:
    text = (
        'folder = "x"\n[broker]\nhost = "127.0.0.1"\n[live]\nsecret = "canary"\nhost = "10.0.0.7"\nMORE\n'
        '[[cameras]]\ndevice = "c"\nestate = "e"\npassword = "canary"\nurl = "rtsp://127.0.0.1/"\n'
    )
    file = tmp_path / "node.toml"
    for wrong, why in (("", "without TLS"), ('certificate = "/c.pem"', "belong together")):
        file.write_text(text.replace("MORE", wrong))
        with pytest.raises(SettingError, match=why):
            load_node(file)
    for enough in ('certificate = "/c.pem"\nkey = "/k.pem"', "plain = true"):
        file.write_text(text.replace("MORE", enough))
        assert load_node(file).live.host == "10.0.0.7"


def test_the_console_fetches_no_plain_picture_from_another_machine() -> None:
    nodes = "https://a.county:8091, http://127.0.0.1:8091,http://b.county:8091"
    settings = ConsoleSettings.model_construct(camera_nodes=nodes)
    assert [(name, problem.split()[0]) for name, problem in problems(settings)] == [
        ("camera_nodes", "b.county")
    ]


def test_the_brokers_authority_stands_in_its_address(tmp_path: Path) -> None:
    assert BrokerUrl("mqtts://a:b@h?ca=/etc/ca.pem").ca == Path("/etc/ca.pem")
    assert BrokerUrl("mqtts://a:b@h").ca is None
    with pytest.raises(SettingError, match="no authority's certificate in"):
        broker_context(BrokerUrl(f"mqtts://a:b@h?ca={tmp_path / 'none.pem'}"))


PRIVATE: Final = ("bench_", "drill_", "shift.py", "storm.py")
"""Drills and benches, which bring a stack of their own on the loopback."""


def test_every_client_of_the_broker_checks_who_answers() -> None:
    """Each is handed what `broker_context` makes of its address, and nothing else."""
    seen = 0
    for package in ("ingest", "console"):
        for file in (f for f in (ROOT / package).rglob("*.py") if not f.name.startswith(PRIVATE)):
            for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "aiomqtt.Client":
                    seen += 1
                    told = {word.arg: ast.unparse(word.value) for word in call.keywords}
                    assert told.get("tls_context", "").startswith("broker_context("), file
    assert seen >= 5
