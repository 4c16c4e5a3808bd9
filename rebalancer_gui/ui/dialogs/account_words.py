"""What the account dialog says about exchanges, keys and tests, in words. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.application.accounts import KeptIn, VenueEntry
from rebalancer_gui.application.connection import ConnectionReport, Tier
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.domain.market import Balance
from rebalancer_gui.domain.money import HUNDRED
from rebalancer_gui.ui.dialogs.connection_words import CLOCK_WARN, Finding, rights_of_key
from rebalancer_gui.ui.formatting import NumberFormat, places_of
from rebalancer_gui.ui.tokens import Ink

REAL = "The real exchange"
ENVIRONMENTS = {"sandbox": "Sandbox (play money of the exchange)", "demo": "Demo trading (play money of the exchange)"}
_SHOWN_COINS = 4


def tier_words(entry: VenueEntry) -> str:
    """Under the exchange's name."""
    if not entry.takes_key:
        return "Watch only, paper accounts: its keys are of a kind that cannot be given here."
    if entry.tier is Tier.FIRST_CLASS:
        return f"Trading is possible. {entry.rests_on}"
    return f"Watch only. {entry.rests_on}"


def rights_words(entry: VenueEntry) -> tuple[str, str]:
    """What to tick when the key is made, and what not."""
    return f"Tick: {', '.join(entry.tick)}.", f"Leave off: {', '.join(entry.leave_off)}."


def kept_words(kept: KeptIn, *, in_file: bool = False) -> tuple[str, str]:
    """Headline and text of the note on where the key will be. ``in_file``: a passphrase for the file of keys was typed."""
    if kept.place is Place.KEYRING:
        return "Kept in the system keyring", f"In {kept.described}. Never in a file, a log or a report."
    if kept.place is Place.PASSPHRASE:
        return "Kept in a file locked with your passphrase", kept.why_no_keyring
    if in_file:
        text = (
            "" if kept.vault_exists else "A passphrase that is lost cannot be got back: then new keys have to be made."
        )
        return "Kept in a file locked with your passphrase", f"{kept.why_no_keyring} {text}".strip()
    if kept.vault_exists:
        text = "Type the passphrase of the file of keys below; without it the key is kept until the program ends."
    else:
        text = "Choose a passphrase below for a locked file; without one the key is kept until the program ends."
    return "Kept in memory only", f"{kept.why_no_keyring} {text}".strip()


def check_rows(report: ConnectionReport, numbers: NumberFormat) -> tuple[Finding, ...]:
    """What a test of the connection found."""
    reads = report.balances is not None
    icon, ink = ("check", Ink.GAIN) if reads else ("halted", Ink.LOSS)
    fee = "unknown" if report.fees is None else _shown(report.fees.taker_rate * HUNDRED, "%", numbers)
    return (
        Finding(icon, ink, "Read balances", "Allowed" if reads else "Not possible", "needed"),
        *rights_of_key(report.permissions),
        _offset(report.time_offset, numbers),
        Finding("info", Ink.TEXT2, "Fee rate", fee, "of each order, as the exchange says"),
        Finding("coins", Ink.TEXT2, "Balances", _balances(report.balances, numbers), ""),
    )


def _offset(offset: timedelta | None, numbers: NumberFormat) -> Finding:
    if offset is None:
        return Finding("warning", Ink.WARN, "Time offset", "unknown", "")
    seconds = round(Decimal(offset // timedelta(milliseconds=1)) / 1000, 2)
    icon, ink = ("check", Ink.GAIN) if abs(offset) <= CLOCK_WARN else ("warning", Ink.WARN)
    words = numbers.signed(seconds, 2, "s") if seconds else numbers.fixed(seconds, 2, "s")
    return Finding(icon, ink, "Time offset", words, "corrected")


def _balances(balances: Mapping[str, Balance] | None, numbers: NumberFormat) -> str:
    if balances is None:
        return "unknown"
    held = sorted(balances.values(), key=lambda balance: balance.asset)
    if not held:
        return "nothing"
    first = ", ".join(_shown(balance.total, balance.asset, numbers) for balance in held[:_SHOWN_COINS])
    return first if len(held) <= _SHOWN_COINS else f"{first} and {len(held) - _SHOWN_COINS} more"


def _shown(value: Decimal, unit: str, numbers: NumberFormat) -> str:
    """All of its digits, with group marks."""
    return numbers.fixed(value.normalize(), places_of(value.normalize()), unit)
