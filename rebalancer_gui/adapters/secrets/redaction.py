"""Takes keys out of texts before anybody can read them: logs, tracebacks, what Qt says (FAILURES.md, section 6).

One redactor per process (``REDACTOR``), because a secret must be unknown to every text, whoever writes it. Every vault, and
whoever reads a key from a person, tells it the values with ``hide``.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote

from rebalancer_gui.application.connection import Credentials

HIDDEN = "(hidden)"
_SHORTEST = 6
"""Shorter values would be found inside of ordinary words."""
_SHAPES = re.compile(
    r"""
    (?P<name>
        (?:signature|api[-_]?key|secret(?:[-_]?key)?|passphrase|password|listenkey|access[-_]?token)["']?\s*[=:]\s*["']?
      | (?:x-mbx-apikey|x-bapi-(?:api-key|sign)|ok-access-(?:key|sign|passphrase)|kc-api-(?:key|sign|passphrase)
          |api-key|api-sign|cb-access-(?:key|sign|passphrase)|access-(?:key|sign|passphrase)|authorization)
        ["']?\s*[=:]\s*["']?(?:bearer\s+|basic\s+)?
      | bearer\s+
    )
    (?P<value>[^\s"'&,;)}\]]+)
    | (?P<jwt>\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*)
    | (?P<pem>-----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----.*?(?:-----END[ ][A-Z ]*PRIVATE[ ]KEY-----|\Z))
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


class Redactor:
    """``redactor(text)`` is ``text`` without any value it was told of, in any usual writing, and without what looks like a key
    or a signature. Any thread.
    """

    def __init__(self) -> None:
        self._values: frozenset[str] = frozenset()
        self._forms: tuple[str, ...] = ()

    def hide(self, values: Iterable[str]) -> None:
        """From now on none of ``values`` is in any text; values under 6 characters are left alone."""
        self._add(values, _forms)

    def hide_key(self, credentials: Credentials) -> Credentials:
        """``hide`` for a key; answers the key. Of a PEM each line is hidden too: one is enough to be worth something."""
        self.hide(credentials.values)
        self._add((line for value in credentials.values for line in _lines(value)), lambda line: (line,))
        return credentials

    def _add(self, values: Iterable[str], forms_of: Callable[[str], Iterable[str]]) -> None:
        new = {value for value in values if len(value) >= _SHORTEST} - self._values
        if new:
            self._values |= new
            forms = {*self._forms, *(form for value in new for form in forms_of(value))}
            self._forms = tuple(sorted(forms, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = text.replace(form, HIDDEN)
        return _SHAPES.sub(_shape, text)


def _shape(match: re.Match[str]) -> str:
    return f"{match['name'] or ''}{HIDDEN}"


def _lines(value: str) -> Iterator[str]:
    if "\n" in value:
        yield from (line for line in value.splitlines() if len(line) > 20 and not line.startswith("-----"))


def _forms(value: str) -> Iterator[str]:
    """The writings in which a value travels or is turned by accident."""
    raw = value.encode()
    yield value
    yield value[::-1]
    yield quote(value, safe="")
    yield json.dumps(value)[1:-1]
    yield repr(value)[1:-1]
    for plain in (raw, value.encode("utf-16-le"), value.encode("utf-16-be")):
        yield binascii.hexlify(plain).decode()
        yield binascii.hexlify(plain).decode().upper()
        yield from _base64(plain)
    # Whole groups of five bytes, whatever comes after them.
    yield base64.b32encode(raw[: len(raw) // 5 * 5]).decode() or value
    yield "".join(value[i : i + 2][::-1] for i in range(0, len(value) // 2 * 2, 2))
    # What a text of two bytes a letter looks like where it is read with one.
    yield "\0".join(value)
    yield "\\x00".join(value)


def _base64(raw: bytes) -> Iterator[str]:
    """However many bytes stand before it: the middle part, which is the same whatever surrounds it."""
    for before in range(3):
        whole = b"\0" * before + raw
        encoded = base64.b64encode(whole)
        first = 0 if before == 0 else before + 1
        last = len(whole) // 3 * 4
        middle = encoded[first:last]
        if len(middle) >= _SHORTEST:
            yield middle.decode()
            yield middle.translate(bytes.maketrans(b"+/", b"-_")).decode()


REDACTOR = Redactor()
"""Of this process."""
