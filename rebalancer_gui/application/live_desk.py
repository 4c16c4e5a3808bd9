"""The commands on the way from watch only to live: test the connection, make the first contact, switch trading on."""

from __future__ import annotations

from rebalancer_gui.application import first_contact, go_live
from rebalancer_gui.application.account import Account
from rebalancer_gui.application.account_runner import AccountRunner
from rebalancer_gui.application.events import CommandDone, ConnectionShown, Event
from rebalancer_gui.application.live_port import LiveSide, Quotation
from rebalancer_gui.application.safety_commands import BeginFirstContact, CheckConnection, GoLive
from rebalancer_gui.domain.errors import InvalidInput, VenueError
from rebalancer_gui.domain.market import symbol_of
from rebalancer_gui.domain.money import ZERO

CANDIDATES = ("BTC", "ETH", "SOL", "XRP", "LTC", "DOGE")
"""Coins that every exchange trades in deep books: the first contact is offered in one of them."""
LiveCommand = CheckConnection | BeginFirstContact | GoLive


async def carry_out(runner: AccountRunner, command: LiveCommand) -> Event:
    """The answer. Raises InvalidInput, also when the exchange does not answer; nothing is changed then."""
    live = runner.account.setup.live
    if live is None:
        raise InvalidInput("account", f"{runner.account.name} is no account at an exchange.")
    if live.locked:
        raise InvalidInput("", live.locked)
    try:
        return await _carry_out(runner, command, live)
    except VenueError as error:
        text = f"The exchange did not answer as it should: {error.message} Nothing was changed."
        raise InvalidInput("", text) from error


async def _carry_out(runner: AccountRunner, command: LiveCommand, live: LiveSide) -> Event:
    account = runner.account
    match command:
        case CheckConnection():
            report = await live.probe()
            first_contact.take_key(account, report)
            await runner.following.know(_candidates(account))
            return ConnectionShown(
                command.command_id, account.name, report, go_live.evidence_of(account), go_live.lacking(account),
                _offers(account),
            )  # fmt: skip
        case BeginFirstContact() if first_contact.waits_for_test(account):
            report = await live.probe()
            go_live.refuse_unsure(report, no_withdraw=command.no_withdraw)
            against = first_contact.take_key(account, report, no_withdraw=command.no_withdraw)
            if against:
                raise InvalidInput("account", f"The first contact does not go on with this key: {against}")
        case BeginFirstContact():
            refuse_while_in_contact(account)
            await runner.following.know((command.symbol,))
            first_contact.begin(account, command.symbol, await live.probe(), no_withdraw=command.no_withdraw)
        case GoLive():
            refuse_while_in_contact(account)
            await go_live.go_live(account, command)
    return CommandDone(command.command_id)


def refuse_waiting(account: Account) -> None:
    """A first contact that was cut short waits for a test of the key. Raises InvalidInput."""
    if first_contact.waits_for_test(account):
        raise InvalidInput("", f"A first contact was cut short and another key was put in. {first_contact.WHAT_TO_DO}")


def refuse_while_in_contact(account: Account) -> None:
    """Nothing else is begun while the first contact runs. Raises InvalidInput."""
    refuse_waiting(account)
    if first_contact.running(account) is not None:
        raise InvalidInput("", "The first contact is under way: wait until it is over.")


def _candidates(account: Account) -> tuple[str, ...]:
    free = account.wallet.free
    moneys = [money for money in account.venue.quote_assets if free.get(money, ZERO) > ZERO]
    return tuple(s for money in moneys for coin in CANDIDATES if account.is_open(s := symbol_of(coin, money)))


def _offers(account: Account) -> tuple[Quotation, ...]:
    """The cheapest first."""
    found = []
    for symbol in _candidates(account):
        try:
            found.append(first_contact.quotation(account, symbol))
        except InvalidInput:
            continue  # not enough money, or no price: another one is offered
    return tuple(sorted(found, key=lambda q: (account.venue.quote_assets.index(q.quote), q.cost)))
