"""A small disk of the database's own, so that a drill can fill it: a tmpfs, which only root may mount."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from console.commands.local import Local
from devices.errors import StackError
from simulators.stack import Part
from simulators.stack.process import run

SIZE_MB: Final = 640


@asynccontextmanager
async def open_mounts() -> AsyncIterator[list[Path]]:
    """A list of what is mounted, which is unmounted when the block ends, newest first."""
    mounts: list[Path] = []
    try:
        yield mounts
    finally:
        for mount in reversed(mounts):
            await run("umount", mount)


async def small_disk(local: Local, mounts: list[Path]) -> Path:
    """Move the database's files to a small disk; answers where that is mounted."""
    service, home = local.stack.services[Part.DATABASE], local.data / "postgres"
    disk = local.data / "postgres.disk"
    disk.mkdir(mode=0o711)
    try:
        await run("mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=0711", "shequ-drill", disk)
    except StackError as exc:
        raise StackError(
            f"disk-full needs the right to mount a tmpfs: start the drill as root ({exc})"
        ) from exc
    mounts.append(disk)
    await service.stop()
    await run("cp", "-a", f"{home}/.", disk / "postgres")
    await run("mount", "--bind", disk / "postgres", home)
    mounts.append(home)
    await service.start()
    return disk
