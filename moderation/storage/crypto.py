"""What people wrote is sealed: AES-256-GCM, the key derived from STEWARD_SECRET_KEY by HKDF-SHA256.

A sealed value is one byte that says how it was sealed, twelve random bytes, then the ciphertext with its tag. The
place it belongs to (table and key) is authenticated with it, so that two values cannot be swapped unnoticed.
"""

from __future__ import annotations

import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from moderation.errors import SettingsError, WrongKey

SHORTEST_SECRET = 32
NONCE = 12
FORM = b"\x01"
"""How values are sealed today. A later way gets another byte, and `open` keeps reading this one."""

TOO_SHORT = (
    f"STEWARD_SECRET_KEY must have at least {SHORTEST_SECRET} characters; make one with: "
    'python -c "import secrets; print(secrets.token_urlsafe(32))"'
)
NOT_OURS = (
    "STEWARD_SECRET_KEY does not open what is stored: it is not the key that this database was written with."
)


class Vault:
    """Seals and opens. Safe to share: it holds one key and no other state."""

    def __init__(self, secret: str) -> None:
        """Raises SettingsError where `secret` is too short to be one."""
        if len(secret) < SHORTEST_SECRET:
            raise SettingsError(TOO_SHORT)
        # No salt: the secret is random by itself, and the same one must open the same database again.
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"steward storage 1")
        self._cipher = AESGCM(derive.derive(secret.encode(errors="surrogatepass")))

    @classmethod
    def make_throwaway(cls) -> Vault:
        """A vault whose key is nowhere written down: what it seals is gone with the process."""
        return cls(secrets.token_urlsafe(SHORTEST_SECRET))

    def seal(self, plain: bytes, place: str) -> bytes:
        """`plain` sealed for `place`; sealing twice gives two different values."""
        nonce = os.urandom(NONCE)
        return FORM + nonce + self._cipher.encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """What was sealed for `place`. Raises WrongKey for another key, another place, or a changed value."""
        if sealed[:1] != FORM:
            raise WrongKey(
                "A stored value is sealed in a way that this Steward does not know; was it damaged?"
            )
        nonce, rest = sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
        try:
            return self._cipher.decrypt(nonce, rest, place.encode())
        except (
            InvalidTag,
            ValueError,
        ) as error:  # ValueError: cut off so short that not even a nonce is left
            raise WrongKey(NOT_OURS) from error
