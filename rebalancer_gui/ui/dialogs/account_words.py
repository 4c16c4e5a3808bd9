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
from rebalancer_gui.ui.translation import tr

REAL = tr("The real exchange")
ENVIRONMENTS = {
    "sandbox": tr("Sandbox (play money of the exchange)"),
    "demo": tr("Demo trading (play money of the exchange)"),
}
_SHOWN_COINS = 4


def tier_words(entry: VenueEntry) -> str:
    """Under the exchange's name."""
    if not entry.takes_key:
        return tr("Watch only, paper accounts: its keys are of a kind that cannot be given here.")
    if entry.tier is Tier.FIRST_CLASS:
        return tr("Trading is possible. {rests_on}", rests_on=entry.rests_on)
    return tr("Watch only. {rests_on}", rests_on=entry.rests_on)


def rights_words(entry: VenueEntry) -> tuple[str, str]:
    """What to tick when the key is made, and what not."""
    return tr("Tick: {names}.", names=", ".join(entry.tick)), tr(
        "Leave off: {names}.", names=", ".join(entry.leave_off)
    )


def kept_words(kept: KeptIn, *, in_file: bool = False) -> tuple[str, str]:
    """Headline and text of the note on where the key will be. ``in_file``: a passphrase for the file of keys was typed."""
    if kept.place is Place.KEYRING:
        return tr("Kept in the system keyring"), tr(
            "In {described}. Never in a file, a log or a report.", described=kept.described
        )
    if kept.place is Place.PASSPHRASE:
        return tr("Kept in a file locked with your passphrase"), kept.why_no_keyring
    if in_file:
        text = (
            ""
            if kept.vault_exists
            else tr("A passphrase that is lost cannot be got back: then new keys have to be made.")
        )
        return tr("Kept in a file locked with your passphrase"), f"{kept.why_no_keyring} {text}".strip()
    if kept.vault_exists:
        text = tr("Type the passphrase of the file of keys below; without it the key is kept until the program ends.")
    else:
        text = tr("Choose a passphrase below for a locked file; without one the key is kept until the program ends.")
    return tr("Kept in memory only"), f"{kept.why_no_keyring} {text}".strip()


def check_rows(report: ConnectionReport, numbers: NumberFormat) -> tuple[Finding, ...]:
    """What a test of the connection found."""
    reads = report.balances is not None
    icon, ink = ("check", Ink.GAIN) if reads else ("halted", Ink.LOSS)
    fee = "unknown" if report.fees is None else _shown(report.fees.taker_rate * HUNDRED, "%", numbers)
    return (
        Finding(icon, ink, tr("Read balances"), tr("Allowed") if reads else tr("Not possible"), "needed"),
        *rights_of_key(report.permissions),
        _offset(report.time_offset, numbers),
        Finding("info", Ink.TEXT2, tr("Fee rate"), fee, tr("of each order, as the exchange says")),
        Finding("coins", Ink.TEXT2, tr("Balances"), _balances(report.balances, numbers), ""),
    )


def _offset(offset: timedelta | None, numbers: NumberFormat) -> Finding:
    if offset is None:
        return Finding("warning", Ink.WARN, tr("Time offset"), "unknown", "")
    seconds = round(Decimal(offset // timedelta(milliseconds=1)) / 1000, 2)
    icon, ink = ("check", Ink.GAIN) if abs(offset) <= CLOCK_WARN else ("warning", Ink.WARN)
    words = numbers.signed(seconds, 2, "s") if seconds else numbers.fixed(seconds, 2, "s")
    return Finding(icon, ink, tr("Time offset"), words, "corrected")


def _balances(balances: Mapping[str, Balance] | None, numbers: NumberFormat) -> str:
    if balances is None:
        return "unknown"
    held = sorted(balances.values(), key=lambda balance: balance.asset)
    if not held:
        return "nothing"
    first = ", ".join(_shown(balance.total, balance.asset, numbers) for balance in held[:_SHOWN_COINS])
    return (
        first
        if len(held) <= _SHOWN_COINS
        else tr("{first} and {count} more", first=first, count=len(held) - _SHOWN_COINS)
    )


def _shown(value: Decimal, unit: str, numbers: NumberFormat) -> str:
    """All of its digits, with group marks."""
    return numbers.fixed(value.normalize(), places_of(value.normalize()), unit)
