"""CAP 1.2 feed: outside systems pull what concerns them, as Alert, Update and Cancel about one thing.

Messages are `Private` and name their addressees; those of a drill are `Exercise`. Severity and
urgency are ours translated (domain.md c): the platform prints no legal warning level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from xml.etree import ElementTree as ET

from ingest.deliver.channel import Parcel, Taken
from ingest.deliver.desk import Q
from ingest.deliver.endpoint import Feed
from ingest.deliver.wording import ZONE, compose
from ingest.store.pool import Pool

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
KINDS: Final = ("Alert", "Update", "Cancel")
URGENCY: Final[Mapping[int, tuple[str, str]]] = MappingProxyType(
    {
        1: ("Immediate", "Extreme"),
        2: ("Expected", "Severe"),
        3: ("Future", "Moderate"),
        4: ("Unknown", "Minor"),
    }
)
CATEGORY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "FIRE": "Fire",
        "SEC": "Security",
        "SOS": "Rescue",
        "CARE": "Health",
        "ENV": "Env",
        "DEV": "Infra",
    }
)
_FORBIDDEN: Final = str.maketrans(dict.fromkeys(" ,<&\t\n\r", "-"))


def stamp(at: datetime) -> str:
    """Write a time the way CAP wants it: seconds and an offset, never `Z`."""
    return at.astimezone(ZONE).replace(microsecond=0).isoformat()


def identifier(sender: str, letter: int) -> str:
    """Answer a message's name: unique for ever, the same for the same letter."""
    return f"{sender.translate(_FORBIDDEN)}.{letter}"


def subject_of(parcel: Parcel) -> str:
    """Answer what a message is about: the chain it belongs to."""
    if isinstance(parcel.body.get("subject_key"), str):
        return str(parcel.body["subject_key"])
    if parcel.incident_id is not None:
        return f"incident-{parcel.incident_id}"
    return f"alert-{parcel.alert_id}" if parcel.alert_id is not None else f"letter-{parcel.key}"


def kind_of(parcel: Parcel, chain: Sequence[str]) -> str:
    """Answer Alert, Update or Cancel: what was asked for, or what the chain makes of it."""
    wanted = parcel.body.get("msg_type")
    if wanted in KINDS and (wanted == "Alert") == (not chain):
        return str(wanted)
    return "Update" if chain else "Alert"


def write(
    feed: Feed, parcel: Parcel, chain: Sequence[str], names: Mapping[str, tuple[str, str]]
) -> tuple[str, str]:
    """Answer the XML of a message and its reference, `sender,identifier,sent`."""
    sent, name = stamp(parcel.created_at), identifier(feed.sender, parcel.id)
    test = parcel.body.get("template") == "test"
    root = ET.Element("alert", {"xmlns": NAMESPACE})
    head = {
        "identifier": name,
        "sender": feed.sender,
        "sent": sent,
        "status": "Exercise" if parcel.drill else "Test" if test else "Actual",
        "msgType": kind_of(parcel, chain),
        "scope": "Private",
        "addresses": feed.addresses,
        "references": " ".join(chain),
    }
    for tag, text in head.items():
        if text:
            ET.SubElement(root, tag).text = text
    for language, tongue in (("zh-CN", "zh"), ("en-US", "en")):
        _info(root, parcel, names, language, tongue)
    text = ET.tostring(root, encoding="unicode", xml_declaration=False)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}', f"{feed.sender},{name},{sent}"


def _info(
    root: ET.Element, parcel: Parcel, names: Mapping[str, tuple[str, str]], language: str, tongue: str
) -> None:
    facts: Mapping[str, Any] | None = parcel.body.get("_facts")
    code = facts["code"] if facts else ""
    _, text = compose(parcel.body, facts, names, language=tongue, drill=parcel.drill)
    urgency, severity = URGENCY[parcel.severity]
    cancelled = parcel.body.get("msg_type") == "Cancel"
    info = ET.SubElement(root, "info")
    said = {
        "language": language,
        "category": CATEGORY.get(code.partition("-")[0], "Other"),
        "event": names.get(code, (code or "Message",) * 2)[0 if tongue == "zh" else 1],
        "urgency": "Past" if cancelled else urgency,
        "severity": severity,
        "certainty": "Observed",
        "expires": stamp(parcel.expires_at),
        "headline": text[:140],
        "description": text,
    }
    for tag, value in said.items():
        ET.SubElement(info, tag).text = value
    if facts and facts["case_code"]:
        parameter = ET.SubElement(info, "parameter")
        ET.SubElement(parameter, "valueName").text = "case_code"
        ET.SubElement(parameter, "value").text = facts["case_code"]
    area = ET.SubElement(info, "area")
    places = [facts[f"{part}_{tongue}"] for part in ("estate", "building")] if facts else []
    ET.SubElement(area, "areaDesc").text = " ".join(p for p in places if p) or (
        "本辖区" if tongue == "zh" else "This district"
    )


class CapCarrier:
    """Publishes a letter on a feed, once."""

    def __init__(self, code: str, settings: Feed, pool: Pool, names: Mapping[str, tuple[str, str]]) -> None:
        self._code, self._settings, self._pool, self._names = code, settings, pool, names

    async def send(self, parcel: Parcel) -> Taken:
        """Write the message down where the feed is read from."""
        about = {"feed": self._code, "subject": subject_of(parcel), "letter": parcel.id}
        async with self._pool.connection() as connection, connection.transaction():
            rows = await (await connection.execute(Q["cap_chain"], about)).fetchall()
            chain = [row["reference"] for row in rows]
            xml, reference = write(self._settings, parcel, chain, self._names)
            name = identifier(self._settings.sender, parcel.id)
            row = {
                **about,
                "identifier": name,
                "msg_type": kind_of(parcel, chain),
                "sent": parcel.created_at,
                "reference": reference,
                "xml": xml,
            }
            await connection.execute(Q["cap_publish"], row)
        return Taken(remote_id=name)
