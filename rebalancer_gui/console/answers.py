"""What the console answers, with the keys of FILES.md: numbers as plain strings, times as ISO 8601 UTC with Z."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from rebalancer_gui.application.records import (
    FeeRow,
    FillRow,
    JournalEntry,
    OrderRow,
    RebalanceRecord,
    TransferRow,
)
from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.coin_result import NO_RESULT
from rebalancer_gui.domain.ledger import FREE
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.orders import IntentState, OrderType
from rebalancer_gui.domain.planning import SkippedLeg
from rebalancer_gui.domain.strategy import BandRule, RatioRule, Rule

Json = dict[str, object]
_SHOWN = Decimal("0.00000001")


def moment(at: datetime | None) -> str | None:
    """``2021-02-16T00:00:00Z``; microseconds only where there are any."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def exact(amount: Decimal | None) -> str | None:
    """All digits, plain notation."""
    return None if amount is None else plain(amount)


def figure(amount: Decimal | None) -> str | None:
    """A calculated figure: at most eight decimals."""
    return None if amount is None else plain(amount.quantize(_SHOWN))


def rule_answer(rule: Rule) -> Json:
    """As in a strategy file."""
    if isinstance(rule, RatioRule):
        return {
            "kind": "ratio",
            "threshold": plain(rule.threshold),
            "check_seconds": int(rule.check_period.total_seconds()),
        }
    if isinstance(rule, BandRule):
        return {"kind": "band", "check_seconds": int(rule.check_period.total_seconds())}
    return {"kind": "time", "interval_seconds": int(rule.interval.total_seconds()), "gate": plain(rule.gate)}


def strategy_answer(view: StrategyView) -> Json:
    """One strategy of ``strategy list`` and ``strategy show``."""
    score, snapshot = view.score, view.snapshot
    coins: list[Json] = [
        {
            "asset": row.asset,
            "quantity": exact(row.quantity),
            "average_cost": figure(view.average_costs.get(row.asset)),
            "price": exact(row.quote.mid) if row.quote is not None and row.fault is None else None,
            "value": figure(row.value),
            "weight": figure(row.weight),
            "target": exact(row.target),
            "drift": figure(row.drift),
            "unrealised": figure(view.results.get(row.asset, NO_RESULT).unrealised(row.value)),
            "realised": figure(view.results.get(row.asset, NO_RESULT).realised),
        }
        for row in (snapshot.holdings if snapshot is not None and view.ended_at is None else ())
    ]
    answer: Json = {
        "id": view.id,
        "name": view.parameters.name,
        "state": view.state.value,
        "reason": view.reason,
        "rule": rule_answer(view.parameters.rule),
        "coins": coins,
        "cash": exact(snapshot.cash) if snapshot is not None and view.ended_at is None else None,
        "value": figure(score.value),
        "net_invested": figure(score.net_invested),
        "profit": figure(score.profit),
        "profit_percent": figure(score.profit_percent),
        "twr": figure(score.time_weighted),
        "hodl_value": figure(score.hodl_value),
        "vs_hodl": figure(score.versus_hodl),
        "fees_paid": figure(view.fees_paid),
        "fees_returned": figure(view.fees_returned),
        "rebalances": str(view.rebalances),
        "skipped": str(view.skipped),
        "next_check": moment(view.next_check),
        "xirr": figure(score.money_weighted.percent),
        "realised": figure(score.realised),
        "unrealised": figure(score.unrealised),
    }
    if snapshot is not None and view.ended_at is not None:
        answer["given_back"] = [
            {
                "asset": row.asset,
                "quantity": exact(row.quantity),
                "price": figure(row.quote.mid if row.quote is not None else None),
                "value": figure(row.value),
            }
            for row in snapshot.holdings
            if row.quantity > ZERO
        ] + (
            [
                {
                    "asset": view.parameters.quote,
                    "quantity": exact(snapshot.cash),
                    "price": None,
                    "value": figure(snapshot.cash),
                }
            ]
            if snapshot.cash > ZERO
            else []
        )
    if score.value is None and view.unpriced:
        answer["in_part"] = {"value": figure(view.priced_part), "without": list(view.unpriced)}
    return answer


def account_answer(
    view: AccountView,
    venue: str,
    balances: dict[tuple[str, str], Decimal],
    held: dict[str, Decimal],
    shortages: dict[str, Decimal],
) -> Json:
    """``account show``: ``balances`` are the ledger's by (ledger account, asset), ``held`` what the venue says."""
    free: dict[str, str] = {}
    ledgers: dict[str, dict[str, str]] = {}
    reserved: dict[str, dict[str, str]] = {}
    inside: dict[str, Decimal] = {}
    for (owner, asset), amount in sorted(balances.items()):
        kind, _, name = owner.partition(":")
        if owner == FREE:
            free[asset] = plain(amount)
        elif kind == "strategy":
            ledgers.setdefault(name, {})[asset] = plain(amount)
        elif kind == "reserved":
            reserved.setdefault(name, {})[asset] = plain(amount)
        else:
            continue
        inside[asset] = inside.get(asset, ZERO) + amount
    difference = {
        asset: plain(held.get(asset, ZERO) - inside.get(asset, ZERO))
        for asset in sorted({*held, *inside})
        if held.get(asset, ZERO) != inside.get(asset, ZERO)
    }
    answer: Json = {
        "name": view.account,
        "venue": venue,
        "mode": view.mode.lower(),
        "free_pool": free,
        "ledgers": ledgers,
        "reserved": reserved,
        "venue_balances": {asset: plain(amount) for asset, amount in sorted(held.items())},
        "difference": difference,
    }
    if shortages:
        answer["missing"] = {asset: plain(amount) for asset, amount in sorted(shortages.items())}
    return answer


def order_answer(row: OrderRow) -> Json:
    return {
        "time": moment(row.at),
        "strategy": row.strategy_id,
        "rebalance": row.rebalance_id,
        "client_order_id": row.client_order_id,
        "venue_order_id": row.venue_order_id,
        "symbol": row.symbol,
        "side": row.side.value,
        "type": "market" if row.type is OrderType.MARKET else "limit",
        "time_in_force": None if row.type is OrderType.MARKET else "IOC",
        "quantity": exact(row.quantity),
        "price": exact(row.price),
        "filled": exact(row.filled),
        "average": figure(row.average),
        "cost": exact(row.cost),
        "fees": [{"asset": asset, "amount": exact(amount)} for asset, amount in row.fees],
        "status": _order_status(row),
        "reason": row.reason,
    }


def _order_status(row: OrderRow) -> str:
    if row.state is not IntentState.SETTLED:
        return str(row.state.value)
    if row.filled >= row.quantity:
        return "filled"
    return "partly filled" if row.filled > ZERO else "expired"


def fill_answer(row: FillRow) -> Json:
    fill = row.fill
    return {
        "time": moment(fill.at),
        "strategy": row.strategy_id,
        "client_order_id": fill.client_order_id,
        "trade_id": fill.trade_id,
        "symbol": fill.symbol,
        "side": fill.side.value,
        "quantity": exact(fill.quantity),
        "price": exact(fill.price),
        "fee_asset": fill.fee_asset,
        "fee_amount": exact(fill.fee),
    }


def rebalance_answer(row: RebalanceRecord) -> Json:
    return {
        "time": moment(row.at),
        "strategy": row.strategy_id,
        "id": row.id,
        "reason": row.reason,
        "outcome": row.outcome.value,
        "worst_drift": figure(row.worst_drift),
        "legs": [
            {
                "asset": leg.asset,
                "symbol": leg.symbol,
                "side": leg.side.value,
                "wanted": figure(leg.wanted),
                "quantity": exact(leg.planned_quantity),
                "price": exact(leg.planned_price),
                "filled": exact(leg.filled),
                "outcome": leg.outcome.value,
                "detail": leg.detail,
            }
            for leg in row.legs
        ],
        "skipped": [_skipped(leg) for leg in row.skipped],
        "message": row.message,
    }


def _skipped(leg: SkippedLeg) -> Json:
    told: Json = {"asset": leg.asset, "reason": leg.reason.value, "shortfall": figure(leg.shortfall)}
    return told | {"detail": leg.detail} if leg.detail else told


def transfer_answer(row: TransferRow) -> Json:
    return {
        "time": moment(row.at),
        "strategy": row.strategy_id,
        "kind": str(row.kind),
        "asset": row.asset,
        "amount": exact(row.amount),
    }


def fee_answer(row: FeeRow) -> Json:
    return {
        "time": moment(row.at),
        "strategy": row.strategy_id,
        "trade_id": row.trade_id,
        "fee_asset": row.fee_asset,
        "fee_amount": exact(row.fee),
        "refunded": exact(row.refunded),
        "bnb_paid": exact(row.bnb_paid),
        "saved": figure(row.saved),
        "note": row.note,
    }


def journal_answer(row: JournalEntry) -> Json:
    return {"time": moment(row.at), "strategy": row.strategy_id, "kind": row.kind, "text": row.text}


def action_answer(view: StrategyView, records: Sequence[RebalanceRecord]) -> Json:
    """What an acting command answers: the plan that was carried out, with what came of each leg.

    ``rebalance`` is null where nothing had to be traded; where it took several, ``earlier`` has those before the last.
    """
    answers = [rebalance_answer(record) for record in records]
    answer: Json = {
        "id": view.id,
        "state": view.state.value,
        "reason": view.reason,
        "value": figure(view.score.value),
        "rebalance": answers[-1] if answers else None,
    }
    if len(answers) > 1:
        answer["earlier"] = answers[:-1]
    return answer
