"""A key that must be found nowhere, and the writings in which it is looked for."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

CANARY = 'CANARYkey/9f3A+Zq"7Lm0-wXyT2'
"""Holds what each writing changes: a slash, a plus, a quotation mark."""
CANARY_SECRET = 'CANARYsecret/b8C+Rt"5Vn1-kHsU6'
CANARY_PASS = 'CANARYpass/c2D+Wx"3Jp4-mGqE7'
ALL = (CANARY, CANARY_SECRET, CANARY_PASS)


def encodings(value: str) -> dict[str, str]:
    """The twelve writings by their names."""
    raw = value.encode()
    swapped = bytes(b for pair in zip(raw[1::2], raw[::2], strict=False) for b in pair)
    return {
        "plain": value,
        "base64": base64.b64encode(raw).decode().rstrip("=")[:-1],
        "urlsafe base64": base64.urlsafe_b64encode(raw).decode().rstrip("=")[:-1],
        "hex": raw.hex(),
        "HEX": raw.hex().upper(),
        "url-encoded": quote(value, safe=""),
        "reversed": value[::-1],
        "UTF-16LE": value.encode("utf-16-le").decode("latin-1"),
        "UTF-16BE": value.encode("utf-16-be").decode("latin-1"),
        "JSON-escaped": json.dumps(value)[1:-1],
        "base32": base64.b32encode(raw).decode().rstrip("=")[:-1],
        "byte-swapped": swapped.decode(),
    }


def found_in(content: bytes) -> list[str]:
    """Which of the canaries stand in ``content``, and how they are written."""
    return [
        f"{value[:10]}... as {name}"
        for value in ALL
        for name, form in encodings(value).items()
        if form.encode("latin-1") in content
    ]
