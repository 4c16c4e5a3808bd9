"""Save as preset in the Manual form: keeps its coins, weights and rule as a card of one's own. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QHBoxLayout, QWidget

from rebalancer_gui.application.events import CommandRejected
from rebalancer_gui.application.preset_commands import SavePreset
from rebalancer_gui.domain.naming import suggested_name
from rebalancer_gui.domain.presets import Weighting
from rebalancer_gui.ui.create.form_state import Draft, Findings
from rebalancer_gui.ui.create.weights import Distribution
from rebalancer_gui.ui.dialogs.preset_name import PresetNameDialog
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import block, icon_button
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextType

FIELDS = ("coins", "weights", "rule", "threshold", "check_period", "interval", "gate")
"""What must be right of a form to make a preset of it: name, money and amount are not in one."""
_WAYS = (
    (tr("As they are now"), Weighting.FIXED),
    (tr("By market cap, worked out anew each day"), Weighting.CAP),
    (tr("By the square root of the market cap, anew each day"), Weighting.SQRT_CAP),
    (tr("Equal"), Weighting.EQUAL),
)
_USUAL = {
    Distribution.CUSTOM: Weighting.FIXED,
    Distribution.MARKET_CAP: Weighting.CAP,
    Distribution.EQUAL: Weighting.EQUAL,
}
_HINT = tr(
    "Coins, weights, rule and what happens at the end are kept. It stands among the cards of AI Rebalance, on every account."
)


class PresetSaver(QObject):
    """`button` belongs beside Preview; `row` is what the form shows once it was saved; `draft` gives what it says now."""

    def __init__(self, feed: EngineFeed, draft: Callable[[], Draft], parent: QWidget) -> None:
        super().__init__(parent)
        self._feed, self._draft = feed, draft
        self.button = icon_button(
            "bookmark",
            "savePresetButton",
            tr("Save as preset"),
            tip=tr("Save as preset: keep coins, weights and rule as a card of your own."),
        )
        self.said = ElidedLabel("", TextType.SMALL, Ink.GAIN, object_name="savePresetMessage")
        self.row = QWidget(parent)
        line = QHBoxLayout(self.row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.said, 1)
        self.row.hide()
        self.button.hide()
        self.button.clicked.connect(self._open)

    def show_findings(self, draft: Draft, findings: Findings) -> None:
        """The form was judged anew: there is something to save when its coins and its rule are right."""
        self.button.setVisible(bool(draft.allocation.coins))
        wrong = next((p.message for p in findings.problems if p.field in FIELDS), None)
        if wrong is None and draft.allocation.waits_for_caps:
            wrong = tr("The market caps are being read.")
        block(self.button, wrong)

    def forget(self) -> None:
        """The form was changed: what was said of its old state is over."""
        self.said.setText("")
        self.row.hide()

    def _open(self) -> None:
        draft = self._draft()
        rule = draft.rule
        if rule is None:
            return
        usual = _USUAL[draft.allocation.distribution]
        names = [card.name for card in self._feed.presets or ()]
        dialog = PresetNameDialog(
            tr("Save as preset"),
            tr("Save"),
            names,
            self.button.window(),
            suggested=suggested_name(draft.allocation.assets, names),
            ways=sorted(_WAYS, key=lambda way: way[1] is not usual),
            hint=_HINT,
        )

        def send(name: str, way: Weighting) -> None:
            command = SavePreset(
                self._feed.next_command_id(),
                self._feed.account,
                name,
                draft.allocation.targets,
                way,
                rule,
                draft.sell_all_on_stop,
            )

            def answered(answer: Answer) -> None:
                if isinstance(answer, CommandRejected):
                    dialog.fail(answer.message)
                else:
                    dialog.finish()
                    self.said.setText(tr("Saved among the cards."))
                    self.row.show()

            self._feed.ask(command, answered)

        dialog.confirmed.connect(send)
        dialog.open()
