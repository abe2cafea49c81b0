"""An ONVIF camera is asked for its stream over SOAP; the answer is the address that the reader opens."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from defusedxml.ElementTree import fromstring

from ingest.camera.onvif import OnvifCamera, OnvifError
from ingest.camera.source import Newest, Source

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
SOAP = "http://www.w3.org/2003/05/soap-envelope"
SEC = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
MADE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}Created"
USER, PASSWORD = "admin", "p<ss & word"


def allowed(envelope: bytes) -> bool:
    """Check the digest as a camera does."""
    token = fromstring(envelope).find(f".//{SEC}UsernameToken")
    if token is None or token.findtext(f"{SEC}Username") != USER:
        return False
    nonce = base64.b64decode(token.findtext(f"{SEC}Nonce") or "")
    created = (token.findtext(MADE) or "").encode()
    proof = base64.b64encode(hashlib.sha1(nonce + created + PASSWORD.encode()).digest()).decode()  # noqa: S324
    return created == b"2026-05-20T12:00:00Z" and token.findtext(f"{SEC}Password") == proof


class FakeCamera(BaseHTTPRequestHandler):
    """Answers like a camera with two profiles."""

    def do_POST(self) -> None:
        """Answer one request."""
        envelope = self.rfile.read(int(self.headers["Content-Length"]))
        media = f"http://{self.headers['Host']}/onvif/media"
        status = 200
        if not allowed(envelope):
            status, body = (
                400,
                "<s:Fault><s:Reason><s:Text>Sender not Authorized</s:Text></s:Reason></s:Fault>",
            )
        elif b"GetCapabilities" in envelope:
            body = (
                f"<r><tt:Capabilities><tt:Media><tt:XAddr>{media}</tt:XAddr></tt:Media></tt:Capabilities></r>"
            )
        elif self.path != "/onvif/media":
            status, body = 400, "<s:Fault><s:Reason><s:Text>wrong service</s:Text></s:Reason></s:Fault>"
        elif b"GetProfiles" in envelope:
            body = '<trt:r><trt:Profiles token="main"/><trt:Profiles token="sub"/></trt:r>'
        else:
            name = "sub" if b">sub<" in envelope else "main"
            body = f"<r><tt:Uri>rtsp://10.0.0.9/{name}?a=1&amp;b=2</tt:Uri></r>"
        spaces = (
            f'xmlns:s="{SOAP}" xmlns:tt="http://www.onvif.org/ver10/schema" '
            'xmlns:trt="http://www.onvif.org/ver10/media/wsdl"'
        )
        text = f"<s:Envelope {spaces}><s:Body>{body}</s:Body></s:Envelope>".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@contextmanager
def camera() -> Iterator[str]:
    """Run the fake camera; yields host and port."""
    server = HTTPServer(("127.0.0.1", 0), FakeCamera)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_camera_names_its_stream_and_the_login_is_added() -> None:
    with camera() as place:
        asked = OnvifCamera.at(f"onvif://admin:p%3Css%20%26%20word@{place}")
        assert asked.service == f"http://{place}/onvif/device_service"
        assert asked.stream(lambda: NOW) == "rtsp://admin:p%3Css%20%26%20word@10.0.0.9/main?a=1&b=2"
        assert "/sub" in asked.stream(lambda: NOW, profile="sub")
        with pytest.raises(OnvifError, match="no profile third"):
            asked.stream(lambda: NOW, profile="third")


def test_a_wrong_password_is_the_cameras_own_words() -> None:
    with camera() as place, pytest.raises(OnvifError, match="400 Sender not Authorized"):
        OnvifCamera.at(f"onvif://admin:guess@{place}/onvif/device_service").stream(lambda: NOW)


def test_what_does_not_answer_or_answers_nonsense_is_an_error_of_ours() -> None:
    with pytest.raises(OnvifError, match=r"http://127\.0\.0\.1:9/"):
        OnvifCamera.at("onvif://127.0.0.1:9").stream(lambda: NOW)


def test_the_reader_asks_the_camera_whenever_it_opens_the_stream() -> None:
    asked: list[str] = []

    def resolve(url: str) -> str:
        asked.append(url)
        source.stop()
        return "/nowhere.avi"

    source = Source("cam", "onvif://10.0.0.9", 5.0, Newest(), resolve=resolve)
    source.start()
    source.join(20)
    assert not source.is_alive()
    assert asked == ["onvif://10.0.0.9"]
