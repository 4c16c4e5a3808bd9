"""Finding coins by what somebody types or pastes. Pure: no Qt."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rebalancer_gui.domain.allocation import problems_with_targets
from rebalancer_gui.domain.money import HUNDRED
from rebalancer_gui.domain.strategy import Target
from rebalancer_gui.ui.create.coin_names import coin_name
from rebalancer_gui.ui.translation import tr

_SEPARATORS = re.compile(r"[\s,;]+")


def matches(asset: str, text: str) -> bool:
    """Whether `asset` is found by `text`: a part of its ticker or name, or one of several tickers typed in a row."""
    wanted = text.strip().casefold()
    if not wanted or wanted in asset.casefold() or wanted in coin_name(asset).casefold():
        return True
    words = tickers(text)
    return len(words) > 1 and asset.upper() in words


def tickers(text: str) -> list[str]:
    """The tickers in a typed or pasted list, in capitals: `btc, eth SOL` -> BTC, ETH, SOL. A pair loses its quote."""
    words = [word.partition("/")[0].upper() for word in _SEPARATORS.split(text) if word]
    return list(dict.fromkeys(words))


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of Enter in the search field: coins to tick, and what is to be said about the others."""

    coins: tuple[str, ...]
    message: str = ""


def take(text: str, offered: Sequence[str], already: Collection[str], quote: str) -> Taken:
    """Tick the coins that `text` names exactly, or the only one that it finds."""
    words = tickers(text)
    exact = [word for word in words if word in offered]
    if not exact and quote not in words:
        found = [asset for asset in offered if matches(asset, text)]
        if len(found) == 1:
            exact, words = found, found
    return Taken(tuple(asset for asset in exact if asset not in already), why_not(words, offered, already, quote))


def why_not(words: Sequence[str], offered: Sequence[str], already: Collection[str], quote: str) -> str:
    """A sentence about what cannot be taken of `words`: the quote asset, unknown coins, coins that are in already."""
    if quote in words:
        return quote_refused(quote)
    unknown = [word for word in words if word not in offered]
    if unknown:
        shown = ", ".join(word if len(word) <= 12 else word[:11] + "\u2026" for word in unknown[:5])
        return tr("{shown} cannot be traded in {quote} on this account.", shown=shown, quote=quote)
    twice = [word for word in words if word in already]
    if not twice:
        return ""
    names = ", ".join(twice)
    if len(twice) == 1:
        return tr("{names} is in the strategy already.", names=names)
    return tr("{names} are in the strategy already.", names=names)


def quote_refused(quote: str) -> str:
    """Why the quote asset is no coin, in the domain's own words (BEHAVIOUR.md section 2)."""
    found = problems_with_targets([Target(quote, HUNDRED / 2), Target(f"not {quote}", HUNDRED / 2)], quote)
    return found[0].message
