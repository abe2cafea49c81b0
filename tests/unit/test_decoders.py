"""One table of everything that reads bytes from outside: each is fuzzed, or says where it is.

A function of the platform that takes `bytes` and stands in neither table fails the last test.
Case counts: CASES arbitrary byte strings and CASES spoiled samples per decoder of this file; the
native families and the other makes' dialects have theirs beside them (100 per test).
"""

from __future__ import annotations

import ast
import asyncio
import base64
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from paho.mqtt.exception import MalformedPacket
from PIL import Image

from console import dossier_file, pictures
from console.device_sheet import table, write_csv, write_xlsx
from console.paging import after
from console.problems import Invalid
from console.reference import ROOT
from console.set_aside import second_reading
from devices.errors import BrokerError, DecodeError, DeliveryError, PlatformError, SettingError, StoreError
from devices.model import Registry
from devices.registry.sheet import read as read_sheet
from ingest.batch import read_marker
from ingest.broker_admin import _read as read_answer
from ingest.camera import discovery, export, wish
from ingest.deliver import secrets as webhook_secrets
from ingest.deliver.smpp import read_pdu
from ingest.lean import find_body, read_publish
from ingest.registry_ca import _requested as read_csr
from ingest.store.reports import guess
from ingest.streams.multipart import Cutter, StreamError, boundary_of
from ingest.vault import Vault, add_key, key_name
from rules.handling.desk import decode_note
from rules.window import decode_memory
from tests.strategies import ESTATE, PLACES, T0, device, spoiled

CASES: Final = 100


@dataclass(frozen=True, kw_only=True)
class Decoder:
    """What reads, samples that it takes, and the errors of ours that it may raise."""

    read: Callable[[bytes], object]
    samples: tuple[bytes, ...]
    says: tuple[type[Exception], ...] = ()


def _picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (9, 7), "red").save(out, kind)
    return out.getvalue()


def _clip() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/clip.webm"
        writer = cv2.VideoWriter(file, cv2.VideoWriter.fourcc(*"VP80"), 5.0, (32, 18))
        for n in range(3):
            writer.write(np.full((18, 32, 3), 40 * n, np.uint8))
        writer.release()
        return Path(file).read_bytes()


def _zip(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _pdu(content: bytes) -> object:
    async def work() -> object:
        reader = asyncio.StreamReader()
        reader.feed_data(content)
        reader.feed_eof()
        return await read_pdu(reader)

    return asyncio.run(work())


def _again(content: bytes) -> object:
    row = {"id": 1, "topic": f"shequ/v1/{ESTATE}/d1/event", "payload": content, "received_at": T0}
    return second_reading({**row, "size": len(content)}, _REGISTRY)


def _cursor(content: bytes) -> object:
    return after(base64.urlsafe_b64encode(content).decode().rstrip("="), int, datetime)


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    keys = tmp_path_factory.mktemp("vault") / "keys"
    add_key(keys)
    return Vault.open(keys)


_REGISTRY: Final = Registry.of(places=PLACES, devices=[device("d1", "smoke_sensor")])
_ROW: Final = [{"id": "d1", "name_zh": "烟感", "estate": "EST1"}]
_MANIFEST: Final = json.dumps(
    {"case": {"id": 1, "code": "x"}, "entries": [], "seal": "", "files": {}}
).encode()
_SMPP: Final = bytes.fromhex("00000010000000150000000000000001")  # enquire_link
_DELIVER: Final = (
    bytes.fromhex(  # deliver_sm: a receipt
        "0000003f00000005000000000000000200010131333800010131303636000400000000000000000e"
    )
    + b"id:1 stat:DELIVRD DELIV"[:23]
)
_PEM: Final = b"-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"
DECODERS: Final[Mapping[str, Decoder]] = {
    "ingest.batch:read_marker": Decoder(
        read=read_marker, samples=(b'{"at": "2026-06-01T08:00:00+08:00"}',), says=(DecodeError,)
    ),
    "ingest.store.reports:guess": Decoder(read=guess, samples=(b'{"type": "smoke", "data": {}}',)),
    "ingest.camera.wish:read": Decoder(
        read=wish.read, samples=(b'{"version": 1, "hash": "x", "data": {"a": [1]}}',), says=(SettingError,)
    ),
    "ingest.camera.discovery:addresses": Decoder(
        read=discovery.addresses,
        samples=(b"<d:XAddrs>http://10.0.0.1/onvif/device_service</d:XAddrs>",),
    ),
    "ingest.streams.multipart:Cutter.feed": Decoder(
        read=lambda content: list(Cutter(b"b").feed(content)),
        samples=(
            b"--b\r\nContent-Type: text/xml\r\nContent-Length: 3\r\n\r\nabc\r\n--b\r\n\r\nx\r\n--b--\r\n",
        ),
        says=(StreamError,),
    ),
    "ingest.streams.multipart:boundary_of": Decoder(
        read=lambda content: boundary_of(content.decode("latin-1")),
        samples=(b"multipart/mixed; boundary=abc", b'multipart/x; boundary="--a b"'),
        says=(StreamError,),
    ),
    "ingest.deliver.secrets:verify": Decoder(
        read=lambda content: webhook_secrets.verify("s", b"body", content.decode("latin-1"), now=1000),
        samples=(webhook_secrets.signature("s", b"body", 1000).encode(),),
    ),
    "ingest.deliver.smpp:read_pdu": Decoder(read=_pdu, samples=(_SMPP, _DELIVER), says=(DeliveryError,)),
    "ingest.lean:read_publish": Decoder(
        read=lambda content: read_publish(0x32, content),
        samples=(b"\0\1t\0\1\0{}",),
        says=(MalformedPacket,),
    ),
    "ingest.lean:find_body": Decoder(
        read=lambda content: find_body(content, 0), samples=(b"\x32\3abc", b"\x32\x80\1abc")
    ),
    "ingest.broker_admin:_read": Decoder(
        read=read_answer,
        samples=(b'{"responses": [{"correlationData": "1", "error": "x"}]}',),
        says=(BrokerError,),
    ),
    "ingest.registry_ca:_requested": Decoder(
        read=lambda content: read_csr(content.decode("latin-1")), samples=(_PEM,), says=(PlatformError,)
    ),
    "ingest.vault:key_name": Decoder(read=key_name, samples=(b"\x01" + bytes(60),), says=(StoreError,)),
    "console.paging:after": Decoder(
        read=_cursor, samples=(b'[1, "2026-06-01T08:00:00+08:00"]',), says=(Invalid,)
    ),
    "console.device_sheet:table": Decoder(
        read=lambda content: read_sheet(table("x.csv", content)),
        samples=(write_csv(_ROW), write_xlsx(_ROW)),
        says=(Invalid,),
    ),
    "console.pictures:_wash": Decoder(
        read=lambda content: [pictures._wash(content, kind) for kind in pictures.KINDS],
        samples=(_picture("JPEG"), _picture("PNG"), _picture("WEBP")),
        says=(Invalid,),
    ),
    "ingest.camera.export:masked_picture": Decoder(
        read=lambda content: export.masked_picture(content, None, export.Cover()),
        samples=(_picture("JPEG"), _picture("PNG")),
        says=(export.UnreadableFootage,),
    ),
    "ingest.camera.export:masked_clip": Decoder(
        read=lambda content: export.masked_clip(content, export.Cover()),
        samples=(_clip(),),
        says=(export.UnreadableFootage,),
    ),
    "console.dossier_file:verify": Decoder(
        read=dossier_file.verify,
        samples=(_zip({"manifest.json": _MANIFEST}), _zip({"manifest.json": b"[" * 5000})),
        says=(Invalid,),
    ),
    "console.set_aside:_read": Decoder(
        read=_again,
        samples=(b'{"id": "1", "at": "2026-06-01T08:00:00Z", "type": "smoke", "data": {"alarm": true}}',),
    ),
    "rules.window:decode_memory": Decoder(
        read=decode_memory, samples=(b'{"type": "held"}', b"{}"), says=(PlatformError,)
    ),
    "rules.handling.desk:decode_note": Decoder(read=decode_note, samples=(b"{}",), says=(PlatformError,)),
}
FUZZED_BESIDE: Final[Mapping[str, tuple[str, str]]] = {
    # how names begin: the file and the test that fuzzes them
    "devices.adapter": ("test_adapters_properties", "test_a_spoiled_sample"),
    "devices.codec": ("test_devices_codec", "test_any_topic_and_bytes_make_an_event_or_a_decode_error"),
    "devices.profile": ("test_devices_codec", "test_spoiled_messages_raise_a_decode_error_or_nothing"),
    "ingest.vault:Vault": ("test_decoders", "test_a_sealed_field_that_was_tampered_with_is_not_opened"),
}
PART_OF: Final[Mapping[str, str]] = {
    # a step inside a decoder of the table, or of one that is fuzzed beside it
    "ingest.store.reports:_sample": "ingest.store.reports:guess",
    "ingest.streams.multipart:_headers": "ingest.streams.multipart:Cutter.feed",
    "ingest.streams.multipart:Cutter.__init__": "ingest.streams.multipart:Cutter.feed",
    "ingest.camera.node:CameraDesk.configure": "ingest.camera.wish:read",
    "console.device_sheet:_xlsx": "console.device_sheet:table",
    "console.device_sheet:read_table": "console.device_sheet:table",
    "console.device_import:inspect": "console.device_sheet:table",
    "console.device_import:commit": "console.device_sheet:table",
    "console.api.people:_inspect": "console.device_sheet:table",
    "ingest.camera.export:_decoded": "ingest.camera.export:masked_picture",
    "ingest.camera.export:_opened": "ingest.camera.export:masked_clip",
    "ingest.camera.export:background": "ingest.camera.export:masked_clip",
    "console.picture_exports:_masked": "ingest.camera.export:masked_clip",
    "console.pictures:wash": "console.pictures:_wash",
    "console.dossier_file:_unpacked": "console.dossier_file:verify",
}
WRITES: Final = {
    # takes bytes of our own to keep, send or sign them; `_judge` quotes an answer's first characters;
    # `dialect:_read` is a person's command line over an adapter, `bench_console` a benchmark's reader
    "console.attachments:_keep",
    "console.audit_chain:link_of",
    "console.auditing:_write_signed",
    "console.backup:_add_bytes",
    "console.commands.bench_console:Stream.data_received",
    "console.commands.dialect:_read",
    "console.sheet_out:sheet_answer",
    "ingest.broker:Session.publish",
    "ingest.camera.store:PictureStore.put",
    "ingest.deliver.secrets:signature",
    "ingest.deliver.web:Web.post",
    "ingest.deliver.web:_judge",
    "ingest.deliver.webhook:signed_headers",
    "ingest.registry_ca:_write_once",
    "ingest.store.quarantine:digest",
    "ingest.streams.__main__:Publisher.__call__",
    "ingest.streams.__main__:Publisher._publish",
    "ingest.vault:_name",
}


@pytest.mark.parametrize("name", DECODERS)
@settings(max_examples=CASES)
@given(content=st.binary(max_size=300))
@example(content=b"[" * 100_000)
@example(content=b"PK\x03\x04")
def test_arbitrary_bytes_are_read_or_refused_in_our_words(name: str, content: bytes) -> None:
    decoder = DECODERS[name]
    with suppress(*decoder.says):
        decoder.read(content)


@pytest.mark.parametrize("name", DECODERS)
@settings(max_examples=CASES)
@given(data=st.data())
def test_a_spoiled_sample_is_read_or_refused_in_our_words(name: str, data: st.DataObject) -> None:
    decoder = DECODERS[name]
    content = data.draw(spoiled(data.draw(st.sampled_from(decoder.samples))))
    with suppress(*decoder.says):
        decoder.read(content)


@settings(max_examples=CASES)
@given(data=st.data())
def test_a_sealed_field_that_was_tampered_with_is_not_opened(vault: Vault, data: st.DataObject) -> None:
    sealed = vault.seal("13800000001", "phone")
    content = data.draw(st.one_of(st.binary(max_size=100), spoiled(sealed)))
    if content == sealed:
        return
    with pytest.raises((StoreError, SettingError)):
        vault.unseal(content, "phone")


def taking_bytes() -> set[str]:
    """Every function of the platform with a parameter of bytes."""
    found: set[str] = set()
    for top in ("devices", "rules", "ingest", "console"):
        for path in (ROOT / top).rglob("*.py"):
            if "node_modules" in path.parts or ": bytes" not in (source := path.read_text("utf-8")):
                continue
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found |= {f"{module}:{name}" for name in _functions(ast.parse(source))}
    return found


def _functions(tree: ast.AST, before: str = "") -> set[str]:
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            found |= _functions(node, f"{node.name}.")
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            if any(a.annotation is not None and ast.unparse(a.annotation) == "bytes" for a in arguments):
                found.add(before + node.name)
    return found


def test_every_function_that_takes_bytes_is_fuzzed_or_says_why_not() -> None:
    known = {*DECODERS, *PART_OF, *WRITES}
    beside = tuple(FUZZED_BESIDE)
    new = {n for n in taking_bytes() - known if not n.startswith(beside)}
    assert new == set(), "put it into DECODERS of this file, or say where it is fuzzed"
    assert (set(PART_OF) | WRITES) - taking_bytes() == set(), "no such function any more"
    for file, test in FUZZED_BESIDE.values():
        assert f"def {test}(" in (ROOT / f"tests/unit/{file}.py").read_text("utf-8")


WHOLE: Final = (
    "console.device_sheet:table",
    "ingest.camera.wish:read",
    "ingest.batch:read_marker",
    "console.paging:after",
)


@pytest.mark.parametrize("name", WHOLE)
def test_a_sample_as_it_is_is_taken(name: str) -> None:
    assert [DECODERS[name].read(sample) for sample in DECODERS[name].samples]
