"""What a call to an exchange can come to, in words of ours: nothing of a key, a signature or an address in any of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

MOST_WORDS = 200
"""Characters of what a venue said that are shown."""
_NAMES = r"(?:signature|sign|api[-_]?key|x-mbx-apikey|api-sign|ok-access-\w+|x-bapi-\w+|authorization|bearer)"
_VALUE = r"[^\s\"'&,}]"
_SECRET_SHAPES = re.compile(
    # After a colon or an equals sign stands a value; after a blank only what no word is: long, or with a digit in it.
    rf"(?i){_NAMES}[\"'\s]*[:=][\"'\s:=]*(?:bearer\s+)?{_VALUE}+"
    rf"|{_NAMES}[\"'\s]+(?={_VALUE}*\d|{_VALUE}{{16,}}){_VALUE}+"
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]*|https?://\S+|wss?://\S+"
)

_KRAKEN_CODE = re.compile(r"[EW][A-Z][A-Za-z]*:[\w ,.'-]{1,60}(:[\w ]{1,40})?")
"""``EOrder:Insufficient funds``."""
_TAGS = re.compile(r"(?is)<(script|style)\b.*?</\1\s*>|<[^>]*>")
_PLACE = re.compile(r"(?i)[^.!?]*\b(countr(y|ies)|regions?|locations?|jurisdictions?|territor(y|ies))\b[^.!?]*[.!?]?")
_CODE = re.compile(r"-?[\w.]{1,60}")


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. ``body`` is what came, ``retry_after`` how long the venue wants to be left alone."""

    status: int
    body: str = field(repr=False)
    retry_after: timedelta | None = None


@dataclass(slots=True)
class Trace:
    """What one call did on the wire. ``sent``: methods of the requests that left, in order."""

    sent: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    @property
    def last(self) -> Answer | None:
        return self.answers[-1] if self.answers else None


class Unusable(Exception):
    """An answer that says nothing: an empty or foreign body with status 200, or a redirect."""


class TooLate(Exception):
    """The request waited too long for its turn and was not sent."""


class CallFailed(Exception):
    """A call did not work. ``kinds``: names of ccxt's error class and its ancestors, or of ours; ``code``: the venue's own
    code ("" without one); ``words``: scrubbed, for people; ``sent``: the methods of what was sent before it failed.
    """

    def __init__(
        self, kinds: tuple[str, ...], answer: Answer | None, code: str, words: str, sent: tuple[str, ...]
    ) -> None:
        super().__init__(words)
        self.kinds = kinds
        self.answer = answer
        self.code = code
        self.words = words
        self.sent = sent

    def is_a(self, *kinds: str) -> bool:
        """Whether it is one of ccxt's error classes."""
        return any(kind in self.kinds for kind in kinds)

    @property
    def status(self) -> int:
        """HTTP status; 0 without an answer."""
        return self.answer.status if self.answer is not None else 0

    @property
    def retry_after(self) -> timedelta | None:
        return self.answer.retry_after if self.answer is not None else None


def scrubbed(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` without keys, signatures and addresses, cut to one readable line."""
    for secret in secrets:
        text = text.replace(secret, "(hidden)")
    text = _SECRET_SHAPES.sub("(hidden)", text)
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= MOST_WORDS else f"{text[: MOST_WORDS - 1]}…"


def words_of_refusal(body: str) -> str:
    """What a venue, or a server before it, says to a request from a place that it does not serve: the words of a JSON answer
    without a code, or of a page the sentence that names the place. "" where nothing is said.
    """
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        page = " ".join(_TAGS.sub(" ", body).split())
        named = _PLACE.search(page)
        return named.group().strip() if named is not None else page
    words = [said.get(key) for key in ("msg", "message", "retMsg", "error")] if isinstance(said, dict) else []
    return next((word for word in words if isinstance(word, str) and word), "")


def words_in(body: str) -> tuple[str, str]:
    """The venue's code and its words in an error's body; ("", "") when it is none of the shapes that are known.

    Binance ``{"code": -1013, "msg": ".."}``, Bybit ``retCode``/``retMsg``, OKX ``code``/``msg`` with ``data[0].sCode``, Kraken
    ``{"error": ["EOrder:.."]}``, Coinbase ``error``/``message`` or ``error_response``.
    """
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(said, dict):
        return "", ""
    inner = said.get("error_response")
    if isinstance(inner, dict):
        reasons = [inner.get(key) for key in ("error", "preview_failure_reason", "new_order_failure_reason")]
        said = {**inner, "error": next((r for r in reasons if r and not str(r).startswith("UNKNOWN_")), reasons[0])}
    errors = said.get("error")
    if isinstance(errors, list):
        first = next((str(e) for e in errors if e), "")
        return first if _KRAKEN_CODE.fullmatch(first) else "", first
    data = said.get("data")
    if (
        isinstance(data, list)
        and data
        and isinstance(data[0], dict)
        and str(data[0].get("sCode", "0")) not in {"0", ""}
    ):
        return str(data[0]["sCode"]), str(data[0].get("sMsg", ""))
    for code_key, words_key in (("retCode", "retMsg"), ("code", "msg"), ("error", "message")):
        if code_key in said:
            words = str(said.get(words_key) or said.get("error_details") or "")
            code = str(said[code_key])
            return ("", "") if code in {"0", ""} or not _CODE.fullmatch(code) else (code, words)
    return "", ""
