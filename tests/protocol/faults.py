"""What goes wrong, decided request by request from a seed, or written by hand for one test."""

from __future__ import annotations

import enum
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import OrderRequest, OrderType
from tests.protocol.sim_exchange import Filling


class Crash(BaseException):
    """The process dies here. Not an Exception: nothing in the program may catch it."""


class Fate(enum.Enum):
    """What becomes of one POST; the value is its name in the figures."""

    WELL = "answered well"
    DROPPED = "dropped before it arrived"
    EXECUTED = "executed, then timed out"
    LATE = "arrives after the answer"
    UNUSABLE = "unusable 200"
    GARBAGE = "accepted with garbage"
    REJECTED = "definite reject"
    NO_MONEY = "InsufficientFunds"
    BANNED = "429 with a pause"


GARBAGE = ("no id", "other symbol", "other quantity", "filled too much", "other client id", "nothing filled")
LONGEST_LATE = 60.0
"""Seconds from the sending of an order to its arrival, at most (FAILURES.md row 3)."""
HEAVY_TAIL = 60.0
LONGEST_EMPTY = 45.0
"""Seconds: shorter than the minute over which an account without a known order is read three times."""


@dataclass(frozen=True)
class Submit:
    """One POST: ``answer_after`` and ``arrive_after`` in seconds since it was sent."""

    fate: Fate = Fate.WELL
    answer_after: float = 0.05
    arrive_after: float = 0.02
    garbage: str = ""
    filling: Filling = field(default_factory=Filling)
    pause: float = 0.0


@dataclass(frozen=True)
class Read:
    """One read: ``error`` it gives no answer; ``pause`` > 0: and wants to be left alone for so many seconds."""

    seconds: float = 0.01
    error: bool = False
    pause: float = 0.0
    blind: bool = False
    """A false negative: what is asked for is not found."""
    shuffled: bool = False
    """Trades come twice and in any order."""
    empty_for: float = 0.0
    """For so many seconds the copy that answers look-ups and lists knows no order and no trade at all."""


@dataclass(frozen=True)
class Mix:
    """How often each thing happens; all are probabilities per request, scaled by ``intensity``."""

    intensity: float = 1.0
    dropped: float = 0.06
    executed: float = 0.12
    late: float = 0.05
    unusable: float = 0.06
    garbage: float = 0.04
    rejected: float = 0.03
    no_money: float = 0.01
    banned: float = 0.01
    partial: float = 0.25
    resting: float = 0.05
    read_error: float = 0.08
    ban: float = 0.004
    blind: float = 0.08
    empty: float = 0.004
    shuffled: float = 0.3
    lag: float = 0.5
    fee_lag: float = 0.15
    crash: float = 0.002
    garbage_kinds: tuple[str, ...] = GARBAGE


NOTHING = Mix(intensity=0.0, partial=0.0)
RECOVERABLE = Mix(crash=0.0005, no_money=0.0, rejected=0.0)


class Faults:
    """The plan that a seed gives. ``on`` False: everything is well from now on."""

    def __init__(self, chance: random.Random, mix: Mix = NOTHING) -> None:
        self._chance = chance
        self.mix = mix
        self.on = True
        self.counts: Counter[str] = Counter()

    def submit(self, request: OrderRequest) -> Submit:
        """The fate of one POST."""
        mix, draw = self.mix, self._chance.random()
        filling = self._filling(request)
        if not self.on:
            return Submit(filling=filling)
        kinds = (
            (Fate.DROPPED, mix.dropped), (Fate.EXECUTED, mix.executed), (Fate.LATE, mix.late),
            (Fate.UNUSABLE, mix.unusable), (Fate.GARBAGE, mix.garbage), (Fate.REJECTED, mix.rejected),
            (Fate.NO_MONEY, mix.no_money), (Fate.BANNED, mix.banned),
        )  # fmt: skip
        fate = Fate.WELL
        for kind, probability in kinds:
            if draw < probability * mix.intensity:
                fate = kind
                break
            draw -= probability * mix.intensity
        self.counts[fate.value] += 1
        timeout = self._chance.choice((0.3, 1.0, 3.0, 10.0))
        match fate:
            case Fate.LATE:
                return Submit(fate, timeout, min(timeout + self._heavy(0.1, 60), LONGEST_LATE), filling=filling)
            case Fate.GARBAGE:
                return Submit(fate, garbage=self._chance.choice(mix.garbage_kinds), filling=filling)
            case Fate.BANNED:
                return Submit(fate, pause=self._chance.choice((5.0, 30.0, 90.0)), filling=filling)
            case Fate.DROPPED | Fate.EXECUTED:
                return Submit(fate, timeout, filling=filling)
            case _:
                return Submit(fate, self._chance.uniform(0.02, 0.6), filling=filling)

    def _filling(self, request: OrderRequest) -> Filling:
        mix, chance = self.mix, self._chance
        if mix is NOTHING:
            return Filling()
        filling = Filling(parts=chance.choice((1, 1, 2, 3)))
        if not self.on:
            return filling
        if request.type is OrderType.LIMIT_IOC and chance.random() < mix.partial:
            filling = replace(filling, share=Decimal(chance.choice(("0", "0.3", "0.7", "0.95"))))
            self.counts["partial fill" if filling.share > ZERO else "no fill"] += 1
        if chance.random() < mix.lag * mix.intensity:
            orders = timedelta(seconds=self._heavy(0.1, HEAVY_TAIL))
            # Orders and trades often come from one copy that lags behind, sometimes from two.
            trades = orders if chance.random() < 0.6 else timedelta(seconds=self._heavy(0.1, HEAVY_TAIL))
            filling = replace(filling, lookup_lag=orders, trade_lag=trades)
            self.counts["lag of look-ups and trades"] += 1
        if chance.random() < mix.fee_lag * mix.intensity:
            off = Decimal(chance.choice(("0", "0.75", "1", "1", "1.1")))
            filling = replace(filling, fee_lag=timedelta(seconds=self._heavy(1, 400)), fee_off=off)
            self.counts["fee not known yet"] += 1
        if chance.random() < mix.resting * mix.intensity:
            filling = replace(filling, resting=timedelta(seconds=chance.uniform(0.5, 40)))
            self.counts["open for a while"] += 1
        return filling

    def read(self, what: str) -> Read:
        """The fate of one read."""
        mix, chance = self.mix, self._chance
        seconds = 0.01
        if not self.on or mix.intensity == 0:
            return Read(seconds)
        draw = chance.random()
        if draw < mix.ban * mix.intensity:
            self.counts["ban"] += 1
            return Read(seconds, error=True, pause=chance.choice((2.0, 20.0, 60.0, 180.0)))
        if draw < (mix.ban + mix.read_error) * mix.intensity:
            self.counts["read without an answer"] += 1
            return Read(chance.choice((0.2, 2.0, 8.0)), error=True)
        blind = chance.random() < mix.blind * mix.intensity and what in {"find_order", "orders_since", "trades_since"}
        if blind:
            self.counts["false negative"] += 1
        empty_for = 0.0
        if what == "find_order" and chance.random() < mix.empty * mix.intensity:
            empty_for = chance.uniform(5, LONGEST_EMPTY)
            self.counts["look-ups that know nothing for a while"] += 1
        return Read(seconds, blind=blind, shuffled=chance.random() < mix.shuffled, empty_for=empty_for)

    def crashes(self, where: str) -> bool:
        """Whether the process dies at this point."""
        if not self.on or self.mix.crash == 0:
            return False
        dies = self._chance.random() < self.mix.crash * self.mix.intensity
        if dies:
            self.counts[f"crash {where}"] += 1
        return dies

    def _heavy(self, low: float, high: float) -> float:
        """Mostly little, now and then nearly ``high`` seconds."""
        return low + (high - low) * self._chance.random() ** 2


class Script(Faults):
    """Written by hand: ``submits`` in the order of the POSTs (then all is well), ``on_read`` and ``on_crash`` by name."""

    def __init__(
        self,
        *submits: Submit,
        on_read: Callable[[str], Read | None] = lambda what: None,
        on_crash: Callable[[str], bool] = lambda where: False,
    ) -> None:
        super().__init__(random.Random(0))
        self.submits = list(submits)
        self.on_read = on_read
        self.on_crash = on_crash

    def plan(self, *submits: Submit) -> None:
        """What becomes of the next POSTs."""
        self.submits = list(submits)

    def submit(self, request: OrderRequest) -> Submit:
        return self.submits.pop(0) if self.submits else Submit()

    def read(self, what: str) -> Read:
        return self.on_read(what) or Read()

    def crashes(self, where: str) -> bool:
        return self.on_crash(where)
