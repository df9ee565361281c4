# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates for conserver's TLS."""

from __future__ import annotations

import datetime
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Authority:
    """A certificate authority."""

    def __init__(self, name: str) -> None:
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._own = self._sign(self._name, self._key.public_key(), authority=True)

    def certificate(self, path: pathlib.Path) -> pathlib.Path:
        """Write its own, for those who trust it."""
        path.write_bytes(self._own.public_bytes(serialization.Encoding.PEM))
        return path

    def issue(self, path: pathlib.Path) -> pathlib.Path:
        """Write a new key and its certificate, readable for all."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, path.stem)])
        pem = serialization.Encoding.PEM
        secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path.write_bytes(secret + self._sign(name, key.public_key(), authority=False).public_bytes(pem))
        path.chmod(0o644)
        return path

    def _sign(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, authority: bool) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        day = datetime.timedelta(days=1)
        plan = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key)
        plan = plan.serial_number(x509.random_serial_number()).not_valid_before(now - day).not_valid_after(now + day)
        return plan.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True).sign(self._key, hashes.SHA256())
