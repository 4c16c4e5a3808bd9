"""What an edit changes, in words: one line a change, old -> new. Pure: no Qt."""

from __future__ import annotations

from rebalancer_gui.domain.protection import WORDS, Watch
from rebalancer_gui.domain.strategy import BandRule, Level, RatioRule, Rule, StrategyParameters, TimeRule, Trigger
from rebalancer_gui.ui.create.durations import duration_text
from rebalancer_gui.ui.create.levels import Figures, watch_text
from rebalancer_gui.ui.create.texts import points_text, whole_rule_text
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.translation import tr

UNCHANGED = tr("Nothing is changed yet.")
ARROW = "\u2192"


def edit_lines(
    present: StrategyParameters, wanted: StrategyParameters, figures: Figures, numbers: NumberFormat
) -> tuple[str, ...]:
    """`Threshold: 1 % -> 2 %`, `Stop-loss: none -> return <= -20 %`, with real signs, in the order of the form; empty
    where nothing differs. Coins, weights and money are not looked at: an edit cannot change them.
    """
    pairs = [(tr("Name"), present.name, wanted.name), *_rule_pairs(present.rule, wanted.rule, numbers)]
    for watch in Watch:
        old, new = getattr(present, watch.value), getattr(wanted, watch.value)
        if old != new:
            word = said(WORDS[watch])
            pairs.append(
                (
                    f"{word[0].upper()}{word[1:]}",
                    _level_text(watch, old, figures, numbers),
                    _level_text(watch, new, figures, numbers),
                )
            )
    pairs.append(
        (tr("Sell all coins when it stops"), _yes_no(present.sell_all_on_stop), _yes_no(wanted.sell_all_on_stop))
    )
    return tuple(f"{what}: {old} {ARROW} {new}" for what, old, new in pairs if old != new)


def _rule_pairs(old: Rule, new: Rule, numbers: NumberFormat) -> list[tuple[str, str, str]]:
    if isinstance(old, RatioRule) and isinstance(new, RatioRule):
        return [
            (tr("Threshold"), points_text(old.threshold, numbers), points_text(new.threshold, numbers)),
            (tr("Check every"), duration_text(old.check_period), duration_text(new.check_period)),
        ]
    if isinstance(old, TimeRule) and isinstance(new, TimeRule):
        return [
            (tr("Rebalance every"), duration_text(old.interval), duration_text(new.interval)),
            (tr("If drift exceeds"), points_text(old.gate, numbers), points_text(new.gate, numbers)),
        ]
    if isinstance(old, BandRule) and isinstance(new, BandRule):
        return [(tr("Check every"), duration_text(old.check_period), duration_text(new.check_period))]
    return [(tr("Rule"), whole_rule_text(old, numbers), whole_rule_text(new, numbers))]


def _level_text(watch: Watch, level: Level | Trigger | None, figures: Figures, numbers: NumberFormat) -> str:
    return tr("none") if level is None else watch_text(watch, level, figures, numbers)


def _yes_no(on: bool) -> str:
    return tr("yes") if on else tr("no")
