"""What became of a paper account's coins: halted, delisted, renamed. Pure values; stored as a list of happenings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rebalancer_gui.application.paper_port import MarketEvent
from rebalancer_gui.domain.market import MarketStatus

_NEW_NAME = re.compile(r"[A-Z0-9]{2,10}")


@dataclass(frozen=True, slots=True)
class Happening:
    """One market event of ``asset``; ``new_name`` is "" for all but RENAME."""

    event: MarketEvent
    asset: str
    new_name: str = ""


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a happening makes no sense: the field to blame (``asset`` or ``new_name``) and a sentence for people."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class CoinLife:
    """Where all happenings so far have led: ``closed`` is HALT or DELIST by coin, ``renamed`` the new name by the old one.

    A new name ends a halt: on real venues too, trading under the new name is what the halt was for.
    """

    closed: Mapping[str, MarketEvent] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)

    def objection(self, happening: Happening) -> Objection | None:
        """What speaks against ``happening``, or None. Which coins have markets at all is not known here."""
        event, asset, new_name = happening.event, happening.asset, happening.new_name
        closed = self.closed.get(asset)
        if asset in self.renamed:
            return Objection("asset", f"{asset} is called {self.renamed[asset]} now.")
        if closed is MarketEvent.DELIST:
            return Objection("asset", f"{asset} was delisted, and that is for good.")
        if event is MarketEvent.HALT and closed is not None:
            return Objection("asset", f"{asset} is halted already.")
        if event is MarketEvent.REOPEN and closed is None:
            return Objection("asset", f"{asset} is not halted, so there is nothing to reopen.")
        if event is MarketEvent.RENAME:
            if _NEW_NAME.fullmatch(new_name) is None:
                return Objection("new_name", "A new name has 2 to 10 characters: capital letters A to Z and digits.")
            if new_name == asset or new_name in {*self.renamed, *self.renamed.values()}:
                return Objection("new_name", f"The name {new_name} is or was in use already.")
        return None

    def after(self, happening: Happening) -> CoinLife:
        """The same with one more happening. ValueError for one that cannot be."""
        objection = self.objection(happening)
        if objection is not None:
            raise ValueError(objection.text)
        closed, renamed = dict(self.closed), dict(self.renamed)
        closed.pop(happening.asset, None)
        match happening.event:
            case MarketEvent.HALT | MarketEvent.DELIST:
                closed[happening.asset] = happening.event
            case MarketEvent.RENAME:
                renamed[happening.asset] = happening.new_name
            case MarketEvent.REOPEN:
                pass
        return CoinLife(closed, renamed)

    def names_of(self, first: str) -> tuple[str, ...]:
        """All names of the coin that was called ``first`` at the beginning, oldest first; the last one holds now."""
        names = [first]
        while (name := self.renamed.get(names[-1])) is not None:
            names.append(name)
        return tuple(names)

    def status(self, name: str, otherwise: MarketStatus) -> MarketStatus:
        """Of the markets of ``name``; ``otherwise`` where nothing happened to it."""
        if name in self.renamed:
            return MarketStatus.DELISTED
        match self.closed.get(name):
            case MarketEvent.HALT:
                return MarketStatus.HALTED
            case MarketEvent.DELIST:
                return MarketStatus.DELISTED
            case _:
                return otherwise


def lived(happenings: Iterable[Happening]) -> CoinLife:
    """What ``happenings``, oldest first, lead to. ValueError when one cannot have been."""
    life = CoinLife()
    for happening in happenings:
        life = life.after(happening)
    return life
