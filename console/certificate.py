"""The console's own TLS: a certificate that was given, or one of the project's own authority."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path
from typing import Final

from console.settings import ConsoleSettings
from devices.errors import SettingError
from ingest.registry_ca import Authority
from ingest.transport import proving

SETTING: Final = "SHEQU_TLS_CERTIFICATE"


def server_context(settings: ConsoleSettings, ca_folder: Path | None) -> ssl.SSLContext | None:
    """What the console proves itself with; None where it is to speak plain HTTP. Raises SettingError."""
    if settings.tls_certificate and settings.tls_key:
        return proving(settings.tls_certificate, settings.tls_key, SETTING)
    if settings.tls_hosts is None:
        return None
    if ca_folder is None:
        raise SettingError("SHEQU_TLS_HOSTS", "needs SHEQU_CA_FOLDER, the folder of the authority that signs")
    return issued_context(Authority.open(ca_folder), [host.strip() for host in settings.tls_hosts.split(",")])


def issued_context(authority: Authority, hosts: list[str]) -> ssl.SSLContext:
    """Sign a certificate whose key lives in this process only: Python takes it from a file, gone at once."""
    issued = authority.issue_server(hosts)
    with tempfile.TemporaryDirectory(prefix="shequ-tls-") as name:  # nobody else may enter it
        certificate, key = Path(name) / "certificate.pem", Path(name) / "key.pem"
        certificate.write_text(issued.certificate + authority.pem, encoding="utf-8")
        key.write_text(issued.key or "", encoding="utf-8")
        return proving(certificate, key, SETTING)
