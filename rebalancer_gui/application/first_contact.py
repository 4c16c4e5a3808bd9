"""The first contact with a real exchange: one smallest legal buy, sold back at once, as the account's evidence.

It is a strategy of its own with a single coin, so that it goes the way of every other order: stored before it is sent, looked
up when its outcome is open, taken up again after a crash, and kept with its orders and what it cost. While it runs nothing
else can be created; the account goes back to watch only when it is over, whatever came of it.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.connection import ConnectionReport
from rebalancer_gui.application.creation import taken_names
from rebalancer_gui.application.ending import begin_stop
from rebalancer_gui.application.events import TransferBooked
from rebalancer_gui.application.go_live import EVIDENCE_KEY, LOOK, against_report, evidence_of, refuse_unsure
from rebalancer_gui.application.live_port import Evidence, Quotation
from rebalancer_gui.application.records import TransferKind, TransferRow
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.errors import InvalidInput, VenueError
from rebalancer_gui.domain.ledger import allocate
from rebalancer_gui.domain.market import FeeSide, MarketStatus, symbol_of
from rebalancer_gui.domain.money import HUNDRED, ONE, ZERO, ceil_to_step, plain
from rebalancer_gui.domain.orders import IntentState, Side
from rebalancer_gui.domain.strategy import RatioRule, State, StrategyParameters, StrategyRecord, Target, TradingMode
from rebalancer_gui.domain.triggers import RebalanceReason

CONTACT_KEY = "first_contact_strategy"
BEGUN_WITH, MAY_GO_ON_WITH = f"{CONTACT_KEY}_of", f"{CONTACT_KEY}_key"
"""Engine values: fingerprint and identity of the key it was begun with; fingerprint of another one that was tested since."""
NAME = "First contact"
ROOM = Decimal("0.03")
"""So much may the price fall before the sell-back would be too small to be legal (fraction)."""
CENT = Decimal("0.01")
WHAT_TO_DO = "It goes on after a test of the connection that finds nothing against the key."
ORDERS = 50
"""More than a first contact can ever have."""


def quotation(account: Account, symbol: str) -> Quotation:
    """Raises InvalidInput when there is no such market, no good price or not enough money."""
    rules, money = account.rules.get(symbol), symbol.partition("/")[2]
    if rules is None or rules.status is not MarketStatus.TRADING:
        raise InvalidInput("symbol", f"There is no open market {symbol} at {account.venue.name}.")
    if money not in account.venue.quote_assets:
        raise InvalidInput("symbol", f"{money} is not a money of this account.")
    price = account.quotes.get(symbol)
    if price is None or price.fault(account.now(), account.venue.stale_after) is not None:
        raise InvalidInput("symbol", f"There is no good price of {symbol} now.")
    rate = account.fees.taker_rate
    # What is left after the buy's fee must still be a legal order after the price fell a little.
    sold = rules.smallest_quantity(price.bid * (ONE - ROOM))
    kept = ONE - rate if account.fees.taken_in is FeeSide.RECEIVED else ONE
    bought = ceil_to_step(sold / kept, rules.step_size) + rules.step_size
    spent = bought * price.ask * (ONE + rate) * (ONE + ROOM / 10)
    investment = spent.quantize(CENT, ROUND_CEILING) if spent > CENT else spent
    free = account.wallet.free.get(money, ZERO)
    if investment > free:
        text = f"The smallest legal buy in {symbol} takes {plain(investment)} {money}; free are {plain(free)}."
        raise InvalidInput("symbol", text)
    cost = bought * (price.ask - price.bid) + bought * price.mid * rate * 2
    return Quotation(symbol, money, investment, cost.quantize(Decimal("0.0001"), ROUND_CEILING))


def running(account: Account) -> StrategyRuntime | None:
    """The first contact that is not over yet, or whose end was not told yet."""
    return account.strategies.find(account.values.get(CONTACT_KEY, ""))


def begin(account: Account, symbol: str, report: ConnectionReport, *, no_withdraw: bool = False) -> StrategyRuntime:
    """Take the money out of the free pool and buy at the next good prices. Raises InvalidInput; nothing is changed then."""
    live = account.setup.live
    if live is None:
        raise InvalidInput("account", f"{account.name} is no live account.")
    refused = against_report(report)
    if refused:
        raise InvalidInput("account", refused)
    refuse_unsure(report, no_withdraw=no_withdraw)
    if running(account) is not None:
        raise InvalidInput("account", "A first contact is under way.")
    if account.halted or account.stop_all:
        raise InvalidInput("account", account.why_no_orders)
    asked = quotation(account, symbol)
    now, new_id = account.now(), account.setup.ids.new_id("s")
    name = NAME if NAME not in taken_names(account) else f"{NAME} {new_id}"
    record = StrategyRecord(
        id=new_id,
        account=account.name,
        parameters=StrategyParameters(
            name, asked.quote, (Target(symbol.split("/", 1)[0], HUNDRED),), asked.investment, RatioRule(Decimal(50)),
            sell_all_on_stop=True,
        ),
        version=1,
        state=State.BUILDING,
        created_at=now,
        pending=RebalanceReason.BUILD.value,
        growth_base=asked.investment,
    )  # fmt: skip
    row = TransferRow(0, now, new_id, TransferKind.INVESTED, asked.quote, asked.investment, asked.investment)
    identity = f"{report.fingerprint} {report.identity or ''}"
    with account.change(allocate(now, new_id, asked.quote, asked.investment)) as store:
        account.save(record)
        row = replace(row, key=store.save_transfer(row))
        store.set_value(CONTACT_KEY, new_id)
        store.set_value(BEGUN_WITH, identity)
    account.values[CONTACT_KEY], account.values[BEGUN_WITH] = new_id, identity
    strategy = StrategyRuntime(record, {}, costs={})
    strategy.flow_in(now, asked.investment)
    strategy.watch_from_now()
    account.strategies[new_id] = strategy
    account.emit(TransferBooked(account.name, row))
    account.trading = TradingMode.AUTO
    account.note(
        strategy,
        "user",
        f"First contact: {plain(asked.investment)} {asked.quote} of {symbol} is bought and sold back "
        f"(about {plain(asked.cost)} {asked.quote}).",
    )
    strategy.ask(RebalanceReason.BUILD)
    account.value_one(strategy)
    return strategy


def waits_for_test(account: Account) -> bool:
    """One that was cut short, before another key was put in whose rights are not known yet: nothing of it is sent."""
    strategy, live = running(account), account.setup.live
    if strategy is None or strategy.record.state is State.ENDED or live is None:
        return False
    begun_with = account.values[BEGUN_WITH].partition(" ")[0]
    return live.fingerprint not in {begun_with, account.values.get(MAY_GO_ON_WITH, "")}


async def take_up(account: Account) -> None:
    """At a start: one that was cut short goes on, with another key than it was begun with only after a test of that one."""
    strategy, live = running(account), account.setup.live
    if strategy is None or strategy.record.state is State.ENDED or live is None:
        return
    if not waits_for_test(account):
        account.trading = TradingMode.AUTO
        return
    try:
        take_key(account, await live.probe())
    except VenueError as error:
        _wait(account, strategy, error.message)


def take_key(account: Account, report: ConnectionReport, *, no_withdraw: bool = False) -> str:
    """After a test of the connection: a contact that waited for it goes on, where the key may be used for that; else why it
    waits on is told, and answered. ``no_withdraw``: its owner says that the key may not withdraw.
    """
    strategy = running(account)
    if strategy is None or not waits_for_test(account):
        return ""
    refused = against_report(report)
    if not refused and (report.identity or "") != account.values[BEGUN_WITH].partition(" ")[2]:
        refused = "It is a key of another account of the exchange."
    if not refused and report.permissions.may_withdraw is None and not no_withdraw:
        refused = f"{report.venue} does not tell whether the key may withdraw. {LOOK}"
    if refused:
        _wait(account, strategy, refused)
        return refused
    with account.change() as store:
        store.set_value(MAY_GO_ON_WITH, report.fingerprint)
    account.values[MAY_GO_ON_WITH] = report.fingerprint
    account.trading = TradingMode.AUTO
    account.note(strategy, "state", "The first contact goes on with the key that was put in since, which was tested.")
    return ""


def _wait(account: Account, strategy: StrategyRuntime, why: str) -> None:
    text = f"The first contact was cut short and another key was put in, so nothing of it is sent: {why} {WHAT_TO_DO}"
    account.note(strategy, "state", text)


def go_on(account: Account) -> None:
    """Between two batches: what was bought is sold back; when it is over the evidence is stored, and only watching is left."""
    strategy = running(account)
    if strategy is None:
        return
    record = strategy.record
    if record.state is State.RUNNING and account.may_order:
        begin_stop(account, strategy, sell_all=True)
    elif record.state is State.ENDED:
        _conclude(account, strategy)


def _conclude(account: Account, strategy: StrategyRuntime) -> None:
    rows = account.store.orders(strategy.id, None, ORDERS)
    filled = {side: [r for r in rows if r.side is side and r.filled > ZERO] for side in Side}
    proven = all(filled.values()) and all(r.state in {IntentState.SETTLED, IntentState.REJECTED} for r in rows)
    quote, cost = strategy.record.parameters.quote, strategy.added - strategy.removed
    asset = strategy.record.parameters.assets[0]
    fingerprint, _, identity = account.values[BEGUN_WITH].partition(" ")
    evidence = Evidence(
        account.now(), fingerprint, identity, symbol_of(asset, quote), cost, quote,
        tuple(r.client_order_id for r in reversed(rows)),
    )  # fmt: skip
    changes = {CONTACT_KEY: "", MAY_GO_ON_WITH: "", **({EVIDENCE_KEY: evidence.to_text()} if proven else {})}
    with account.change() as store:
        for key, value in changes.items():
            store.set_value(key, value)
    account.values.update(changes)
    account.trading = TradingMode.WATCH
    if proven:
        amount = plain(abs(cost))
        came = (
            f"it cost {amount} {quote}" if cost >= ZERO else f"the price rose meanwhile, so it brought {amount} {quote}"
        )
        text = f"First contact made: bought, looked up, sold back and booked; {came}."
        if evidence_of(account) is None:
            # Another key sold what the one before had bought: for neither of them both is proven.
            text += " It was begun with another key, so the present one needs a contact of its own."
    else:
        text = "The first contact proved nothing: it did not buy and sell back. The account stays on watch only."
    account.note(strategy, "state", text)
