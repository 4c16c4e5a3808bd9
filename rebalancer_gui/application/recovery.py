"""Opening an account: what a crash left open is resolved by the same path as always, before anything is traded."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from rebalancer_gui.application.account import IDS_KEY, SEQ_KEY, STOP_ALL_KEY, Account, AccountSetup, runtimes
from rebalancer_gui.application.checker import resumable
from rebalancer_gui.application.events import JournalChanged
from rebalancer_gui.application.executor import Executor
from rebalancer_gui.application.journal import Journal
from rebalancer_gui.application.ports import EventSink, StoredState
from rebalancer_gui.application.records import (
    JournalEntry,
    LegOutcome,
    LegResult,
    Outcome,
    RebalanceRecord,
    TransferKind,
    TransferRow,
)
from rebalancer_gui.application.wallet import Wallet
from rebalancer_gui.domain.ledger import FREE, deposit
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.strategy import MAX_COINS, State
from rebalancer_gui.domain.triggers import RebalanceReason

ORDERS_OF_A_REBALANCE = 2 * MAX_COINS
"""Each leg sends at most two: Limit IOC and Market."""


async def open_account(setup: AccountSetup, emit: EventSink) -> Account:
    """Open store and venue, resolve open orders, compare the ledger with the venue. Raises RebalancerError."""
    setup.store.open()
    state = setup.store.load()
    await setup.venue.open()
    setup.ids.seek(int(state.values.get(IDS_KEY, "0")))

    def journal_changed(entry: JournalEntry) -> None:
        emit(JournalChanged(setup.name, entry))

    account = Account(
        setup=setup,
        emit=emit,
        wallet=Wallet(state.balances),
        journal=Journal(setup.store, setup.ids, state.journal_tail, journal_changed),
        strategies=runtimes(state),
        rules=await setup.venue.markets(),
        fees=await setup.venue.fees(),
        values=dict(state.values),
        seq=int(state.values.get(SEQ_KEY, "0")),
        stop_all=bool(state.values.get(STOP_ALL_KEY, "")),
    )
    _remember_ends(account)
    await _resolve_open_orders(account, state)
    _take_up_interrupted(account, state)
    await reconcile(account)
    return account


def _remember_ends(account: Account) -> None:
    """Final value and HODL value of the strategies that have ended: their last equity sample."""
    for strategy in account.strategies.values():
        if strategy.record.state is State.ENDED:
            samples = account.store.equity(strategy.id, None, 2)
            strategy.final = (samples[-1].value, samples[-1].hodl) if samples else (ZERO, ZERO)
        elif strategy.record.state is State.BUILDING:
            strategy.forced = RebalanceReason.BUILD


async def _resolve_open_orders(account: Account, state: StoredState) -> None:
    executor = Executor(account)
    for intent in state.open_intents:
        strategy = account.strategies[intent.strategy_id]
        strategy.unresolved[intent.client_order_id] = intent
        resolved = await executor.resolve(strategy, intent)
        what = f"{intent.request.side.value} {plain(intent.request.quantity)} {intent.request.symbol}"
        account.note(strategy, "recovery", f"An order was open at the last end ({what}): {resolved.state.value}.")


def _take_up_interrupted(account: Account, state: StoredState) -> None:
    """Rebalances that were cut short are closed as partly done; a forced one is asked for again."""
    for record in state.open_rebalances:
        strategy = account.strategies[record.strategy_id]
        closed = replace(
            record,
            legs=_what_came_of(account, record),
            outcome=Outcome.PARTLY,
            message="The program ended in the middle of it. What was traded is booked; the rest follows at the next check.",
            finished_at=account.venue.clock.now(),
        )
        with account.change() as store:
            store.save_rebalance(closed)
        strategy.newest = closed
        strategy.rebalances += 1
        if strategy.forced is None and strategy.record.state is State.RUNNING:
            strategy.forced = resumable(record.reason)


def _what_came_of(account: Account, record: RebalanceRecord) -> tuple[LegResult, ...]:
    """The legs of an interrupted rebalance with what its orders really traded."""
    filled: dict[str, Decimal] = {}
    for order in account.store.orders(record.strategy_id, None, ORDERS_OF_A_REBALANCE):
        if order.rebalance_id == record.id:
            filled[order.symbol] = filled.get(order.symbol, ZERO) + order.filled
    legs = []
    for leg in record.legs:
        done = filled.get(leg.symbol)
        if done is None:
            outcome, detail = LegOutcome.SKIPPED, "the program ended before its order was sent"
        else:
            outcome, detail = LegOutcome.FILLED if done >= leg.planned_quantity else LegOutcome.PARTLY, ""
        legs.append(replace(leg, filled=done or ZERO, outcome=outcome, detail=detail))
    return tuple(legs)


async def reconcile(account: Account) -> None:
    """Compare the ledger with the venue while no order is open (conservation, ORDERS.md I1).

    What is there beyond the ledger goes to the free pool; what is missing comes out of it. Where the free pool cannot
    cover it the account is halted: the ledger is never bent to fit.
    """
    if any(s.unresolved for s in account.strategies.values()):
        return
    held = {asset: balance.total for asset, balance in (await account.venue.balances()).items()}
    ours = account.wallet.inside_totals()
    first = not ours and not account.strategies
    now = account.venue.clock.now()
    for asset in sorted({*held, *ours}):
        difference = held.get(asset, ZERO) - ours.get(asset, ZERO)
        if difference == ZERO:
            continue
        if difference < ZERO and account.wallet.balance(FREE, asset) < -difference:
            account.halted = (
                f"The exchange holds {plain(held.get(asset, ZERO))} {asset}, the ledger {plain(ours.get(asset, ZERO))}. "
                "Money is missing that belongs to strategies, so nothing is traded."
            )
            account.note(None, "halt", account.halted)
            continue
        kind = TransferKind.DEPOSIT if difference > ZERO else TransferKind.WITHDRAWAL
        amount = abs(difference)
        worth = amount if asset == account.quote_asset else ZERO
        with account.change(deposit(now, asset, difference)) as store:
            store.save_transfer(TransferRow(0, now, "", kind, asset, amount, worth))
        if first:
            account.note(None, "transfer", f"The account starts with {amount:,f} {asset}.")
        else:
            what = "came in from outside" if difference > ZERO else "went out"
            account.note(None, "transfer", f"{amount:,f} {asset} {what}: booked to the free pool.")
