"""The platform on one machine: the stack, the schema, and the platform's processes under supervision."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from devices.errors import StackError
from ingest.registry_ca import Authority
from ingest.settings import PREFIX
from ingest.store.migrate import migrate
from ingest.store.roles import SETTING, make_logins
from ingest.vault import add_key
from simulators.stack import BrokerAddress, Login, Stack, StackSettings, TlsFiles, open_stack
from simulators.stack.process import Owner, Server

log = logging.getLogger(__name__)

Say = Callable[[str], None]
STOPS = ((signal.SIGTERM, 15.0),)
RESTART_PAUSES = (0.1, 5.0)  # seconds before a fallen process is started again: at first, at most
STEADY = 30.0  # seconds after which a process counts as up, and the next pause is short again
ENTRY = {
    "ingest": "ingest",
    "serve": "console.serving",
    "duty": "console.duty",
    "deliver": "ingest.deliver",
    "watch": "console.watch",
    "receivers": "simulators.receivers",
    "scenes": "simulators.scenes",
}  # quicker to start than the whole command


KEYS = "personal.keys"
LOGINS = "logins"  # folder of the files with each part's account of the database


@dataclass(frozen=True, kw_only=True)
class Local:
    """A migrated stack and how the platform's processes are told of it."""

    stack: Stack
    data: Path
    environment: Mapping[str, str]
    logins: Mapping[str, str] = field(default_factory=dict)  # the database as each part may use it

    @property
    def keys(self) -> Path:
        """The file of the keys that personal data are sealed with."""
        return self.data / KEYS

    def child(self, *words: str, extra: Mapping[str, str] | None = None) -> Server:
        """Describe one platform process: `shequ <words>`, by its own entry point where it has one."""
        module = ENTRY.get(words[0])
        login = {SETTING: self.logins[words[0]]} if words[0] in self.logins else {}
        return Server(
            name=words[0],
            argv=[sys.executable, "-m", *((module, *words[1:]) if module else ("console", *words))],
            owner=Owner(os.geteuid(), os.getegid(), "self", dropped=False),
            log=self.data / "logs" / f"{words[0]}.log",
            stops=STOPS,
            cwd=Path.cwd(),
            environment={**self.environment, **login, **(extra or {})},
        )


@asynccontextmanager
async def open_local(settings: StackSettings, say: Say) -> AsyncIterator[Local]:
    """Run the stack with the current schema while the block runs."""
    authority = Authority.open(settings.data / "ca")
    server = authority.issue_server(("localhost", "127.0.0.1", socket.gethostname()))
    tls = TlsFiles(authority.pem, server.certificate, server.key or "")
    async with open_stack(replace(settings, tls=tls), say=say) as stack:
        (stack.data / "logs").mkdir(exist_ok=True)
        count = await asyncio.to_thread(migrate, stack.database_url)
        say(f"the database has the current schema ({count} migrations applied)")
        logins = await asyncio.to_thread(make_logins, stack.database_url, stack.data / LOGINS)
        keys = stack.data / KEYS
        if not keys.exists():
            add_key(keys)
        values = {
            "database_url": stack.database_url,
            "broker_url": broker_url(stack.broker, stack.ingest),
            "broker_admin_url": broker_url(stack.broker, stack.admin),
            "snapshots": str(stack.data / "snapshots"),
            "attachments": str(stack.data / "attachments"),
            "ca_folder": str(authority.folder),
            "personal_keys": str(keys),
            "database_logins": str(stack.data / LOGINS),
        }
        if stack.broker_certificates is not None:
            values["broker_certificate_url"] = str(stack.broker_certificates)
        config = stack.data / "shequ.toml"
        write_private(config, "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))
        inherited = {
            k: v for k, v in os.environ.items() if k not in ("SHEQU_DATABASE_URL", "SHEQU_BROKER_URL")
        }
        yield Local(
            stack=stack,
            data=stack.data,
            environment={**inherited, f"{PREFIX}CONFIG": str(config)},
            logins=logins,
        )


def broker_url(address: BrokerAddress, login: Login) -> str:
    """Write a broker address with its account."""
    scheme = "mqtts" if address.tls else "mqtt"
    return f"{scheme}://{quote(login.username)}:{quote(login.password)}@{address.host}:{address.port}"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as exc:
        raise StackError(f"cannot write {path}: {exc}") from exc


@asynccontextmanager
async def running(server: Server) -> AsyncIterator[Server]:
    """Keep a process alive while the block runs: one that falls is started again, and said so."""
    await server.start()
    async with asyncio.TaskGroup() as group:
        keeper = group.create_task(_keep(server), name=f"keep.{server.name}")
        try:
            yield server
        finally:
            keeper.cancel()
            await server.stop()


async def _keep(server: Server) -> None:
    loop = asyncio.get_running_loop()
    pause = RESTART_PAUSES[0]
    while True:
        started = loop.time()
        if server.process is not None:
            code = await server.process.wait()
            log.warning(
                "%s ended with %s, starting it again; see %s",
                server.name,
                code,
                server.log,
                extra={"action": "child_ended"},
            )
        pause = RESTART_PAUSES[0] if loop.time() - started > STEADY else min(pause * 3, RESTART_PAUSES[1])
        await asyncio.sleep(pause)
        await server.wanted.wait()
        await server.start()


def free_port() -> int:
    """A TCP port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def throw_away() -> Iterator[Path]:
    """A data folder for a stack that nobody will want again."""
    with tempfile.TemporaryDirectory(prefix="shequ-") as folder:
        Path(folder).chmod(0o711)  # as root the servers run as somebody else
        yield Path(folder) / "data"
