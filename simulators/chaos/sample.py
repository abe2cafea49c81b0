"""What a process takes, read from /proc: memory, connections, file handles, and that of its children."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What a process and its children hold now.

    `rss_bytes` of several processes counts shared pages once: it is their proportional share.
    """

    rss_bytes: int
    sockets: int
    handles: int
    processes: int

    def as_json(self) -> dict[str, int]:
        """The same, for a report."""
        return asdict(self)


def resident_bytes(pid: int) -> int:
    """Resident memory of one process."""
    return int((PROC / str(pid) / "statm").read_text().split()[1]) * _PAGE


def processor_seconds(pid: int) -> float:
    """Processor time that one process has used so far, in its own code and in the kernel for it."""
    fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def taken(pid: int) -> Taken:
    """What a process and everything below it hold; one that has gone meanwhile counts nothing."""
    memory = sockets = handles = count = 0
    for each in (pid, *_below(pid)):
        try:
            links = list(_links(PROC / str(each) / "fd"))
            memory += _share(each)
        except (FileNotFoundError, ProcessLookupError):
            continue
        sockets += sum(link.startswith("socket:") for link in links)
        handles += len(links)
        count += 1
    return Taken(rss_bytes=memory, sockets=sockets, handles=handles, processes=count)


def _links(folder: Path) -> Iterator[str]:
    """What a process has open; what it closes meanwhile is passed over, our own look at it too."""
    for entry in list(folder.iterdir()):
        with suppress(FileNotFoundError):
            yield str(entry.readlink())


def _share(pid: int) -> int:
    """The proportional share of memory: what PostgreSQL's processes share is not counted again and again."""
    for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return resident_bytes(pid)


def _below(pid: int) -> Iterator[int]:
    """All descendants of a process."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in PROC.iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            children[int(fields[1])].append(int(entry.name))
    waiting = children[pid]
    while waiting:
        found = waiting.pop()
        yield found
        waiting = waiting + children[found]
