"""The create panel on the right of the window: AI Rebalance and Manual. GUI thread only.

panel = CreatePanel(feed, theme, parent, colours=colours)
panel.created.connect(self._select_strategy)         # StrategyCreated
panel.show_presets()                                 # "Try a preset"
panel.show_manual()                                  # "New strategy", Ctrl+N
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.create.form_state import Draft
from rebalancer_gui.ui.create.manual_tab import ManualTab
from rebalancer_gui.ui.create.preset_tab import PresetTab
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.locale_numbers import system_numbers
from rebalancer_gui.ui.theme import Theme
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.panel import Panel, stop_at_bar
from rebalancer_gui.ui.widgets.steady_tabs import SteadyTabs

LEAST_WIDTH = 360
USUAL_WIDTH = 392


class CreatePanel(Panel):
    """`created(object)` carries StrategyCreated, from whichever page it came."""

    created = Signal(object)

    def __init__(
        self,
        feed: EngineFeed,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        colours: CoinColours | None = None,
        numbers: NumberFormat | None = None,
    ) -> None:
        """`colours`: the window's, so that a coin looks the same everywhere. `numbers`: the locale, else the system's."""
        super().__init__(object_name="createPanel", parent=parent)
        numbers = numbers or system_numbers()
        colours = colours or CoinColours()
        self.presets = PresetTab(feed, colours, numbers)
        self.manual = ManualTab(feed, colours, numbers)
        self.tabs = SteadyTabs()
        self.tabs.setObjectName("createTabs")
        self.tabs.setAccessibleName(tr("Ways to create a strategy"))
        self.tabs.setDocumentMode(True)
        bar = self.tabs.tabBar()
        bar.setObjectName("createTabBar")
        bar.setAccessibleName(tr("Ways to create a strategy"))
        bar.setProperty("tall", "true")
        bar.setExpanding(True)
        bar.setDrawBase(False)
        stop_at_bar(self.tabs)
        self.tabs.addTab(self.presets, tr("AI Rebalance"))
        self.tabs.addTab(self.manual, tr("Manual"))
        self.body.addWidget(self.tabs)
        self.setMinimumWidth(LEAST_WIDTH)
        self.presets.copied.connect(self.copy_to_manual)
        self.presets.created.connect(self.created)
        self.manual.created.connect(self.created)
        theme.changed.connect(self.presets.list.viewport().update)

    def show_presets(self) -> None:
        """Go to the cards; one is chosen already, so what is asked for next is the amount."""
        self.tabs.setCurrentWidget(self.presets)
        self.presets.terms.amount.setFocus()

    def show_manual(self) -> None:
        """Go to the form, as it was left."""
        self.tabs.setCurrentWidget(self.manual)
        self.manual.coins.add.setFocus()

    def copy_to_manual(self, draft: Draft) -> None:
        """Fill the Manual form with a draft from elsewhere and show it."""
        self.manual.fill(draft)
        self.tabs.setCurrentWidget(self.manual)
        self.manual.name.setFocus()
