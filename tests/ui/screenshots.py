"""Screens of the main window and its dialogs over the scripted engine; ``pictures.py`` takes them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtWidgets import QDialog, QPushButton, QScrollArea, QTabWidget

from rebalancer_gui.domain.rails import Rail
from rebalancer_gui.ui.create.weights import Distribution
from rebalancer_gui.ui.dialogs.amount import AmountDialog
from rebalancer_gui.ui.dialogs.change_coins import ChangeCoinsDialog
from rebalancer_gui.ui.dialogs.edit_strategy import EditStrategyDialog
from rebalancer_gui.ui.dialogs.quarantined_order import QuarantinedOrderDialog
from rebalancer_gui.ui.dialogs.settings import SettingsDialog
from rebalancer_gui.ui.help.help_mark import HelpMark
from rebalancer_gui.ui.widgets.tables import DataTable
from rebalancer_gui.ui.window_state import WindowState
from tests.ui.paper_side import halt_market, halt_renamed, halt_short
from tests.ui.picture_stage import Stage, spin
from tests.ui.sample_account import SampleAccount
from tests.ui.staged_accounts import (
    DAMAGED,
    ended_account,
    frozen_account,
    full_account,
    halt_for_foreign_order,
    halted_account,
    halted_whole_account,
    late_order_account,
    live_rails_account,
    proposing_account,
    selling_account,
    special_account,
    take_right,
    too_small_account,
    undecided_account,
)

Act = Callable[[Stage], None]


def _halt(act: Callable[[SampleAccount], None]) -> Callable[[], Stage]:
    """A stage whose first strategy is halted as ``act`` says."""

    def make() -> Stage:
        account = full_account()
        act(account)
        return Stage(account)

    return make


def _tab(key: str) -> Act:
    def act(stage: Stage) -> None:
        stage.window.details.show_tab(key)
        spin(lambda: stage.window.loader.is_ready or key != "chart", 700)

    return act


def _all(key: str) -> Act:
    def act(stage: Stage) -> None:
        _tab(key)(stage)
        getattr(stage.window.details.tabs, key).all_check.click()
        spin(lambda: True, 400)

    return act


def _choose(strategy_id: str) -> Act:
    def act(stage: Stage) -> None:
        stage.window.strategies.choose(strategy_id)
        spin(lambda: True, 300)

    return act


def _rebalance_chosen(row: int) -> Act:
    def act(stage: Stage) -> None:
        _tab("rebalances")(stage)
        stage.window.details.tabs.rebalances.table.selectRow(row)
        spin(lambda: True, 200)

    return act


def _numbers(stage: Stage) -> None:
    _tab("chart")(stage)
    stage.window.details.tabs.chart.numbers_button.setChecked(True)


def _create_tab(index: int) -> Act:
    def act(stage: Stage) -> None:
        tabs = stage.window.create_panel.findChild(QTabWidget, "createTabs")
        assert isinstance(tabs, QTabWidget)
        tabs.setCurrentIndex(index)
        spin(lambda: True, 500)

    return act


def _stop(*, sell: bool) -> Act:
    def act(stage: Stage) -> None:
        stage.window.details.actions_row.stop.click()
        dialog = stage.window.findChild(QDialog, "stopDialog")
        assert dialog is not None
        if sell:
            dialog.sell.setChecked(True)  # type: ignore[attr-defined]
        spin(lambda: True, 200)

    return act


def _funds(button: str, amount: str = "", method: int = 0) -> Act:
    """Open Add funds or Remove funds, type an amount, let the engine answer."""

    def act(stage: Stage) -> None:
        stage.window.details.findChild(QPushButton, button).click()  # type: ignore[union-attr]
        dialog = stage.window.flows.dialog
        assert isinstance(dialog, AmountDialog)
        if method:
            dialog.how.setCurrentIndex(method)  # type: ignore[attr-defined]
        spin(lambda: True, 300)
        dialog.amount.setText(amount)
        spin(lambda: True, 400)

    return act


def _change(assets: str = "", *, drop: bool = False) -> Act:
    """Open Change coins, give the first coin another weight or add coins, let the engine answer."""

    def act(stage: Stage) -> None:
        flows = stage.window.flows
        chosen = stage.window.strategies.chosen() or ""
        (flows.drop_coins if drop else flows.change_coins)(chosen)
        dialog = flows.dialog
        assert isinstance(dialog, ChangeCoinsDialog)
        spin(lambda: True, 300)
        if assets:
            dialog.edits.add(tuple(assets.split()))
            dialog.edits.put(dialog._allocation.with_distribution(Distribution.EQUAL))
        spin(lambda: True, 500)

    return act


def _press(name: str) -> Act:
    def act(stage: Stage) -> None:
        button = stage.window.findChild(QPushButton, name)
        assert button is not None
        button.click()
        spin(lambda: True, 300)

    return act


def _edit(*, change: bool) -> Act:
    """Open Edit rule; `change` another name, rule and level."""

    def act(stage: Stage) -> None:
        _press("editRuleButton")(stage)
        dialog = stage.window.flows.dialog
        assert isinstance(dialog, EditStrategyDialog)
        if change:
            dialog.name.setText("A calmer core")
            dialog.rule.by_time.setChecked(True)
            dialog.advanced.stop_loss.put("", Decimal(-20))
            dialog.advanced.edited.emit()
        spin(lambda: True, 200)

    return act


def _settings(tab: int = 0, *, below: int = 0, wrong: str = "") -> Act:
    """Open Settings at a tab, scrolled down by so many pixels, with a wrong value in a field."""

    def act(stage: Stage) -> None:
        stage.window.presses.settings.open()
        dialog = stage.window.findChild(SettingsDialog)
        assert dialog is not None
        spin(lambda: dialog.is_complete)
        dialog.tabs.setCurrentIndex(tab)
        edit = dialog.rows[Rail.ORDER_SHARE].edit
        if wrong and edit is not None:
            edit.setText(wrong)
        spin(lambda: True, 300)
        area = dialog.findChild(QScrollArea, "railsScroll")
        assert area is not None
        area.verticalScrollBar().setValue(below)
        spin(lambda: True, 200)

    return act


def _reset(stage: Stage) -> None:
    stage.window.flows.reset_account()
    spin(lambda: True, 200)


def _decide(stage: Stage) -> None:
    _press("haltActionButton")(stage)
    dialog = stage.window.findChild(QuarantinedOrderDialog)
    assert dialog is not None
    dialog.candidates.selectRow(0)
    dialog.adopt.agree.setChecked(True)


def _untrigger(stage: Stage) -> None:
    _press("editRuleButton")(stage)
    dialog = stage.window.flows.dialog
    assert isinstance(dialog, EditStrategyDialog)
    dialog.advanced.trigger.edit.clear()
    dialog.confirm.click()
    spin(lambda: True, 500)


def _close(stage: Stage) -> None:
    stage.window.close()


def _nothing(_stage: Stage) -> None:
    return


def _guide(place: str) -> Act:
    return lambda stage: stage.window.help.open(place)


def _explain(stage: Stage) -> None:
    for mark in stage.window.findChildren(HelpMark, "help-threshold")[:1]:
        mark.click()


def _explain_column(stage: Stage) -> None:
    table = stage.window.findChild(DataTable, "strategiesTable")
    assert table is not None
    table.setFocus()
    table.setCurrentIndex(table.keyed_model.index(1, table.keyed_model.column_of("vs_hodl")))
    table.explain_column()


SCREENS: dict[str, tuple[Callable[[], Stage], Act]] = {
    "main": (lambda: Stage(full_account()), _nothing),
    "column-explained": (lambda: Stage(full_account()), _explain_column),
    "chart": (lambda: Stage(full_account()), _tab("chart")),
    "chart-numbers": (lambda: Stage(full_account()), _numbers),
    "orders": (lambda: Stage(full_account()), _tab("orders")),
    "rebalances": (lambda: Stage(full_account()), _rebalance_chosen(1)),
    "rebalance-skipped": (lambda: Stage(full_account()), _rebalance_chosen(0)),
    "fees": (lambda: Stage(full_account()), _tab("fees")),
    "fees-all": (lambda: Stage(full_account()), _all("fees")),
    "orders-all": (lambda: Stage(full_account()), _all("orders")),
    "special": (lambda: Stage(special_account()), _nothing),
    "waiting": (lambda: Stage(full_account()), _choose("s-alt")),
    "transfers": (lambda: Stage(full_account()), _tab("transfers")),
    "journal": (lambda: Stage(full_account()), _tab("journal")),
    "too-small": (lambda: Stage(too_small_account()), _nothing),
    "halted": (lambda: Stage(halted_account("the venue refused three orders of BTC/USDT in a row")), _nothing),
    "halt-market": (_halt(lambda account: halt_market(account.strategies[0], "SOL")), _nothing),
    "halt-short": (_halt(lambda account: halt_short(account.strategies[0], "BTC", "0.004")), _nothing),
    "halt-renamed": (_halt(lambda account: halt_renamed(account.strategies[0], "SOL", "SOLX")), _nothing),
    "halt-right": (_halt(take_right), _nothing),
    "halt-foreign": (_halt(halt_for_foreign_order), _nothing),
    "paper": (lambda: Stage(full_account()), _press("paperAccountButton")),
    "paper-short": (
        _halt(lambda account: halt_short(account.strategies[0], "BTC", "0.004")),
        _press("haltSecondButton"),
    ),
    "account-halted": (lambda: Stage(halted_whole_account()), _nothing),
    "book-loss": (_halt(lambda account: halt_short(account.strategies[0], "BTC", "0.004")), _press("haltActionButton")),
    "stop-all": (lambda: Stage(halted_account("Stop all", stop_all=True)), _nothing),
    "replay-over": (lambda: Stage(ended_account()), _nothing),
    "empty": (lambda: Stage(SampleAccount()), _nothing),
    "presets": (lambda: Stage(full_account()), _create_tab(0)),
    "manual": (lambda: Stage(full_account()), _create_tab(1)),
    "stop-keep": (lambda: Stage(full_account()), _stop(sell=False)),
    "stop-sell": (lambda: Stage(full_account()), _stop(sell=True)),
    "add-funds": (lambda: Stage(full_account()), _funds("addFundsButton", "1000")),
    "add-funds-small": (lambda: Stage(full_account()), _funds("addFundsButton", "20")),
    "add-funds-empty": (lambda: Stage(full_account()), _funds("addFundsButton")),
    "remove-funds": (lambda: Stage(full_account()), _funds("removeFundsButton", "40")),
    "remove-funds-overweight": (lambda: Stage(full_account()), _funds("removeFundsButton", "40", 1)),
    "remove-funds-too-much": (lambda: Stage(full_account()), _funds("removeFundsButton", "4190")),
    "remove-funds-text": (lambda: Stage(full_account()), _funds("removeFundsButton", "a lot")),
    "stop-closed-market": (lambda: Stage(frozen_account()), _stop(sell=True)),
    "stop-waiting": (lambda: Stage(full_account(), WindowState(strategy="s-alt")), _stop(sell=False)),
    "change-coins": (lambda: Stage(full_account()), _change()),
    "change-coins-added": (lambda: Stage(full_account()), _change("ADA LINK")),
    "change-coins-replace": (lambda: Stage(frozen_account()), _change()),
    "change-coins-drop": (lambda: Stage(frozen_account()), _change(drop=True)),
    "edit": (lambda: Stage(full_account()), _edit(change=False)),
    "edit-changed": (lambda: Stage(full_account()), _edit(change=True)),
    "edit-starts": (lambda: Stage(full_account(), WindowState(strategy="s-alt")), _untrigger),
    "settings": (lambda: Stage(full_account()), _settings()),
    "settings-low": (lambda: Stage(full_account()), _settings(below=700)),
    "settings-live": (lambda: Stage(live_rails_account()), _settings(wrong="0")),
    "settings-live-middle": (lambda: Stage(live_rails_account()), _settings(below=900)),
    "settings-live-low": (lambda: Stage(live_rails_account()), _settings(below=2600)),
    "settings-mode": (lambda: Stage(full_account()), _settings(1)),
    "settings-look": (lambda: Stage(full_account()), _settings(2)),
    "proposal": (lambda: Stage(proposing_account()), _nothing),
    "proposal-plan": (lambda: Stage(proposing_account()), _press("proposalPlanButton")),
    "watch-only": (lambda: Stage(proposing_account(only_shown=True)), _nothing),
    "stopping-waits": (lambda: Stage(selling_account()), _nothing),
    "reset": (lambda: Stage(full_account()), _reset),
    "resetting": (lambda: Stage(full_account()), lambda stage: stage.window.show_resetting()),
    "close": (lambda: Stage(full_account()), _close),
    "welcome": (lambda: Stage(SampleAccount()), _nothing),
    "guide": (lambda: Stage(full_account()), _guide("first-minutes.md")),
    "guide-table": (lambda: Stage(full_account()), _guide("presets.md#which-coins-which-weights")),
    "help-mark": (lambda: Stage(full_account(), WindowState(create_tab=1)), _explain),
    "quarantine-chosen": (lambda: Stage(undecided_account()), _decide),
    "quarantine-unlisted": (lambda: Stage(undecided_account(listed=False, several=True)), _press("haltActionButton")),
    "halt-undecided": (lambda: Stage(undecided_account()), _nothing),
    "halt-late-order": (lambda: Stage(late_order_account()), _nothing),
    "failed": (lambda: Stage(SampleAccount(), failure=DAMAGED), _nothing),
}
