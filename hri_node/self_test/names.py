"""Nothing comes in; names that nothing else has go out."""

import base64
import secrets
import uuid


def fresh_uid() -> str:
    """A UID that nothing else has (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid4().int}"


def new_title() -> str:
    """An AE title that no self-test had before (records.SELF_TEST_TITLE)."""
    return f"SELFTEST{base64.b32encode(secrets.token_bytes(5)).decode()}"
