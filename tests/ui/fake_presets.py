"""The scripted engine's side of presets: own ones are kept in memory, market caps are read when it is told so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from rebalancer_gui.application import events as e
from rebalancer_gui.application.caps_port import CapsState
from rebalancer_gui.application.preset_commands import DeletePreset, PresetCommand, RefreshMarketCaps, RenamePreset
from rebalancer_gui.application.views import PresetCard
from rebalancer_gui.domain.market import Quote
from rebalancer_gui.domain.preset_file import CATEGORY, SOURCE, own_id
from rebalancer_gui.domain.presets import Weighting
from tests.ui.sample_account import preset_cards

MADE = date(2021, 5, 14)
CAPS = CapsState("Data provided by CoinGecko", MADE)


@dataclass
class FakePresets:
    """``caps`` stands in every picture of the account."""

    own: dict[str, PresetCard] = field(default_factory=dict)
    caps: CapsState = CAPS

    def cards(self, quotes: Mapping[str, Quote], quote: str) -> tuple[PresetCard, ...]:
        return (*preset_cards(quotes, quote), *self.own.values())

    def carry_out(self, command: PresetCommand) -> e.Event:
        match command:
            case RefreshMarketCaps():
                self.caps = replace(self.caps, busy=True, why_no_refresh="It is being read.")
                return e.CommandDone(command.command_id)
            case DeletePreset():
                del self.own[command.preset_id]
                return e.CommandDone(command.command_id, "The preset was deleted.")
            case RenamePreset():
                self.own[command.preset_id] = replace(self.own[command.preset_id], name=command.name)
                return e.CommandDone(command.command_id, f"The preset is called {command.name} now.")
        if command.name in {card.name for card in self.own.values()}:
            wrong = f"There is a preset named {command.name} already: choose another name."
            return e.CommandRejected(command.command_id, wrong, "name")
        preset_id = own_id(command.name, frozenset(self.own))
        by_caps = command.weighting in {Weighting.CAP, Weighting.SQRT_CAP}
        self.own[preset_id] = PresetCard(
            id=preset_id,
            name=command.name,
            category=CATEGORY,
            targets=command.targets,
            rule=command.rule,
            sell_all_on_stop=command.sell_all_on_stop,
            minimum_weight=Decimal(0),
            smallest_investment=Decimal(50),
            returns=(),
            source=CAPS.source if by_caps else "",
            as_of=MADE if by_caps else None,
            list_date=MADE,
            candidates=tuple(target.asset for target in command.targets),
            missing=(),
            list_source=SOURCE,
            weighting=command.weighting,
            by_caps=by_caps,
            own=True,
        )
        return e.CommandDone(command.command_id, f"The preset {command.name} was saved.")
