"""What a bad wire does to each request, drawn from a seed: SIM's probabilities, and the shapes that HTTP gives them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from rebalancer_gui.domain.orders import OrderRequest
from tests.protocol.faults import LONGEST_EMPTY, LONGEST_LATE, Faults, Mix
from tests.protocol.sim_exchange import Filling
from tests.wire.server import UNUSABLE
from tests.wire.tongues import Tongue
from tests.wire_sim.exchange import View

GIVEN_UP = 10.0
"""Seconds after which the program waits no longer for an answer."""
SILENCE = 4 * GIVEN_UP
FIVE = ((500, "Internal error"), (502, "<html>Bad gateway</html>"), (503, "<html>Busy</html>"), (504, "<html>Timed out</html>"),
        (520, "<html>Unknown error</html>"))  # fmt: skip
PAUSES = (5, 30, 90)
BANS = (2, 20, 60, 180)


@dataclass(frozen=True)
class Fate:
    """What becomes of one request.

    ``how``: ``well``, ``reset``, ``close``, ``short``, ``silent`` (nobody answers) or ``say`` (``status``, ``body`` and
    ``headers`` in place of the answer); ``again``: the answer to the order before is sent once more. ``executed``: the exchange
    does what was asked. ``late``: seconds until an order arrives. ``wait``: seconds until it is answered. ``pause``: seconds
    that the exchange wants to be left alone.
    """

    name: str = ""
    how: str = "well"
    executed: bool = True
    late: float = 0.0
    wait: float = 0.02
    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    filling: Filling = field(default_factory=Filling)
    view: View = field(default_factory=View)


Draw = Callable[[], Fate]


class WireFaults(Faults):
    """The plan of a seed for one venue's wire."""

    def __init__(self, chance: random.Random, mix: Mix, tongue: Tongue) -> None:
        super().__init__(chance, mix)
        self._tongue = tongue
        self._plain = [row for row in tongue.refused if not any(word in " ".join(row) for word in tongue.rule_words)]

    # -------------------------------------------------------------------------------------------------------- orders

    def order(self) -> Fate:
        """The fate of the POST that has come."""
        fate = self._drawn(self._orders())
        if fate.name:
            self.counts[f"order: {fate.name}"] += 1
        return fate

    def filling(self, request: OrderRequest) -> Filling:
        """How the exchange fills it, and how late that can be seen."""
        told_late = self.counts["fee not known yet"]
        filling = self._filling(request)
        if self.counts["fee not known yet"] > told_late:
            # On a wire a fee is told with its trade or not at all; but it need not be what the schedule says.
            self.counts["fee not known yet"] = told_late
            self.counts["fee unlike the schedule"] += filling.fee_off != 1
        return replace(filling, fee_lag=filling.trade_lag)

    def _orders(self) -> tuple[tuple[float, Draw], ...]:
        mix = self.mix
        return (
            (mix.dropped, self._never_arrives), (mix.executed, self._answer_lost), (mix.late, self._arrives_late),
            (mix.unusable, self._unusable), (mix.garbage, self._strange), (mix.rejected + mix.no_money, self._refused),
            (mix.banned, self._told_to_wait), (0.04, self._slow), (0.02, self._again),
        )  # fmt: skip

    def _never_arrives(self) -> Fate:
        kind = self._chance.choice(("reset", "silent", "say"))
        if kind == "say":
            return replace(self._five(), name="5xx, never arrived", executed=False)
        return Fate(f"{'cut off' if kind == 'reset' else 'timed out'}, never arrived", kind, executed=False)

    def _answer_lost(self) -> Fate:
        kind = self._chance.choice(("reset", "close", "short", "silent", "say"))
        if kind == "say":
            return replace(self._five(), name="5xx, executed")
        words = {"reset": "reset", "close": "closed", "short": "answer cut short", "silent": "timed out"}
        return Fate(f"{words[kind]}, executed", kind)

    def _arrives_late(self) -> Fate:
        kind = self._chance.choice(("reset", "silent"))
        known_after = 0.02 if kind == "reset" else GIVEN_UP
        late = min(known_after + self._heavy(0.1, 60), LONGEST_LATE)
        return Fate("arrives after it was given up", kind, late=late)

    def _unusable(self) -> Fate:
        name = self._chance.choice(list(UNUSABLE))
        return Fate(f"200, {name}", "say", self._chance.random() < 0.6, body=UNUSABLE[name])

    def _strange(self) -> Fate:
        if self._chance.random() < 0.3:
            return Fate("redirected, executed", "say", status=302)
        status, body = self._tongue.error(*self._chance.choice(self._tongue.unclear))
        executed = self._chance.random() < 0.6
        return Fate(
            f"unclear code, {'executed' if executed else 'not executed'}", "say", executed, status=status, body=body
        )

    def _refused(self) -> Fate:
        status, body = self._tongue.error(*self._chance.choice(self._plain))
        return Fate("definite refusal", "say", executed=False, status=status, body=body)

    def _told_to_wait(self) -> Fate:
        return replace(self._ban(PAUSES), executed=False)

    def _slow(self) -> Fate:
        return Fate("answered late", wait=self._chance.uniform(1, GIVEN_UP - 1))

    def _again(self) -> Fate:
        return Fate("answered with the order before", "again")

    # ----------------------------------------------------------------------------------------------------- questions

    def question(self, *, signed: bool) -> Fate:
        """The fate of a read. ``signed``: it is about the account."""
        mix, chance = self.mix, self._chance
        if not self.on or mix.intensity == 0:
            return Fate()
        fate = self._drawn(((mix.ban, lambda: self._ban(BANS)), (mix.read_error, self._no_answer), (0.01, self._slow)))
        if fate.name:
            self.counts[f"question: {fate.name}"] += 1
            return fate
        if not signed:
            return fate
        view = View(chance.random() < mix.blind * mix.intensity, twice=chance.random() < mix.shuffled)
        if view.blind:
            self.counts["question: a copy that lags behind"] += 1
        return replace(fate, view=view)

    def empty_for(self) -> float:
        """Seconds for which all look-ups meet a copy that knows nothing; mostly 0."""
        if not self.on or self._chance.random() >= self.mix.empty * self.mix.intensity:
            return 0.0
        self.counts["look-ups that know nothing for a while"] += 1
        return self._chance.uniform(5, LONGEST_EMPTY)

    def _no_answer(self) -> Fate:
        kind = self._chance.choice(("reset", "close", "short", "silent", "say", "unusable"))
        if kind == "say":
            return replace(self._five(), name="5xx")
        if kind == "unusable":
            name = self._chance.choice(list(UNUSABLE))
            return Fate(f"200, {name}", "say", body=UNUSABLE[name])
        return Fate({"silent": "timed out", "short": "answer cut short"}.get(kind, kind), kind)

    # -------------------------------------------------------------------------------------------------------- shared

    def _ban(self, seconds: tuple[int, ...]) -> Fate:
        pause, status = self._chance.choice(seconds), self._chance.choice((429, 429, 418))
        return Fate(
            f"HTTP {status}", "say", False, status=status, body="{}", headers={"Retry-After": str(pause)}, pause=pause
        )

    def _five(self) -> Fate:
        status, body = self._chance.choice(FIVE)
        return Fate("5xx", "say", status=status, body=body)

    def _drawn(self, kinds: tuple[tuple[float, Draw], ...]) -> Fate:
        draw = self._chance.random()
        if not self.on:
            return Fate()
        for probability, make in kinds:
            if draw < probability * self.mix.intensity:
                return make()
            draw -= probability * self.mix.intensity
        return Fate()
