"""``rebalancer account contact NAME``: the first contact with an exchange, before its account goes live (ORDERS.md section 5)."""

from __future__ import annotations

import sys

from rebalancer_gui.application import first_contact, go_live
from rebalancer_gui.application.connection import ConnectionReport
from rebalancer_gui.application.events import ConnectionShown
from rebalancer_gui.application.live_port import Evidence, Quotation
from rebalancer_gui.application.safety_commands import BeginFirstContact, CheckConnection
from rebalancer_gui.application.session import Session
from rebalancer_gui.console.answers import Json
from rebalancer_gui.console.doing import Desk, ask_person
from rebalancer_gui.console.output import lines
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput, OutcomeUnknown
from rebalancer_gui.domain.market import symbol_of
from rebalancer_gui.domain.money import plain

PATIENCE = 60.0
"""Seconds for which a first contact is waited for."""


async def contact(desk: Desk) -> None:
    """Show what the exchange says, then, when its owner agrees, buy the smallest legal amount and sell it back. One that
    was cut short goes on.
    """
    desk.options.account = desk.options.name
    async with desk.session() as session:
        account = session.runner.account
        shown = await _shown(session)
        _say(_report(shown.report))
        if (begun := first_contact.running(account)) is not None:
            coins = begun.record.parameters
            symbol = symbol_of(coins.assets[0], coins.quote)
            if first_contact.waits_for_test(account):
                await session.ask(_wish(desk, session, symbol))
            await _until_over(session, symbol)
        elif not await _begin(desk, session, shown):
            return
        evidence = go_live.evidence_of(account)
        if evidence is None:
            raise EnvironmentProblem(
                "The first contact proved nothing: this key did not buy and sell back.",
                "Its orders are in `rebalancer history orders`, what became of it in `rebalancer history journal`; the account "
                "stays on watch only.",
            )
    answer: Json = {"name": account.name, "contact": _evidence(evidence)}
    desk.printer.answer(answer, lines(answer))


async def _begin(desk: Desk, session: Session, shown: ConnectionShown) -> bool:
    """Ask, buy and sell back; False when the answer was no, which is told."""
    account, offer = session.runner.account, _chosen(shown, desk.options.symbol)
    refused = go_live.against_report(shown.report)
    if refused:
        raise InvalidInput("account", refused)
    words = (
        f"First contact with {shown.report.venue}: {offer.symbol} is bought for about {plain(offer.investment)} "
        f"{offer.quote} and sold back; about {plain(offer.cost)} {offer.quote} of it do not come back."
    )
    if not desk.options.yes:
        said = ask_person(f"{words} Do it? (yes/no)")
        if said is None:
            raise InvalidInput("account", f"{words} It needs --yes where nobody can be asked.")
        if said.casefold() not in {"y", "yes"}:
            desk.printer.answer({"name": account.name, "contact": None}, "Nothing was bought.")
            return False
    await session.ask(_wish(desk, session, offer.symbol))
    await _until_over(session, offer.symbol)
    return True


def _wish(desk: Desk, session: Session, symbol: str) -> BeginFirstContact:
    return BeginFirstContact(session.next_id(), session.runner.account.name, symbol, desk.options.no_withdraw)


async def _shown(session: Session) -> ConnectionShown:
    events = await session.read(CheckConnection(session.next_id(), session.runner.account.name))
    return next(e for e in events if isinstance(e, ConnectionShown))


def _chosen(shown: ConnectionShown, symbol: str | None) -> Quotation:
    if not shown.offers:
        raise InvalidInput("symbol", "The account has not the money for the smallest legal order in any usual market.")
    if symbol is None:
        return shown.offers[0]
    found = next((offer for offer in shown.offers if offer.symbol == symbol), None)
    if found is None:
        raise InvalidInput(
            "symbol", f"{symbol} is not offered; legal are: {', '.join(o.symbol for o in shown.offers)}."
        )
    return found


async def _until_over(session: Session, symbol: str) -> None:
    account = session.runner.account
    clock, begun = account.venue.clock, account.venue.clock.monotonic()
    while (strategy := first_contact.running(account)) is not None and not account.stopping:
        await session.runner.following.know((symbol,))
        await session.carry_out(strategy.id)
        first_contact.go_on(account)
        if first_contact.running(account) is None:
            return
        if clock.monotonic() - begun > PATIENCE:
            raise OutcomeUnknown(
                f"The first contact is not over after {PATIENCE:.0f} s: {strategy.decision}",
                "It goes on with `rebalancer run` or in the window.",
            )
        await clock.sleep(0.2)


def _report(report: ConnectionReport) -> str:
    rights = report.permissions
    known = {None: "cannot be checked", True: "yes", False: "no"}
    rows = [
        f"{report.venue}: {report.tier.value} ({report.tier_reason}); {report.without_evidence}",
        f"the key may trade: {known[rights.may_trade]}; may withdraw: {known[rights.may_withdraw]}",
        f"the key is bound to addresses: {known[rights.ip_restricted]}",
    ]
    if rights.others:
        rows.append(f"further rights that are not needed: {', '.join(rights.others)}")
    if report.time_offset is not None:
        rows.append(f"the exchange's clock is {report.time_offset.total_seconds():+.1f} s off this computer's")
    return "\n".join([*rows, *report.problems])


def _evidence(evidence: Evidence) -> Json:
    return {
        "time": evidence.at.isoformat().replace("+00:00", "Z"),
        "symbol": evidence.symbol,
        "cost": plain(evidence.cost),
        "quote": evidence.quote,
        "orders": list(evidence.trades),
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr)
