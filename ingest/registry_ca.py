"""The project's own certificate authority: it signs the broker's certificate and the devices'.

A device's certificate carries the device id as its common name, which the broker takes for the
user name: what the device may say and hear is then the same as with a password.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from devices.errors import RefusedError, SettingError
from ingest.clock import system_clock

CA_YEARS, SERVER_DAYS, DEVICE_DAYS = 20, 825, 730
CA_FILE, KEY_FILE, CRL_FILE = "ca.pem", "ca-key.pem", "crl.pem"
_BACK = timedelta(minutes=10)  # clocks differ: valid a little before now
_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
_CA_USAGE = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Issued:
    """A fresh certificate; the key is there only where it was made here."""

    certificate: str
    key: str | None = field(repr=False)
    serial: str
    fingerprint: str
    not_after: datetime


class BadRequest(RefusedError):
    """The signing request cannot be used."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate and its key, in a folder only the platform enters."""

    folder: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read the authority of this folder, making it on the first call; raises SettingError."""
        try:
            if not (folder / CA_FILE).exists():
                _found(folder)
            certificate = x509.load_pem_x509_certificate((folder / CA_FILE).read_bytes())
            key = serialization.load_pem_private_key((folder / KEY_FILE).read_bytes(), None)
        except (OSError, ValueError) as exc:
            raise SettingError("SHEQU_CA_FOLDER", f"no certificate authority in {folder}: {exc}") from exc
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise SettingError("SHEQU_CA_FOLDER", f"the key in {folder} is not an elliptic curve key")
        return cls(folder, certificate, key)

    @property
    def pem(self) -> str:
        """The authority's certificate, for devices to check the broker by."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def issue_device(self, device: str, csr: str | None = None) -> Issued:
        """Sign a certificate for a device, for its own key where it sent a request.

        Raises BadRequest. The name in the request counts for nothing: the device's id is the name.
        """
        key = None if csr else ec.generate_private_key(ec.SECP256R1())
        public = key.public_key() if key else _requested(csr or "")
        return self._sign(device, public, key, ExtendedKeyUsageOID.CLIENT_AUTH, DEVICE_DAYS, ())

    def issue_server(self, hosts: Sequence[str]) -> Issued:
        """Sign a certificate for a broker that listens under these names or addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._sign(
            hosts[0], key.public_key(), key, ExtendedKeyUsageOID.SERVER_AUTH, SERVER_DAYS, hosts
        )

    def _sign(  # noqa: PLR0917 - one certificate's contents, in their order
        self,
        name: str,
        public: ec.EllipticCurvePublicKey,
        key: ec.EllipticCurvePrivateKey | None,
        purpose: x509.ObjectIdentifier,
        days: int,
        hosts: Sequence[str],
    ) -> Issued:
        now = system_clock()
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(self.certificate.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _BACK)
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_USAGE, critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )
        if hosts:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_general(h) for h in hosts]), critical=False
            )
        certificate = builder.sign(self.key, hashes.SHA256())
        return Issued(
            certificate=certificate.public_bytes(serialization.Encoding.PEM).decode(),
            key=_pem(key).decode() if key else None,
            serial=f"{certificate.serial_number:x}",
            fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
            not_after=certificate.not_valid_after_utc,
        )


def _requested(csr: str) -> ec.EllipticCurvePublicKey:
    try:
        request = x509.load_pem_x509_csr(csr.encode())
        public = request.public_key()
        sound = request.is_signature_valid
    except (ValueError, TypeError) as exc:
        raise BadRequest(f"this is no certificate signing request in PEM: {exc}") from exc
    if not sound:
        raise BadRequest("the signing request is not signed by its own key")
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise BadRequest("take an elliptic curve key (P-256)")
    return public


def _found(folder: Path) -> None:
    """Make an authority; whoever comes second finds the first one's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    now = system_clock()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Shequ device CA")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACK)
        .not_valid_after(now + timedelta(days=365 * CA_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_CA_USAGE, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_once(folder / KEY_FILE, _pem(key), 0o600)
    _write_once(folder / CA_FILE, certificate.public_bytes(serialization.Encoding.PEM), 0o644)


def _write_once(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
