"""The one gate before real money (ORDERS.md section 5): what an account must have shown before trading is switched on.

A live account starts on watch only. It trades when its venue is one that this program is proven with, its key has no right
to withdraw, a first contact was made with this very key (``first_contact``), the text about risk was accepted in its present
version, a cap for one order was set, and the account's name was typed. A new key undoes all of it.
"""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.approvals import set_trading
from rebalancer_gui.application.connection import ConnectionReport, Tier
from rebalancer_gui.application.live_port import Evidence
from rebalancer_gui.application.rail_settings import RAILS_KEY, changed, to_text
from rebalancer_gui.application.safety_commands import GoLive
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.rails import Rail
from rebalancer_gui.domain.risk import RESTS_HERE, RISK_VERSION
from rebalancer_gui.domain.strategy import TradingMode

LOOK = (
    "Look at the exchange that this right is off, and say so: with the box in the window, with --no-withdraw in the console. "
    "Nothing was changed."
)
EVIDENCE_KEY, ACCEPTED_KEY = "first_contact", "risk_accepted"


def evidence_of(account: Account) -> Evidence | None:
    """What is stored of the account's first contact with the key that it uses now; None when there was none."""
    live, text = account.setup.live, account.values.get(EVIDENCE_KEY, "")
    if live is None or not text:
        return None
    found = json.loads(text)
    known = Evidence(
        datetime.fromisoformat(found["at"]), found["fingerprint"], found["identity"], found["symbol"],
        Decimal(found["cost"]), found["quote"], tuple(found["trades"]),
    )  # fmt: skip
    return known if known.fingerprint == live.fingerprint else None


def against_report(report: ConnectionReport) -> str:
    """Why an account with this connection may only watch; "" when it may trade."""
    if report.tier is not Tier.FIRST_CLASS:
        return f"{report.called} is watch only in this program: {report.tier_reason}"
    if report.permissions.may_withdraw:
        return "The key may withdraw: make one without that right. There is no way round this."
    if report.permissions.may_trade is False:
        return "The key has no right to trade: give it the one for spot trading."
    if report.problems:
        return f"The test of the connection did not go through: {' '.join(report.problems)}"
    return ""


def refuse_unsure(report: ConnectionReport, *, no_withdraw: bool) -> None:
    """Where the exchange does not tell whether the key may withdraw, its owner has to say that it may not. InvalidInput
    (``no_withdraw``).
    """
    if report.permissions.may_withdraw is None and not no_withdraw:
        raise InvalidInput("no_withdraw", f"{report.venue} does not tell whether the key may withdraw. {LOOK}")


def lacking(account: Account) -> tuple[str, ...]:
    """What has to be done before trading can be switched on, in order, one sentence each; () when nothing is lacking. The
    key's rights are asked for again when it is switched on.
    """
    live = account.setup.live
    if live is None:
        return ()
    found = []
    if live.tier is not Tier.FIRST_CLASS:
        found.append(f"{account.venue.name} is watch only in this program: plans are shown, nothing is sent.")
    if not live.fingerprint:
        found.append("There is no key: give the account one that may trade and may not withdraw.")
    if live.against_folder:
        found.append(live.against_folder)
    if evidence_of(account) is None:
        found.append("There was no first contact with this key: one smallest legal buy that is sold back.")
    return tuple(found)


async def go_live(account: Account, command: GoLive) -> None:
    """Switch trading on. Raises InvalidInput with what is lacking, VenueError when the exchange does not answer."""
    live = account.setup.live
    if live is None:
        raise InvalidInput("account", f"{account.name} is no live account: its trading mode is chosen in Settings.")
    if command.typed_name != account.name:
        raise InvalidInput("account", f"The name was not typed as it is: {account.name}. Nothing was changed.")
    if command.risk_version != RISK_VERSION:
        raise InvalidInput("risk", "Read and accept the text about risk first. Nothing was changed.")
    if command.mode is TradingMode.WATCH:
        raise InvalidInput("trading", "Choose approve or automatic.")
    if command.max_order <= ZERO:
        raise InvalidInput("max_order", "Set the most that one order may be worth: an amount above 0.")
    missing = lacking(account)
    if missing:
        raise InvalidInput("trading", " ".join(missing))
    report = await live.probe()
    refused = against_report(report)
    if refused:
        raise InvalidInput("trading", refused)
    refuse_unsure(report, no_withdraw=command.no_withdraw)
    evidence = evidence_of(account)
    if evidence is None or evidence.identity != report.identity:
        text = "The key belongs to another account of the exchange than the first contact was made with: make it anew."
        raise InvalidInput("trading", text)
    rails = changed(
        account.rails.set, {**account.rails.set.values, Rail.ORDER_CAP: command.max_order}, account.rails.set.off
    )
    now = account.now()
    said = {"version": RISK_VERSION, "at": now.isoformat(), "no_withdraw": command.no_withdraw}
    accepted = json.dumps(said, sort_keys=True)
    with account.change() as store:
        store.set_value(RAILS_KEY, to_text(rails))
        store.set_value(ACCEPTED_KEY, accepted)
    account.rails.change(rails)
    account.values[ACCEPTED_KEY] = accepted
    set_trading(account, command.mode)
    text = f"Trading is on for {account.name}: {account.setup.mode} orders are sent. The risk text was accepted. {RESTS_HERE}"
    account.note(None, "user", text)


def refuse_plain_switch(account: Account, mode: TradingMode) -> None:
    """Settings may change between approve and automatic, and back to watch only, but not past the gate."""
    if account.setup.live is not None and account.trading is TradingMode.WATCH and mode is not TradingMode.WATCH:
        raise InvalidInput("trading", "Trading of a live account is switched on by typing its name (Go live).")


def fall_back_to_watching(account: Account) -> None:
    """At each start: without the evidence for the key that is used now, nothing is sent."""
    live = account.setup.live
    if live is None or account.trading is TradingMode.WATCH or not lacking(account):
        return
    account.note(None, "state", f"{account.name} only watches: {' '.join(lacking(account))}")
    set_trading(account, TradingMode.WATCH)
