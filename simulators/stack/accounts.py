"""The platform's own accounts: random passwords, made once, kept beside the data."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from devices.codec import subscriptions
from devices.errors import SettingError, StackError
from simulators.stack.model import BrokerAddress, BrokerLogins, Login

_FILE = "secrets.json"
_NAMES = ("database", "admin", "ingest", "gateway")
# Mosquitto's own default; the passwords are 192 random bits, which no number of rounds improves
_ROUNDS = 101
_EVENTS = ("event", "state", "availability", "reply")
_ORDERS = ("config", "command")


@dataclass(frozen=True, slots=True)
class Secrets:
    """The passwords of one data folder."""

    database: str = field(repr=False)
    broker: BrokerLogins


def make_logins() -> BrokerLogins:
    """Return the platform's accounts with fresh passwords."""
    return BrokerLogins(*(Login(f"shequ-{name}", secrets.token_urlsafe(24)) for name in _NAMES[1:]))


def keep_secrets(data: Path) -> Secrets:
    """Return the passwords of this data folder, making them on the first call."""
    path = data / _FILE
    draft = path.with_suffix(f".{os.getpid()}")
    if not path.exists():
        fresh = {name: secrets.token_urlsafe(24) for name in _NAMES}
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(fresh, file)
            os.link(draft, path)  # unlike a rename this never replaces passwords already in use
        except FileExistsError:
            pass
        except OSError as exc:
            raise StackError(f"cannot write {path}: {exc}") from exc
        finally:
            draft.unlink(missing_ok=True)
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
        logins = BrokerLogins(
            *(Login(f"shequ-{name}", words[name]) for name in ("admin", "ingest", "gateway"))
        )
        return Secrets(words["database"], logins)
    except (OSError, ValueError, KeyError) as exc:
        raise StackError(f"cannot read the passwords in {path}: {exc!r}") from exc


def parse_broker_url(url: str) -> tuple[BrokerAddress, BrokerLogins]:
    """Read `mqtt://user:password@host:port`; a configured broker has one account for all three uses."""
    pieces = urlsplit(url)
    if pieces.scheme not in {"mqtt", "mqtts"} or pieces.hostname is None:
        raise SettingError("SHEQU_BROKER_URL", "not of the form mqtt[s]://user:password@host:port")
    tls = pieces.scheme == "mqtts"
    login = Login(unquote(pieces.username or ""), unquote(pieces.password or ""))
    address = BrokerAddress(pieces.hostname, pieces.port or (8883 if tls else 1883), tls)
    return address, BrokerLogins(login, login, login)


def dynamic_security(logins: BrokerLogins, everything: Login | None = None) -> str:
    """Return the plugin's first configuration: the platform's accounts, and everything else denied.

    `everything` is one more account with the rights of all three, for a platform that is told one URL.
    """
    control = "$CONTROL/dynamic-security/#"
    foreign = [topic for topic in subscriptions() if not topic.startswith("shequ-platform/")]
    orders = [f"shequ/v1/+/+/{name}" for name in _ORDERS]
    roles = {
        logins.admin: _rights(send=[control, *orders], hear=[control]),
        logins.ingest: _rights(
            send=[*orders, "shequ-platform/#", "homeassistant/#"],
            hear=["shequ/v1/#", "shequ-platform/#", *foreign],
        ),
        logins.gateway: _rights(
            send=[*(f"shequ/v1/+/+/{name}" for name in _EVENTS), "shequ-platform/marker", *foreign],
            hear=[*orders, "shequ-platform/stream/#"],
        ),
    }
    names = [login.username for login in roles]
    clients = [_client(login, [login.username]) for login in roles]
    document = {
        "defaultACLAccess": {
            "publishClientSend": False,
            "publishClientReceive": False,
            "subscribe": False,
            "unsubscribe": True,
        },
        "clients": [*clients, *([_client(everything, names)] if everything else [])],
        "groups": [],
        "roles": [{"rolename": login.username, "acls": acls} for login, acls in roles.items()],
    }
    return json.dumps(document, indent=1)


def _client(login: Login, roles: list[str]) -> dict[str, object]:
    salt = os.urandom(12)
    digest = hashlib.pbkdf2_hmac("sha512", login.password.encode(), salt, _ROUNDS, 64)
    return {
        "username": login.username,
        "password": base64.b64encode(digest).decode(),
        "salt": base64.b64encode(salt).decode(),
        "iterations": _ROUNDS,
        "roles": [{"rolename": role} for role in roles],
    }


def _rights(*, send: list[str], hear: list[str]) -> list[dict[str, object]]:
    kinds = [("publishClientSend", topic) for topic in send]
    kinds += [(kind, topic) for topic in hear for kind in ("subscribePattern", "publishClientReceive")]
    return [{"acltype": kind, "topic": topic, "priority": 0, "allow": True} for kind, topic in kinds]
