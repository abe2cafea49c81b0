"""The place of one server inside the data folder: its folder, its log, and the lock of whoever runs it."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devices.errors import StackError
from simulators.stack.process import Owner


@dataclass(frozen=True, slots=True)
class Room:
    """Where one server keeps its files."""

    folder: Path
    log: Path
    owner: Owner

    def fresh_draft(self) -> Path:
        """Return an empty folder beside the room's own, to be renamed into place when it is complete."""
        draft = self.folder.with_name(f"{self.folder.name}.new")
        if draft.exists():
            shutil.rmtree(draft)
        return self.owner.folder(draft)


@contextmanager
def open_room(data: Path, name: str, owner: Owner) -> Iterator[Room]:
    """Claim one server's place in the data folder; a second supervisor on the same folder is refused."""
    data = data.absolute()
    try:
        if not data.exists():
            data.mkdir(parents=True, exist_ok=True)
            data.chmod(0o711 if owner.dropped else 0o700)  # whatever the umask says
        descriptor = os.open(data / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as exc:
        raise StackError(f"cannot write to the data folder {data}: {exc}") from exc
    try:
        owner.must_reach(data)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            holder = os.pread(descriptor, 20, 0).decode() or "unknown"
            raise StackError(
                f"process {holder} already runs {name} in {data}: stop it, or give this one its own folder"
            ) from exc
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        except OSError as exc:
            raise StackError(f"cannot write to the data folder {data}: {exc}") from exc
        yield Room(owner.folder(data / name), data / f"{name}.log", owner)
    finally:
        os.close(descriptor)
