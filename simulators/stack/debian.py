"""Fetch Debian packages with the host's own apt, leaving the host's package database alone.

apt gets a configuration, lists and cache of its own and an empty list of installed packages, so it
resolves the whole dependency tree; signatures stay checked against Debian's archive keyring. Only the
host's download settings (proxy, certificates) are taken over, never its hooks.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from devices.errors import StackError
from simulators.stack.process import run

SUITE = "trixie"
PACKAGES = ("postgresql-17", "postgresql-17-timescaledb", "mosquitto")
KEYRINGS = tuple(
    Path("/usr/share/keyrings") / f"debian-archive-keyring.{suffix}" for suffix in ("gpg", "pgp")
)
OTHER_WAYS = (
    "elsewhere: `docker compose up`, or set SHEQU_DATABASE_URL and SHEQU_BROKER_URL to servers you have"
)
_RELEASES = frozenset({"stable", "oldstable", "testing", "unstable", "sid"})
# libraries only these need are the perl, JIT and installation machinery, which a private copy never runs
_NOT_NEEDED = re.compile(
    r"^(libllvm|libz3|libperl|libdb5|libpam-modules|libsemanage|libsepol|libdebconfclient|libc-|"
    r"libaudit-common|libproc2|libncursesw|libgdbm|libtext-|libjson-|libipc-|libio-)"
)
_NEEDED = re.compile(r"^(lib|zlib1g$|postgresql-17|postgresql-client-17$|mosquitto$)")
_INDEX = re.compile(r"^'(?P<site>[^']+?)/dists/(?P<suite>[^/']+)/", re.MULTILINE)
_URI_LINE = re.compile(r"^'\S+' (?P<name>[^_]+)_(?P<version>[^_]+)_[^_ ]+\.deb ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Archive:
    """A Debian mirror and the keyring that vouches for it."""

    mirror: str
    keyring: Path


@dataclass(frozen=True, slots=True)
class Package:
    """One package at one version."""

    name: str
    version: str


def find_keyring() -> Path:
    """Return the Debian archive keyring, after checking that the tools are there."""
    missing = [tool for tool in ("apt-get", "apt-config", "dpkg-deb") if shutil.which(tool) is None]
    if missing:
        raise StackError(f"cannot unpack Debian packages here: no {', '.join(missing)}; {OTHER_WAYS}")
    for keyring in KEYRINGS:
        if keyring.exists():
            return keyring
    raise StackError(
        f"no Debian archive keyring ({KEYRINGS[0]}): install the package debian-archive-keyring; {OTHER_WAYS}"
    )


async def find_archive(mirror: str | None) -> Archive:
    """Return where to fetch from: the mirror given, or the one the host's own apt uses."""
    keyring = find_keyring()
    if mirror is not None:
        return Archive(mirror, keyring)
    # unlike `indextargets` this answers on a fresh image too, where apt has no lists yet
    listing = await run("apt-get", "update", "--print-uris")
    return Archive(pick_mirror(listing, os_release()), keyring)


def os_release(path: Path = Path("/etc/os-release")) -> dict[str, str]:
    """Return what the system says it is."""
    if not path.exists():
        return {}
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    return {key: value.strip("\"'") for key, value in pairs}


def pick_mirror(listing: str, release: dict[str, str]) -> str:
    """Pick the Debian mirror out of the addresses `apt-get update` would fetch."""
    if release.get("ID") == "debian":
        suites = _RELEASES | {release.get("VERSION_CODENAME", "stable")}
        sites = [match["site"] for match in _INDEX.finditer(listing) if match["suite"] in suites]
        if sites:
            return next((site for site in sites if site.rstrip("/").endswith("/debian")), sites[0])
    raise StackError(
        "apt's sources on this machine name no Debian mirror: set SHEQU_DEBIAN_MIRROR to the address of one, "
        f"or {OTHER_WAYS}"
    )


async def fetch(archive: Archive, work: Path) -> tuple[tuple[Package, ...], tuple[Path, ...]]:
    """Resolve and download the packages into `work`; return what they are and where they lie."""
    environment = await _prepare(archive, work)
    try:
        await run("apt-get", "update", env=environment, cwd=work)
        plan = await run("apt-get", "install", "--print-uris", "--yes", *PACKAGES, env=environment, cwd=work)
        packages = needed(plan)
        folder = work / "debs"
        folder.mkdir()
        names = [f"{package.name}={package.version}" for package in packages]
        await run("apt-get", "download", *names, env=environment, cwd=folder)
    except StackError as exc:
        raise StackError(
            f"cannot fetch the servers from the Debian mirror {archive.mirror}: the first start needs the "
            f"network once, later ones do not; {OTHER_WAYS}. apt said: {exc}"
        ) from exc
    return packages, tuple(sorted(folder.glob("*.deb")))


def needed(plan: str) -> tuple[Package, ...]:
    """Return the packages of apt's plan a private copy runs: programs and shared libraries."""
    rows = (Package(m["name"], m["version"].replace("%3a", ":")) for m in _URI_LINE.finditer(plan))
    found = tuple(
        row
        for row in rows
        if _NEEDED.match(row.name) and not _NOT_NEEDED.match(row.name) and not row.name.endswith("-perl")
    )
    lost = set(PACKAGES) - {package.name for package in found}
    if lost:
        raise StackError(f"the mirror offers no {', '.join(sorted(lost))} for {SUITE}")
    return found


async def _prepare(archive: Archive, work: Path) -> dict[str, str]:
    for folder in ("state/lists/partial", "cache/archives/partial", "empty"):
        (work / folder).mkdir(parents=True)
    (work / "status").touch()
    source = f"deb [signed-by={archive.keyring}] {archive.mirror} {SUITE} main\n"
    (work / "sources.list").write_text(source)
    dump = await run("apt-config", "dump")
    kept = [
        line for line in dump.splitlines() if line.startswith("Acquire::") and "::IndexTargets" not in line
    ]
    ours = {
        "Dir::State": work / "state",
        "Dir::State::status": work / "status",
        "Dir::Cache": work / "cache",
        "Dir::Etc::main": work / "empty" / "none",
        "Dir::Etc::parts": work / "empty",
        "Dir::Etc::sourcelist": work / "sources.list",
        "Dir::Etc::sourceparts": work / "empty",
        "Dir::Etc::preferences": work / "empty" / "none",
        "Dir::Etc::preferencesparts": work / "empty",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "root",
        "APT::Update::Error-Mode": "any",  # else an update without a network is a success
        "Acquire::Languages": "none",
        "Acquire::Retries": "1",
    }
    lines = [*kept, *(f'{key} "{value}";' for key, value in ours.items())]
    (work / "apt.conf").write_text("\n".join(lines) + "\n")
    return {"APT_CONFIG": str(work / "apt.conf"), "DEBIAN_FRONTEND": "noninteractive"}
