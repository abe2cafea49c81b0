"""Asks an ONVIF camera for its stream: GetCapabilities, GetProfiles, GetStreamUri (ONVIF Core and Media 1).

Three requests of a few lines each; a SOAP library with the whole WSDL would be larger than this node. The
login goes as a WS-Security UsernameToken digest: the password itself never crosses the network.
`onvif://user:password@host[:port][/path]` in the settings stands for whatever stream the camera names; it is
asked again whenever the stream is opened anew, because addresses change with firmware.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

import httpx
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from devices.errors import InternalError

SCHEME: Final = "onvif"
SERVICE: Final = "/onvif/device_service"  # where ONVIF Core says it is
TIMEOUT: Final = 8.0  # seconds
_SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
_DEVICE: Final = "http://www.onvif.org/ver10/device/wsdl"
_MEDIA: Final = "http://www.onvif.org/ver10/media/wsdl"
_TYPES: Final = "http://www.onvif.org/ver10/schema"
_SECURITY: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"


class OnvifError(InternalError):
    """The camera gave no stream; the text says what it answered."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OnvifCamera:
    """A camera's device service and the login for it."""

    service: str
    user: str
    password: str

    @classmethod
    def at(cls, url: str) -> OnvifCamera:
        """Read `onvif://user:password@host[:port][/path]`."""
        words = urlsplit(url)
        place = words.hostname or ""
        if words.port:
            place = f"{place}:{words.port}"
        user, password = unquote(words.username or ""), unquote(words.password or "")
        return cls(service=f"http://{place}{words.path or SERVICE}", user=user, password=password)

    def stream(self, clock: Callable[[], datetime], *, profile: str | None = None) -> str:
        """Return the address of the stream, login included; raises OnvifError.

        `profile` is a profile's token; without one the camera's first is taken.
        """
        with httpx.Client(timeout=TIMEOUT) as client:

            def ask(service: str, body: str) -> Element:
                return _ask(client, service, _envelope(self, body, clock()))

            able = ask(
                self.service,
                f'<GetCapabilities xmlns="{_DEVICE}"><Category>Media</Category></GetCapabilities>',
            )
            media = able.findtext(f".//{{{_TYPES}}}Media/{{{_TYPES}}}XAddr") or self.service
            found = ask(media, f'<GetProfiles xmlns="{_MEDIA}"/>')
            tokens = [row.get("token", "") for row in found.iter(f"{{{_MEDIA}}}Profiles")]
            if not tokens or (profile and profile not in tokens):
                raise OnvifError(f"{self.service}: no profile {profile or ''} among {tokens}")
            wanted = (
                f'<GetStreamUri xmlns="{_MEDIA}"><StreamSetup><Stream xmlns="{_TYPES}">RTP-Unicast</Stream>'
                f'<Transport xmlns="{_TYPES}"><Protocol>RTSP</Protocol></Transport></StreamSetup>'
                f"<ProfileToken>{escape(profile or tokens[0])}</ProfileToken></GetStreamUri>"
            )
            uri = (ask(media, wanted).findtext(f".//{{{_TYPES}}}Uri") or "").strip()
        if not uri.startswith(("rtsp://", "rtsps://", "http://", "https://")):
            raise OnvifError(f"{self.service}: the camera named no stream")
        return self._with_login(uri)

    def _with_login(self, uri: str) -> str:
        words = urlsplit(uri)
        if words.username or not self.user:
            return uri
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return urlunsplit(words._replace(netloc=f"{login}@{words.netloc}"))


def _envelope(camera: OnvifCamera, body: str, now: datetime) -> str:
    head = ""
    if camera.user:
        nonce, created = os.urandom(16), now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        proof = hashlib.sha1(  # noqa: S324 - what WS-Security UsernameToken 1.0 demands
            nonce + created.encode() + camera.password.encode()
        ).digest()
        head = (
            f'<Security xmlns="{_SECURITY}-wssecurity-secext-1.0.xsd"><UsernameToken>'
            f"<Username>{escape(camera.user)}</Username>"
            f'<Password Type="{_SECURITY}-username-token-profile-1.0#PasswordDigest">'
            f"{base64.b64encode(proof).decode()}</Password>"
            f"<Nonce>{base64.b64encode(nonce).decode()}</Nonce>"
            f'<Created xmlns="{_SECURITY}-wssecurity-utility-1.0.xsd">{created}</Created>'
            "</UsernameToken></Security>"
        )
    return f'<Envelope xmlns="{_SOAP}"><Header>{head}</Header><Body>{body}</Body></Envelope>'


def _ask(client: httpx.Client, service: str, envelope: str) -> Element:
    try:
        answer = client.post(
            service,
            content=envelope.encode(),
            headers={"Content-Type": "application/soap+xml; charset=utf-8"},
        )
        tree: Element = fromstring(answer.content)
    except (httpx.HTTPError, httpx.InvalidURL, ParseError, DefusedXmlException, ValueError) as exc:
        raise OnvifError(f"{service}: {exc}") from exc
    fault = tree.find(f".//{{{_SOAP}}}Fault")
    if fault is not None or not answer.is_success:
        words = " ".join("".join(fault.itertext()).split()) if fault is not None else ""
        raise OnvifError(f"{service}: {answer.status_code} {words}"[:300])
    return tree
