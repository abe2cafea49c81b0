"""A case's dossier as one file: a ZIP of its entries, a page for people, and the photos.

The same chain for the same person, reason and time gives the same bytes. `verify` needs the file only: it
follows the chain, compares what is shown with the seal, and names what does not fit.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from console.dossier import Case, exact
from console.dossier_page import render
from console.problems import Invalid
from rules.chain import FIRST, Entry, Finding, Flaw, canonical, check, sha256
from rules.masking import mask

FORMAT: Final = "shequ-dossier/1"
MANIFEST: Final = "manifest.json"
PAGE: Final = "dossier.html"
LARGEST: Final = 256 * 1024 * 1024  # unpacked: a small archive may hold a large bomb
_WHEN: Final = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP can say: the file's own time tells nothing
_PHOTO: Final = re.compile(r"photos/[0-9a-f]{64}\.jpg")


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Who wants a copy, why, when, and whether personal data may be seen."""

    by: str
    reason: str
    at: datetime
    personal: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """A finished copy."""

    content: bytes
    seal: str
    head: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """What a file turned out to be."""

    case_code: str
    exported: Mapping[str, Any]
    entries: int
    head: str
    seal: str
    findings: tuple[Finding, ...]


def build(case: Case, entries: Sequence[Entry], request: Request, photos: Mapping[str, bytes]) -> Copy:
    """Make a copy; `photos` are the files at hand by their SHA-256."""
    shown = [_shown(entry, personal=request.personal) for entry in entries]
    about = {
        "id": case.id,
        "code": case.code,
        "kind": case.kind,
        "closed": case.closed,
        "path": [dict(step) for step in case.path],
    }
    exported = {
        "by": request.by,
        "reason": request.reason,
        "at": request.at.isoformat(),
        "personal": request.personal,
    }
    page = render(about, exported, shown, photos.keys())
    files = {PAGE: page.encode(), **{f"photos/{name}.jpg": photos[name] for name in sorted(photos)}}
    manifest = {
        "format": FORMAT,
        "case": about,
        "exported": exported,
        "head": entries[-1].hash if entries else FIRST,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "entries": shown,
    }
    seal = _seal(manifest)
    text = _written({**manifest, "seal": seal})
    return Copy(content=_packed({MANIFEST: text.encode(), **files}), seal=seal, head=str(manifest["head"]))


def verify(content: bytes) -> Verified:
    """Check a copy.

    Raises Invalid for a file that is no dossier at all.
    """
    files = _unpacked(content)
    try:
        manifest = exact(files[MANIFEST].decode())
        entries = [_entry(row) for row in manifest["entries"]]
        case, seal = manifest["case"], str(manifest["seal"])
        findings = (
            *check(case["id"], entries),
            *_shown_findings(manifest["entries"]),
            *_whole_findings(manifest, entries, seal),
            *_file_findings(manifest["files"], files),
        )
        return Verified(
            case_code=str(case["code"]),
            exported=manifest["exported"],
            entries=len(entries),
            head=str(manifest["head"]),
            seal=seal,
            findings=findings,
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as exc:
        raise Invalid({"file": f"this is no dossier, or its manifest was broken: {exc}"}) from exc


def _shown(entry: Entry, *, personal: bool) -> dict[str, Any]:
    body = dict(entry.body) if personal else mask(entry.body)
    masked = body != entry.body
    return {
        "seq": entry.seq,
        "kind": entry.kind,
        "ref": entry.ref,
        "at": entry.at,
        **({"masked": True} if masked else {"salt": entry.salt}),
        "body": body,
        "shown": sha256(canonical(body)),
        "digest": entry.digest,
        "prev": entry.prev,
        "hash": entry.hash,
    }


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        seq=row["seq"],
        kind=row["kind"],
        ref=row["ref"],
        at=row["at"],
        salt=row.get("salt"),
        body=row["body"],
        digest=row["digest"],
        prev=row["prev"],
        hash=row["hash"],
    )


def _shown_findings(rows: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    for row in rows:
        if sha256(canonical(row["body"])) != row["shown"]:
            about = f"{_entry(row).name}: what this copy shows was changed"
            yield Finding(seq=row["seq"], flaw=Flaw.SHOWN, about=about)


def _whole_findings(manifest: Mapping[str, Any], entries: Sequence[Entry], seal: str) -> Iterator[Finding]:
    last = entries[-1].hash if entries else FIRST
    if manifest["head"] != last:
        yield Finding(seq=0, flaw=Flaw.HASH, about="the head is not the hash of the last entry")
    if _seal({name: value for name, value in manifest.items() if name != "seal"}) != seal:
        yield Finding(seq=0, flaw=Flaw.SEAL, about="the copy is not as it was when it was made")


def _file_findings(listed: Mapping[str, str], files: Mapping[str, bytes]) -> Iterator[Finding]:
    for name, digest in listed.items():
        if name not in files:
            yield Finding(seq=0, flaw=Flaw.FILE, about=f"{name} is missing")
        elif hashlib.sha256(files[name]).hexdigest() != digest:
            yield Finding(seq=0, flaw=Flaw.FILE, about=f"{name} was changed")
    for name in files.keys() - listed.keys() - {MANIFEST}:
        yield Finding(seq=0, flaw=Flaw.FILE, about=f"{name} was added")


def _seal(manifest: Mapping[str, Any]) -> str:
    return sha256(canonical(manifest))


def _written(manifest: Mapping[str, Any]) -> str:
    """The manifest, one entry a line, so that people can read and compare it."""
    entries = ",\n".join(canonical(entry) for entry in manifest["entries"])
    rest = {name: value for name, value in manifest.items() if name != "entries"}
    return f'{canonical(rest)[:-1]},"entries":[\n{entries}\n]}}\n'


def _packed(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".jpg") else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, content)
    return out.getvalue()


def _unpacked(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
                raise Invalid({"file": f"it unpacks to more than {LARGEST // 1024 // 1024} MiB"})
            if MANIFEST not in names or len(set(names)) != len(names):
                raise Invalid({"file": "this is no dossier: it has no manifest"})
            strange = [name for name in names if name not in (MANIFEST, PAGE) and not _PHOTO.fullmatch(name)]
            if strange:
                raise Invalid({"file": f"{strange[0][:80]} does not belong into a dossier"})
            return {name: archive.read(name) for name in names}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as exc:
        raise Invalid({"file": f"the archive is broken: {exc}"}) from exc
