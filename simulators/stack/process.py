"""Start, watch and stop the programs of the stack; nothing outlives its supervisor.

Each server gets a session of its own, so that Ctrl-C in the terminal reaches the supervisor only
and servers stop in order. Where the host has `setpriv`, the kernel sends the server its stop
signal when the supervisor dies, even by kill -9.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, TypedDict

from devices.errors import StackError

# a foreign LD_LIBRARY_PATH would win over the bundle's own libraries, so nothing is inherited
SET_CLOCK = ("LD_PRELOAD", "FAKETIME") if "FAKETIME_TIMESTAMP_FILE" in os.environ else ()
"""What the servers inherit in a drill that sets the clock (scripts/set_clock.sh)."""

CLEAN_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    "LC_ALL": "C",
    "HOME": "/",
    **{name: value for name, value in os.environ.items() if SET_CLOCK and name.startswith(SET_CLOCK)},
}
LOG_LIMIT = 16 * 1024 * 1024
TAIL = 2000


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Owner:
    """The account the servers run as: ourselves, or an unprivileged one when we are root."""

    uid: int
    gid: int
    name: str
    dropped: bool

    @property
    def identity(self) -> _Identity:
        """Return what subprocess needs to become this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.dropped else {}

    def folder(self, path: Path) -> Path:
        """Make a folder only this account may enter."""
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as exc:
            raise StackError(f"cannot make the folder {path}: {exc}") from exc
        if self.dropped:
            os.chown(path, self.uid, self.gid)
        path.chmod(0o700)
        return path

    def shared_folder(self, path: Path) -> Path:
        """Make such a folder where others may write too, refusing whatever they put there first."""
        try:
            path.mkdir(mode=0o700)
        except FileExistsError as exc:
            status = path.lstat()
            if not stat.S_ISDIR(status.st_mode) or status.st_uid != self.uid or status.st_mode & 0o077:
                raise StackError(f"{path} belongs to somebody else: choose a shorter data folder") from exc
            return path
        return self.folder(path)

    def write(self, path: Path, text: str) -> None:
        """Write a file only this account may read, whole or not at all."""
        draft = path.with_name(f".{path.name}.new")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(text)
                if self.dropped:
                    os.fchown(file.fileno(), self.uid, self.gid)
            draft.replace(path)
        except OSError as exc:
            raise StackError(f"cannot write {path}: {exc}") from exc

    def must_reach(self, path: Path) -> None:
        """Refuse a folder this account cannot walk to."""
        for folder in (path, *path.parents):
            if not self.dropped or not folder.exists():
                continue
            status = folder.stat()
            bit = 0o100 if status.st_uid == self.uid else 0o010 if status.st_gid == self.gid else 0o001
            if not status.st_mode & bit:
                raise StackError(
                    f"the servers run as {self.name!r}, who may not enter {folder} (mode "
                    f"{status.st_mode & 0o777:o}): choose another folder for {path}, for example "
                    "/var/lib/shequ, or start as an ordinary user instead of root"
                )


def server_owner() -> Owner:
    """Return the account the servers run as; PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid(), str(os.geteuid()), dropped=False)
    try:
        account = pwd.getpwnam("nobody")
    except KeyError as exc:
        raise StackError("started as root, and this machine has no account 'nobody' to drop to") from exc
    return Owner(account.pw_uid, account.pw_gid, account.pw_name, dropped=True)


async def run(
    *argv: str | Path, owner: Owner | None = None, cwd: Path | None = None, env: dict[str, str] | None = None
) -> str:
    """Run a program to its end and return what it printed; StackError when it fails."""
    command = [str(word) for word in argv]
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=cwd,
            env=CLEAN_ENVIRONMENT | (env or {}),
            start_new_session=True,
            **(owner.identity if owner else {}),
        )
    except OSError as exc:
        raise StackError(f"cannot run {command[0]}: {exc}") from exc
    try:
        output, _ = await process.communicate()
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    text = output.decode(errors="replace")
    if process.returncode:
        raise StackError(f"{' '.join(command)} ended with {process.returncode}: {text[-TAIL:].strip()}")
    return text


@dataclass(kw_only=True)
class Server:
    """One child process: its command, its log and the signals that stop it, gentlest first."""

    name: str
    argv: Sequence[str]
    owner: Owner
    log: Path
    stops: Sequence[tuple[signal.Signals, float]]
    cwd: Path
    environment: Mapping[str, str] = field(default_factory=lambda: CLEAN_ENVIRONMENT, repr=False)
    process: asyncio.subprocess.Process | None = None
    wanted: asyncio.Event = field(
        default_factory=asyncio.Event, repr=False
    )  # cleared: its keeper lets it lie

    def __post_init__(self) -> None:
        self.wanted.set()

    @property
    def pid(self) -> int:
        """Return the process id of the running server."""
        if self.process is None:
            raise StackError(f"{self.name} is not running")
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Say whether the process is there."""
        return self.process is not None and self.process.returncode is None

    async def start(self) -> None:
        """Start the program; being ready is the caller's question."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self.process = await asyncio.create_subprocess_exec(
                *_dies_with_us(self.stops[0][0]),
                *self.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                cwd=self.cwd,
                env=self.environment,
                start_new_session=True,
                **self.owner.identity,
            )
        except OSError as exc:
            raise StackError(f"cannot start {self.name} ({self.argv[0]}): {exc}") from exc
        finally:
            os.close(descriptor)

    async def stop(self) -> None:
        """Stop the server, asking ever less politely."""
        if self.process is None:
            return
        for sig, patience in self.stops:
            if self.process.returncode is None:
                with suppress(ProcessLookupError):
                    self.process.send_signal(sig)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), patience)
                break
        else:
            await self.kill()
        self.process = None

    async def kill(self) -> None:
        """End the server at once, as a power cut would."""
        if self.process is not None and self.process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()

    def last_words(self) -> str:
        """Return the end of the log, for error messages."""
        return self.log.read_text(errors="replace")[-TAIL:].strip() if self.log.exists() else ""


@dataclass(kw_only=True)
class Service(ABC):
    """What one server process offers, and the ways tests hurt it; without a server it is not ours."""

    what: ClassVar[str]
    server: Server | None = None

    @property
    def pid(self) -> int:
        """Return the server's process id."""
        return self._own().pid

    @property
    def alive(self) -> bool:
        """Say whether the server's process is there."""
        return self._own().alive

    @abstractmethod
    async def start(self) -> None:
        """Start it again and wait until it answers."""

    async def stop(self) -> None:
        """Stop it cleanly."""
        await self._own().stop()

    async def kill(self) -> None:
        """End it at once, as a power cut would."""
        await self._own().kill()

    async def restart(self) -> None:
        """Stop it, unless it is down already, and start it again."""
        await self.stop()
        await self.start()

    def _own(self) -> Server:
        if self.server is None:
            raise StackError(f"this {self.what} is configured, not ours to start or stop")
        return self.server


async def stop_stranger(
    pid: int, marks: Iterable[Path], stops: Sequence[tuple[signal.Signals, float]]
) -> bool:
    """Stop a server an earlier, killed supervisor left behind; False when the pid is somebody else's."""
    if not _belongs(pid, tuple(str(mark) for mark in marks)):
        return False
    for sig, patience in (*stops, (signal.SIGKILL, 10.0)):
        with suppress(ProcessLookupError):
            os.kill(pid, sig)
        deadline = asyncio.get_running_loop().time() + patience
        while asyncio.get_running_loop().time() < deadline:
            if not _exists(pid):
                return True
            await asyncio.sleep(0.05)
    raise StackError(f"process {pid}, left by an earlier run, does not stop")


def _exists(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # a zombie has already let go of everything


def _belongs(pid: int, marks: tuple[str, ...]) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return False
    return any(mark in words for mark in marks)


def _dies_with_us(sig: signal.Signals) -> list[str]:
    setpriv = shutil.which("setpriv", path=CLEAN_ENVIRONMENT["PATH"])
    return [setpriv, "--pdeathsig", sig.name.removeprefix("SIG"), "--"] if setpriv else []
