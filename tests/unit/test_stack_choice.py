"""Where servers come from is decided without side effects, and every decision says why."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.errors import SettingError, StackError
from simulators.stack import (
    BrokerAddress,
    BrokerLogins,
    Login,
    Part,
    Source,
    StackSettings,
    choose,
    describe,
    open_mosquitto,
)
from simulators.stack import choice as decide
from simulators.stack.accounts import dynamic_security, keep_secrets, make_logins, parse_broker_url
from simulators.stack.bundle import RECIPE, cached, obtain
from simulators.stack.debian import Package, needed, pick_mirror
from simulators.stack.mosquitto import free_port

MIRROR = "http://mirror.example/debian"
BOOKWORM = {"ID": "debian", "VERSION_CODENAME": "bookworm"}


def listing(*addresses: str) -> str:
    return "\n".join(f"'{address}' some_file 0" for address in addresses)


@pytest.fixture
def settings(tmp_path: Path) -> StackSettings:
    return StackSettings(data=tmp_path / "data", cache=tmp_path / "cache")


@pytest.fixture
def bare_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulators.stack.choice.host_postgres", tuple)
    monkeypatch.setattr("simulators.stack.choice.host_mosquitto", lambda: None)


def plant_bundle(cache: Path) -> Path:
    root = cache / "bundle-x"
    (root / "usr/sbin").mkdir(parents=True)
    (root / "usr/sbin/mosquitto").touch()
    versions = {"postgresql-17-timescaledb": "2.19.3-1", "mosquitto": "2.0.21-1"}
    entry = {"folder": root.name, "root": str(root), "versions": versions}
    (cache / f"current-{RECIPE}.json").write_text(json.dumps(entry))
    return root


def test_a_configured_server_wins_and_its_password_is_not_shown(tmp_path: Path) -> None:
    settings = StackSettings(
        data=tmp_path,
        database_url="postgresql://me:hidden1@db.example/shequ?password=hidden2",
        broker_url="mqtt://me:hidden3@mq.example:1884",
    )
    choices = choose(settings)
    assert [choice.source for choice in choices] == [Source.CONFIGURED, Source.CONFIGURED]
    assert describe(choices) == (
        "database: configured (postgresql://db.example/shequ): SHEQU_DATABASE_URL is set",
        "broker: configured (mqtt://mq.example): SHEQU_BROKER_URL is set",
    )
    (database, _) = choose(StackSettings(data=tmp_path, database_url="host=db password=hidden"))
    assert "hidden" not in str(database)


def test_servers_on_the_host_come_next_when_they_fit(
    settings: StackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = (
        decide.PostgresPrograms(Path("/pg16"), 16, timescaledb=True),
        decide.PostgresPrograms(Path("/pg17"), 17, timescaledb=True),
        decide.PostgresPrograms(Path("/pg18"), 18, timescaledb=False),
    )
    monkeypatch.setattr("simulators.stack.choice.host_postgres", lambda: found)
    broker = decide.MosquittoPrograms(Path("/mosquitto"), (2, 0), Path("/plugin.so"))
    monkeypatch.setattr("simulators.stack.choice.host_mosquitto", lambda: broker)
    assert [(choice.source, choice.detail) for choice in choose(settings)] == [
        (Source.HOST, "/pg17"),
        (Source.HOST, "/mosquitto"),
    ]


@pytest.mark.parametrize(
    "found",
    [
        decide.MosquittoPrograms(Path("/mosquitto"), (1, 6), Path("/plugin.so")),
        decide.MosquittoPrograms(Path("/mosquitto"), (2, 0), None),
    ],
)
def test_a_broker_that_does_not_fit_is_passed_over_with_the_reason(
    settings: StackSettings, monkeypatch: pytest.MonkeyPatch, found: decide.MosquittoPrograms
) -> None:
    plant_bundle(settings.cache or Path())
    monkeypatch.setattr("simulators.stack.choice.host_mosquitto", lambda: found)
    choice = decide.choose_broker(settings)
    assert choice.source is Source.BUNDLE
    assert "older than 2.0 or has no dynamic security plugin" in choice.reason


@pytest.mark.usefixtures("bare_host")
def test_the_bundle_is_last_and_an_unpacked_one_needs_nothing(
    settings: StackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = plant_bundle(settings.cache or Path())
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)  # no apt, no dpkg: it is not asked
    assert [(choice.part, choice.source, choice.detail) for choice in choose(settings)] == [
        (Part.DATABASE, Source.BUNDLE, str(root)),
        (Part.BROKER, Source.BUNDLE, str(root)),
    ]


@pytest.mark.usefixtures("bare_host")
def test_choosing_leaves_no_trace(settings: StackSettings, tmp_path: Path) -> None:
    choose(settings)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("bare_host")
async def test_without_debian_tools_the_message_names_the_other_ways(
    settings: StackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    assert [choice.source for choice in choose(settings)] == [Source.NONE, Source.NONE]
    with pytest.raises(StackError, match=r"no apt-get, apt-config, dpkg-deb.*docker compose up"):
        async with open_mosquitto(settings, say=print):
            pytest.fail("started out of nothing")


def test_a_moved_cache_is_no_cache(settings: StackSettings, tmp_path: Path) -> None:
    plant_bundle(tmp_path / "cache")
    assert cached(settings) is not None
    (tmp_path / "cache").rename(tmp_path / "elsewhere")
    assert cached(StackSettings(data=tmp_path, cache=tmp_path / "elsewhere")) is None


@pytest.mark.parametrize(
    ("addresses", "mirror"),
    [
        ([f"{MIRROR}/dists/bookworm/InRelease"], MIRROR),
        (
            [f"{MIRROR}-security/dists/bookworm-security/InRelease", f"{MIRROR}/dists/bookworm/InRelease"],
            MIRROR,
        ),
        (["https://x.example/apt/dists/bookworm/InRelease", f"{MIRROR}/dists/bookworm/InRelease"], MIRROR),
        (
            ["mirror+file:/etc/apt/m/debian.list/dists/bookworm/InRelease"],
            "mirror+file:/etc/apt/m/debian.list",
        ),
        ([f"{MIRROR}/dists/stable/InRelease"], MIRROR),
    ],
)
def test_the_mirror_is_the_one_the_host_uses(addresses: list[str], mirror: str) -> None:
    assert pick_mirror(listing(*addresses), BOOKWORM) == mirror


@pytest.mark.parametrize(
    ("addresses", "release"),
    [
        ([], BOOKWORM),
        (["http://x.example/debian-security/dists/bookworm-security/InRelease"], BOOKWORM),
        (["http://x.example/ubuntu/dists/noble/InRelease"], {"ID": "ubuntu", "VERSION_CODENAME": "noble"}),
    ],
)
def test_where_no_debian_mirror_is_known_the_setting_is_named(
    addresses: list[str], release: dict[str, str]
) -> None:
    with pytest.raises(StackError, match="SHEQU_DEBIAN_MIRROR"):
        pick_mirror(listing(*addresses), release)


def test_only_programs_and_libraries_are_fetched() -> None:
    names = [
        "libc6_2.41-1",
        "libpq5_17.1-1",
        "libcrypt1_1%3a4.4-1",
        "postgresql-17_17.1-1",
        "mosquitto_2.0-1",
    ]
    names += ["postgresql-17-timescaledb_2.19-1", "postgresql-client-17_17.1-1", "zlib1g_1-1"]
    others = ["libllvm19_1-1", "perl-base_5-1", "libjson-perl_4-1", "locales_2-1", "adduser_3-1"]
    others += ["postgresql-common_278-1", "debconf_1-1", "libc-bin_2-1"]
    plan = "\n".join(f"'{MIRROR}/pool/x.deb' {name}_amd64.deb 1 SHA256:0" for name in [*names, *others])
    packages = needed(plan)
    assert [package.name for package in packages] == [name.split("_")[0] for name in names]
    assert Package("libcrypt1", "1:4.4-1") in packages
    with pytest.raises(StackError, match="mosquitto"):
        needed(plan.replace("mosquitto", "other"))


@pytest.fixture
def reachable() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="shequ-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="needs apt")
async def test_the_first_start_without_network_says_so(reachable: Path) -> None:
    with socket.socket() as closed:  # bound, not listening: whoever connects is refused
        closed.bind(("127.0.0.1", 0))
        mirror = f"http://127.0.0.1:{closed.getsockname()[1]}/debian"
        settings = StackSettings(data=reachable, cache=reachable / "cache", mirror=mirror)
        with pytest.raises(StackError, match=r"needs the network once.*docker compose up"):
            await obtain(settings, print)
    assert os.listdir(reachable / "cache") == ["lock"]  # noqa: PTH208 - blocking is fine here


def test_a_broker_url_is_read_whole() -> None:
    address, logins = parse_broker_url("mqtts://me:p%40ss@mq.example")
    assert address == BrokerAddress("mq.example", 8883, tls=True)
    assert logins == BrokerLogins(*[Login("me", "p@ss")] * 3)
    with pytest.raises(SettingError, match="SHEQU_BROKER_URL"):
        parse_broker_url("http://mq.example")


def test_passwords_are_made_once(tmp_path: Path) -> None:
    assert keep_secrets(tmp_path) == keep_secrets(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.json"]
    (tmp_path / "secrets.json").write_text("{}")
    with pytest.raises(StackError, match=r"secrets\.json"):
        keep_secrets(tmp_path)


def test_broker_accounts_hold_no_password_and_deny_by_default() -> None:
    logins = make_logins()
    document = json.loads(dynamic_security(logins))
    assert not any(
        document["defaultACLAccess"][kind]
        for kind in ("publishClientSend", "publishClientReceive", "subscribe")
    )
    client = document["clients"][0]
    salt = base64.b64decode(client["salt"])
    digest = hashlib.pbkdf2_hmac("sha512", logins.admin.password.encode(), salt, client["iterations"], 64)
    assert base64.b64decode(client["password"]) == digest
    assert logins.admin.password not in json.dumps(document)


def test_a_free_port_is_kept_and_a_taken_one_replaced() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        taken = probe.getsockname()[1]
        probe.listen()
        assert free_port(taken) != taken
    assert free_port(taken) == taken
