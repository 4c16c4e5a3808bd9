"""The orders of the first build, shown before a waiting strategy loses its trigger and starts. GUI thread only.

    dialog = StartPreviewDialog(feed, strategy, wanted, lines, slots, numbers, parent)
    dialog.confirmed.connect(self._save)            # StrategyParameters: what is to be saved
    dialog.open()

Whoever opened it sends the edit, then calls `finish`, or `fail` where the engine refused it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from rebalancer_gui.application.commands import PreviewEdit
from rebalancer_gui.application.views import AccountView, Preview, StrategyView
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.strategy import StrategyParameters
from rebalancer_gui.ui.dialogs.plan_figures import figures_of
from rebalancer_gui.ui.dialogs.preview_asker import PreviewCommand
from rebalancer_gui.ui.dialogs.preview_dialog import PreviewDialog, Words
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Level, Notice
from rebalancer_gui.ui.widgets.labels import TextLabel


class StartPreviewDialog(PreviewDialog):
    """`confirmed(object)` carries the parameters that it was opened with. `lines` say what else the edit changes."""

    def __init__(
        self,
        feed: EngineFeed,
        strategy: StrategyView,
        wanted: StrategyParameters,
        lines: Sequence[str],
        slots: Mapping[str, int],
        numbers: NumberFormat,
        parent: QWidget | None = None,
    ) -> None:
        self._strategy_id, self._wanted, self._slots = strategy.id, wanted, slots
        self._said: list[Notice] = []
        words = Words(
            title=tr("Start {name} now", name=strategy.parameters.name),
            confirm=tr("Save and start"),
            sending=tr("Saving\u2026"),
            after=tr("Before and after"),
            after_hint=tr("at the same prices"),
            blocked=tr("This cannot be started"),
        )
        super().__init__(
            feed, wanted.quote, numbers, words, object_name="startPreviewDialog", with_before=True, parent=parent
        )
        text = tr("Without its trigger it starts at once: it builds its portfolio at the next good prices.")
        self.top.addWidget(TextLabel(text, ink=Ink.TEXT2, object_name="startHint", wrap=True))
        self.top.addWidget(TextLabel("\n".join(lines), object_name="startChangesLabel", wrap=True))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Not on Confirm: a second Enter on Save must not move money.
        self.cancel.setFocus()

    def question(self, command_id: str) -> PreviewCommand:
        return PreviewEdit(command_id, self._strategy_id, self._wanted)

    def wish(self) -> StrategyParameters:
        return self._wanted

    def draw(self, preview: Preview, view: AccountView) -> str | None:
        plan = preview.plan
        self.show_plan(plan, figures_of(plan, view.fees), view, self._slots, before=preview.before)
        if preview.problems:
            return preview.problems[0][1]
        self._said = self._notices(preview)
        return None

    def _notices(self, preview: Preview) -> list[Notice]:
        plan = preview.plan
        if not plan.skipped:
            if plan.legs:
                return []
            return [Notice(Level.NOTE, tr("Nothing has to be traded"), tr("The coins are at their target weights."))]
        names = ", ".join(leg.asset for leg in plan.skipped)
        missing = self._numbers.money(max((leg.shortfall for leg in plan.skipped), default=ZERO), self._wanted.quote)
        text = tr("Up to {missing} are missing to the smallest order. The next rebalance tries again.", missing=missing)
        return [Notice(Level.WARNING, tr("{names} will not be traded now", names=names), text)]

    def notices(self) -> Sequence[Notice]:
        return self._said
