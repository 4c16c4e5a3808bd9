"""What a test of the connection found, as rows and warnings. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.application.connection import ConnectionReport, Permissions, Tier
from rebalancer_gui.application.live_port import Evidence
from rebalancer_gui.domain.money import HUNDRED
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat, places_of, utc_date
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Level, Notice

CLOCK_WARN, CLOCK_BLOCK = timedelta(seconds=1), timedelta(seconds=5)
_UNKNOWN = tr("Cannot be checked")


@dataclass(frozen=True, slots=True)
class Finding:
    """One row: what was looked at, what was found, and what is needed or more to know."""

    icon: str
    ink: Ink
    what: str
    found: str
    needed: str

    @property
    def key(self) -> str:
        """A word that names the row: the first of what was looked at."""
        return self.what.split(maxsplit=1)[0].rstrip(":").casefold()


def findings(report: ConnectionReport, numbers: NumberFormat, contact: Evidence | None = None) -> tuple[Finding, ...]:
    """In the order in which they stand. ``contact``: the account's own first contact, which confirms its exchange."""
    return (
        _tier(report, contact),
        *rights_of_key(report.permissions),
        _clock(report.time_offset, numbers),
        _fee(report, numbers),
    )


def rights_of_key(rights: Permissions) -> tuple[Finding, ...]:
    """What the key may do and should not, wherever that is shown."""
    return (
        _yes(rights.may_trade, tr("Spot trading")),
        _withdrawals(rights.may_withdraw),
        _ip(rights.ip_restricted),
        _others(rights),
    )


def blocked(report: ConnectionReport) -> tuple[Notice, ...]:
    """What forbids trading with this key, each with what to do."""
    found = []
    if report.permissions.may_withdraw:
        text = tr(
            "Rebalancer never needs the right to withdraw, and there is no way round this. At {called}, in its "
            "management of API keys, take that right from the key (or make a key without it), then press Check again.",
            called=report.called,
        )
        found.append(Notice(Level.BLOCKING, tr("This key can take money out. It is refused."), text))
    if report.permissions.may_trade is False:
        text = tr(
            "At {called}, in its management of API keys, give the key spot trading, then press Check again.",
            called=report.called,
        )
        found.append(Notice(Level.BLOCKING, tr("This key may not trade."), text))
    if report.tier is not Tier.FIRST_CLASS:
        text = tr("{tier_reason} This account can be watched; it cannot trade.", tier_reason=report.tier_reason)
        found.append(Notice(Level.BLOCKING, tr("{called} is watch only in this program.", called=report.called), text))
    if report.problems:
        text = tr("{names} Trading is switched on only after a test without faults.", names=" ".join(report.problems))
        found.append(Notice(Level.BLOCKING, tr("The test did not go through."), text))
    return tuple(found)


def warnings(report: ConnectionReport) -> tuple[Notice, ...]:
    """What does not forbid it, but should be known or put right."""
    found, rights = [], report.permissions
    if rights.ip_restricted is False:
        text = tr(
            "Whoever gets hold of the key can trade with it from anywhere. At the exchange, bind it to the address of "
            "this computer."
        )
        found.append(Notice(Level.WARNING, tr("The key works from every address."), text))
    unknown = [
        what
        for what, value in (
            (tr("spot trading"), rights.may_trade),
            (tr("withdrawals"), rights.may_withdraw),
            (tr("the IP restriction"), rights.ip_restricted),
        )
        if value is None
    ]
    if unknown or rights.note:
        listed = ", ".join(unknown)
        text = said(rights.note) or tr("The exchange does not tell what this key may do.")
        headline = (
            tr("Cannot be checked: {listed}.", listed=listed) if listed else tr("Not everything could be checked.")
        )
        found.append(Notice(Level.WARNING, headline, tr("{text} Look at the exchange yourself.", text=text)))
    if rights.others:
        text = tr("It may also: {names}. Take from the key what it does not need.", names=_names_of(rights.others))
        found.append(Notice(Level.WARNING, tr("The key may do more than it needs."), text))
    if report.time_offset is not None and abs(report.time_offset) >= CLOCK_WARN:
        text = tr("Set this computer's clock by the network. From 5 s on nothing is sent.")
        found.append(Notice(Level.WARNING, tr("This computer's clock is wrong."), text))
    return tuple(found)


def _tier(report: ConnectionReport, contact: Evidence | None) -> Finding:
    good = report.tier is Tier.FIRST_CLASS
    icon, ink = ("check", Ink.GAIN) if good else ("halted", Ink.LOSS)
    word = said(report.tier.value.capitalize())
    rests_on = _reasons(report.tier_reason, report.without_evidence)
    if contact is not None:
        rests_on = tr(
            "Proven on loopback, and confirmed by this account's first contact on {utc_date}.",
            utc_date=utc_date(contact.at),
        )
    return Finding(icon, ink, tr("Exchange: {called}", called=report.called), word, rests_on)


def _reasons(reason: str, evidence: str) -> str:
    """Both sentences; what the first has said already is not said twice."""
    core = evidence.rstrip(". ").rpartition("; ")[2].lower()
    return said(reason if core in reason.lower() else f"{reason} {evidence}")


_RIGHTS = {"margin": tr("margin"), "futures": tr("futures"), "options": tr("options")}


def _names_of(rights: Iterable[str]) -> str:
    return ", ".join(_RIGHTS.get(right) or said(right) for right in rights)


def _yes(value: bool | None, what: str) -> Finding:
    """A right that is needed."""
    if value is None:
        return Finding("warning", Ink.WARN, what, _UNKNOWN, tr("needed"))
    return Finding("check", Ink.GAIN, what, tr("Allowed"), tr("needed")) if value else _not_allowed(what)


def _not_allowed(what: str) -> Finding:
    return Finding("halted", Ink.LOSS, what, tr("Not allowed"), tr("needed"))


def _withdrawals(value: bool | None) -> Finding:
    what = tr("Withdrawals")
    if value is None:
        return Finding("warning", Ink.WARN, what, _UNKNOWN, tr("must be off"))
    if value:
        return Finding("halted", Ink.LOSS, what, tr("Allowed"), tr("must be off"))
    return Finding("check", Ink.GAIN, what, tr("Off"), tr("must be off"))


def _ip(value: bool | None) -> Finding:
    what, needed = tr("IP restriction"), tr("advised: this computer only")
    if value is None:
        return Finding("warning", Ink.WARN, what, _UNKNOWN, needed)
    if value:
        return Finding("check", Ink.GAIN, what, tr("Set"), needed)
    return Finding("warning", Ink.WARN, what, tr("Not set"), needed)


def _others(rights: Permissions) -> Finding:
    if rights.others:
        return Finding("warning", Ink.WARN, tr("Other rights"), tr("More than needed"), _names_of(rights.others))
    if rights.note:
        return Finding("warning", Ink.WARN, tr("Other rights"), _UNKNOWN, tr("none is needed"))
    return Finding("check", Ink.GAIN, tr("Other rights"), tr("None"), tr("none is needed"))


def _clock(offset: timedelta | None, numbers: NumberFormat) -> Finding:
    what, needed = tr("Clock"), tr("warned of from 1 s, nothing sent from 5 s")
    if offset is None:
        return Finding("warning", Ink.WARN, what, _UNKNOWN, needed)
    seconds = Decimal(abs(offset) // timedelta(milliseconds=1)) / 1000
    way = tr("behind") if offset > timedelta(0) else tr("ahead")
    found = f"{numbers.fixed(seconds, 1, tr('s'))} {way}" if seconds >= Decimal("0.1") else tr("Exact")
    if abs(offset) >= CLOCK_BLOCK:
        return Finding("halted", Ink.LOSS, what, found, needed)
    icon, ink = ("warning", Ink.WARN) if abs(offset) >= CLOCK_WARN else ("check", Ink.GAIN)
    return Finding(icon, ink, what, found, needed)


def _fee(report: ConnectionReport, numbers: NumberFormat) -> Finding:
    if report.fees is None:
        return Finding("warning", Ink.WARN, tr("Fee"), tr("Not known"), tr("of each order's value"))
    percent = (report.fees.taker_rate * HUNDRED).normalize()
    return Finding(
        "check",
        Ink.GAIN,
        tr("Fee"),
        numbers.fixed(percent, max(2, places_of(percent)), "%"),
        tr("of each order's value"),
    )
