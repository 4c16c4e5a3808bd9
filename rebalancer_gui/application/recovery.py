"""Opening an account: what a crash left open is resolved by the same path as always, before anything is traded."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from decimal import Decimal

from rebalancer_gui.application import first_contact, kept_pause, pending_removal
from rebalancer_gui.application.account import (
    BNB_FEES_KEY,
    IDENTITY_KEY,
    IDS_KEY,
    MISSING_KEY,
    SEQ_KEY,
    STOP_ALL_KEY,
    Account,
    AccountSetup,
)
from rebalancer_gui.application.events import JournalChanged
from rebalancer_gui.application.executor import Executor
from rebalancer_gui.application.fee_returns import tell_again
from rebalancer_gui.application.go_live import fall_back_to_watching
from rebalancer_gui.application.journal import Journal
from rebalancer_gui.application.lifecycle import resumable, set_stop_all
from rebalancer_gui.application.ports import EventSink, StoredState
from rebalancer_gui.application.reconciler import Reconciler
from rebalancer_gui.application.records import (
    JournalEntry,
    LegOutcome,
    LegResult,
    Outcome,
    RebalanceRecord,
)
from rebalancer_gui.application.restored import look_for_newer, position_of_ids
from rebalancer_gui.application.settling import Settling
from rebalancer_gui.application.strategies import Strategies
from rebalancer_gui.application.strategy_runtime import runtimes
from rebalancer_gui.application.wallet import Wallet
from rebalancer_gui.application.warm_state import restore
from rebalancer_gui.domain.errors import EnvironmentProblem, VenueUnavailable
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import IntentState, OrderIntent, order_words
from rebalancer_gui.domain.strategy import MAX_COINS, State, TradingMode
from rebalancer_gui.domain.triggers import RebalanceReason

ORDERS_OF_A_REBALANCE = 2 * MAX_COINS
"""Each leg sends at most two: Limit IOC and Market."""
ORDERS_LOOKED_AT = 200
"""An order that was open at the last end is among so many newest of its strategy."""


async def open_account(setup: AccountSetup, emit: EventSink) -> Account:
    """Open store and venue, resolve open orders, compare the ledger with the venue. Raises RebalancerError.

    While its key is locked it only watches: nothing but prices and markets is asked.
    """
    setup.store.open()
    state = setup.store.load()
    kept_pause.respect(setup, state.values)
    try:
        await setup.venue.open()
        rules, fees = await setup.venue.markets(), await setup.venue.fees()
    except VenueUnavailable as error:
        if error.retry_after is not None:
            kept_pause.keep(setup, error.retry_after)
        raise
    setup.ids.seek(position_of_ids(state.values, int(state.values.get(IDS_KEY, "0"))))

    def journal_changed(entry: JournalEntry) -> None:
        emit(JournalChanged(setup.name, entry))

    account = Account(
        setup=setup,
        emit=emit,
        wallet=Wallet(state.balances),
        journal=Journal(setup.store, setup.ids, state.journal_tail, journal_changed),
        strategies=Strategies(runtimes(state), setup.store),
        rules=rules,
        fees=fees,
        values={key: value for key, value in state.values.items() if value},
        seq=int(state.values.get(SEQ_KEY, "0")),
        stop_all=bool(state.values.get(STOP_ALL_KEY, "")),
        pay_fees_with_bnb=bool(state.values.get(BNB_FEES_KEY, "")),
    )
    account.gate.on_pause = lambda span: kept_pause.keep(setup, span)
    if not account.locked:
        await _prove_identity(account, state)
    stored = state.values.get(MISSING_KEY, "")
    for asset, parts in (json.loads(stored) if stored else {}).items():
        account.missing[asset] = {sid: Decimal(amount) for sid, amount in parts.items()}
    if setup.stop_signal is not None and setup.stop_signal.is_set() and not account.stop_all:
        set_stop_all(account, on=True)
    account.strategies.over.open()
    _ask_again(account)
    pending_removal.recall(account)
    tell_again(account)
    before = _open_orders(account, state)
    if account.locked:
        # Only the venue knows what became of what is open. All of that is done when the account is opened with its key.
        account.trading = TradingMode.WATCH
        account.note(None, "key", account.locked)
        return account
    executor = Executor(account)
    await look_for_newer(account)
    await Settling(account, executor, Reconciler(account)).begin()
    _tell_what_became_of(account, before)
    _take_up_interrupted(account, state)
    restore(account)
    fall_back_to_watching(account)
    await first_contact.take_up(account)
    return account


async def _prove_identity(account: Account, state: StoredState) -> None:
    """The ledger belongs to one account at the exchange: another one's key must not be booked into it.

    On the demo market the account is the file beside the ledger. Raises EnvironmentProblem.
    """
    if account.setup.demo is not None:
        return
    identity = hashlib.sha256((await account.venue.identity()).encode()).hexdigest()[:16]
    known = state.values.get(IDENTITY_KEY, "")
    if known and known != identity:
        raise EnvironmentProblem(
            f"The key of the account {account.name} belongs to another account at the exchange than its ledger.",
            "Use the key of the former account again, or make a new account here for this one.",
        )
    if not known:
        with account.change() as store:
            store.set_value(IDENTITY_KEY, identity)


def _ask_again(account: Account) -> None:
    """What was asked for and had not begun when the program ended."""
    for strategy in account.strategies.values():
        pending = resumable(strategy.record.pending)
        if strategy.record.state is State.BUILDING:
            strategy.ask(RebalanceReason.BUILD)
        elif strategy.record.state is State.RUNNING and pending is not None:
            strategy.ask(pending)


def _open_orders(account: Account, state: StoredState) -> list[OrderIntent]:
    """Hand the orders that were open at the last end to whoever looks after them; answers those that may have traded."""
    open_ones = []
    for intent in state.open_intents:
        if intent.state is IntentState.DONE:
            account.done[intent.client_order_id] = intent
            continue
        account.strategies.take(intent.strategy_id).unresolved[intent.client_order_id] = intent
        open_ones.append(intent)
    return open_ones


def _tell_what_became_of(account: Account, open_ones: list[OrderIntent]) -> None:
    for intent in open_ones:
        strategy = account.strategies.take(intent.strategy_id)
        still = strategy.unresolved.get(intent.client_order_id)
        found = account.store.orders(strategy.id, None, ORDERS_LOOKED_AT)
        stored = next((row.state for row in found if row.client_order_id == intent.client_order_id), intent.state)
        state = still.state if still is not None else stored
        what = order_words(intent.request.side, intent.request.quantity, intent.request.symbol)
        account.note(strategy, "recovery", f"An order was open at the last end ({what}): {state.value}.")


def _take_up_interrupted(account: Account, state: StoredState) -> None:
    """Rebalances that were cut short are closed as partly done; a forced one is asked for again."""
    for record in state.open_rebalances:
        strategy = account.strategies.take(record.strategy_id)
        if record.reason == RebalanceReason.REMOVE_FUNDS.value:
            # What its orders brought still has to go to the free pool: at the first prices.
            strategy.newest = strategy.open_removal = record
            continue
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
        reason = resumable(record.reason)
        if strategy.forced is None and strategy.record.state is State.RUNNING and reason is not None:
            strategy.ask(reason)


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
