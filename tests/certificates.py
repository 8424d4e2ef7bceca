"""Names come in; certificates of an authority that nobody knows, their keys and TLS settings go out."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from hri_node.sections import TlsSettings

PASSWORD = b"correct horse"
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@dataclass
class Authority:
    """One authority, and the certificates that it signs, as files in a folder."""

    folder: Path
    authority: trustme.CA = field(default_factory=lambda: trustme.CA(key_type=trustme.KeyType.ECDSA))

    @property
    def file(self) -> Path:
        """Its own certificate."""
        path = self.folder / "authorities.pem"
        self.authority.cert_pem.write_to_path(str(path))
        return path

    def settings(self, name: str = "127.0.0.1", **changes: Any) -> TlsSettings:  # noqa: ANN401 - fields
        """Settings with a certificate for this name or address, and its key, new on every call."""
        return self._written(name, {}, changes)

    def expired(self, name: str = "127.0.0.1") -> TlsSettings:
        """Settings with a certificate that is past its time."""
        return self._written(name, {"not_after": YESTERDAY}, {})

    def _written(self, name: str, issue: dict[str, Any], changes: dict[str, Any]) -> TlsSettings:
        leaf = self.authority.issue_cert(name, key_type=trustme.KeyType.ECDSA, **issue)
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        key.write_bytes(leaf.private_key_pem.bytes())
        return TlsSettings(**{"certificate": certificate, "key": key, "authorities": self.file} | changes)

    def stranger(self) -> "Authority":
        """Another authority, in a folder of its own."""
        folder = self.folder / "stranger"
        folder.mkdir(exist_ok=True)
        return Authority(folder)


def encrypt(key: Path, password: bytes = PASSWORD) -> None:
    """Rewrite the file of a key, now with a password."""
    private = load_pem_private_key(key.read_bytes(), None)
    encoding = (Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))
    key.write_bytes(private.private_bytes(*encoding))
