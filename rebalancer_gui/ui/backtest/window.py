"""The window "Test this rule": a rule over the past, beside the rules around it (look/03). GUI thread only.

    window = TestRuleWindow(feed, subject, colours, numbers, parent)
    window.ruleChosen.connect(self._use)        # Rule: "Use this rule" was pressed; the window is closed then
    window.open()

Imported when it is first opened: with it come numpy and pyqtgraph.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QMenu,
    QProgressBar,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from rebalancer_gui.domain.strategy import Rule
from rebalancer_gui.ui.backtest.exports import lines_csv, map_csv, trades_csv
from rebalancer_gui.ui.backtest.head import TestHead
from rebalancer_gui.ui.backtest.message_page import MessagePage
from rebalancer_gui.ui.backtest.results import Results
from rebalancer_gui.ui.backtest.rule_run import RuleRun
from rebalancer_gui.ui.backtest.session import TestSession
from rebalancer_gui.ui.backtest.subject import Subject, short_rule, title_text
from rebalancer_gui.ui.backtest.wish import usual_timeframe
from rebalancer_gui.ui.backtest.words import foot_text, still_works
from rebalancer_gui.ui.backtest.work import CellKey, FileRead, Measured, Swept
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Level
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.form import MessageLine
from rebalancer_gui.ui.widgets.message_box import tell
from rebalancer_gui.ui.widgets.panel import ActionRow, hairline

SIZE, LEAST_SIZE = (1280, 800), (1000, 640)
_FRAME = 40
_NOTHING_YET = tr("There is nothing to use yet: the test has not been run.")


class TestRuleWindow(QDialog):
    """`ruleChosen(object)` carries the Rule of the cell that is shown, exactly."""

    __test__ = False  # For pytest: its name begins with Test, it is none.

    ruleChosen = Signal(object)

    def __init__(
        self,
        feed: EngineFeed,
        subject: Subject,
        colours: CoinColours,
        numbers: NumberFormat,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._feed, self._subject, self._numbers, self._colours = feed, subject, numbers, colours
        self._results: Results | None = None
        self._measured: Measured | None = None
        self._rules = 0
        self.setObjectName("testRuleWindow")
        self.setWindowTitle(tr("Test this rule"))
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.session = TestSession(feed, subject, self)
        self.head = TestHead(title_text(subject, numbers), subject.quote, numbers)
        self.message = MessagePage()
        self._pages = QStackedWidget()
        self.foot = MessageLine("testFootLabel")
        self.progress = QProgressBar()
        self.progress.setObjectName("testProgress")
        self.progress.setAccessibleName(tr("Progress"))
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(120, 8)
        self.cancel_button = push_button(
            tr("Cancel"), "testCancelButton", compact=True, tip=tr("Stop loading and working")
        )
        self.export_button = push_button(tr("Export CSV"), "testExportButton")
        self.close_button = push_button(tr("Close"), "testCloseButton")
        self.use_button = push_button(tr("Use this rule"), "useRuleButton", kind=ButtonKind.MAIN, tip=subject.use)
        self._build()
        self._connect()
        self.head.begin(self._now(), subject.amount)
        self._show_busy(busy=False)
        for button in (self.export_button, self.use_button):
            block(button, _NOTHING_YET)
        self.message.say(
            tr("Nothing was tested yet"), tr("Say with how much money the test begins, then press Run again.")
        )
        self.session.ask_timeframes()
        # One part a turn of the event loop: all of them at once would hold the window up.
        QTimer.singleShot(0, self, self._furnish)

    @property
    def results(self) -> Results:
        """The page with what came of it; made when it is first needed."""
        if self._results is None:
            self._results = results = Results(self._subject, self._colours, self._numbers)
            self._pages.addWidget(results)
            results.cellChosen.connect(self._cell_chosen)
            results.cellTaken.connect(lambda _key: self.use_button.setFocus())
            # They are made later than the foot, and stand above it.
            chain = (self.head.run, *results.focus_order(), self.cancel_button)
            for before, after in pairwise(chain):
                QWidget.setTabOrder(before, after)
        return self._results

    @Slot()
    def _furnish(self) -> None:
        results = self.results
        QTimer.singleShot(0, results, results.furnish)

    def _build(self) -> None:
        self._pages.addWidget(self.message)
        row = ActionRow(56)
        self.foot.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        for widget, share in ((self.foot, 1), (self.progress, 0), (self.cancel_button, 0)):
            row.left.addWidget(widget, share, Qt.AlignmentFlag.AlignVCenter)
        row.give_left_the_rest()
        for button in (self.export_button, self.close_button, self.use_button):
            row.right.addWidget(button)
        menu = QMenu(self)
        menu.setObjectName("testExportMenu")
        for name, text, what in (
            ("exportMapAction", tr("The map of rules\u2026"), "map"),
            ("exportLinesAction", tr("The lines\u2026"), "lines"),
            ("exportTradesAction", tr("Every trade\u2026"), "trades"),
        ):
            action = menu.addAction(text)
            action.setObjectName(name)
            action.triggered.connect(lambda _checked=False, what=what: self._ask_export(what))
        self.export_button.setMenu(menu)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(hairline())
        column.addWidget(self._pages, 1)
        column.addWidget(row)
        self.setMinimumSize(*LEAST_SIZE)
        room = self.screen().availableSize()
        self.resize(min(SIZE[0], room.width() - _FRAME), min(SIZE[1], room.height() - _FRAME))

    def _connect(self) -> None:
        head, session = self.head, self.session
        head.runPressed.connect(self._run)
        head.fileAsked.connect(self.ask_file)
        head.accountAsked.connect(session.forget_file)
        session.loading.connect(self._loading)
        session.timeframesKnown.connect(self._timeframes_known)
        session.fileRead.connect(self._file_read)
        session.measured.connect(self._show_measured)
        session.swept.connect(self._show_swept)
        session.shown.connect(self._show_run)
        session.failed.connect(self._failed)
        session.finished.connect(self._finished)
        self.cancel_button.clicked.connect(self._cancel)
        self.close_button.clicked.connect(self.reject)
        self.use_button.clicked.connect(self._use)
        QShortcut(QKeySequence("F5"), self, self._run)

    def _now(self) -> datetime:
        """The account's time: on the demo the market's."""
        view = next((view for view in self._feed.accounts if view.account == self._subject.account), None)
        return (view.at if view is not None else datetime.fromtimestamp(0, UTC)).astimezone(UTC)

    # ----------------------------------------------------------------------------------------------------------- running

    @Slot()
    def _run(self) -> None:
        if not self.head.is_ready:
            self.session.ask_timeframes()
            return
        wish = self.head.wish(self._now())
        if wish is not None:
            self.session.start(wish)

    @Slot()
    def _cancel(self) -> None:
        self.session.cancel()
        self._show_busy(busy=False)
        self.foot.show_hint(tr("Cancelled. Candles that were loaded are kept."))
        if self._measured is None:
            self.message.say(tr("The test was cancelled"), tr("Press Run again when you like."))

    @Slot(object, object)
    def _loading(self, done: int, total: int) -> None:
        self._show_busy(busy=True)
        # In thousandths: a file may have more bytes than a C int holds.
        self.progress.setRange(0, 1000 if total else 0)
        self.progress.setValue(1000 * done // total if total else 0)
        if self.session.reads_file:
            self.foot.show_hint(tr("The file is being read: {value} %", value=100 * done // max(total, 1)))
        else:
            count = self._numbers.fixed
            of = (
                tr(": {count} of {count2}", count=count(Decimal(done), 0), count2=count(Decimal(total), 0))
                if total
                else ""
            )
            self.foot.show_hint(tr("Candles are being loaded{of}", of=of))
        if self._measured is None:
            self.message.say(tr("The candles are on their way"), tr("The test begins as soon as they are there."))

    def _show_busy(self, *, busy: bool) -> None:
        self.progress.setVisible(busy)
        self.cancel_button.setVisible(busy)

    @Slot(object)
    def _timeframes_known(self, timeframes: tuple[timedelta, ...]) -> None:
        self.head.show_timeframes(timeframes, usual_timeframe(timeframes))
        self._run()

    @Slot(object)
    def _file_read(self, read: FileRead) -> None:
        self.head.show_file(read.names)
        self.head.put_days(read.first, read.last)
        self._run()

    @Slot()
    def ask_file(self) -> None:
        """Choose candle files and test over them."""
        names, _ = QFileDialog.getOpenFileNames(
            self, tr("Candles from files"), "", tr("Candles (*.csv);;All files (*)")
        )
        if names:
            self.read_files([Path(name) for name in names])

    def read_files(self, paths: list[Path]) -> None:
        """Test over the candles of these files."""
        self.session.read_file(paths)

    # ----------------------------------------------------------------------------------------------------- what is shown

    @Slot(object)
    def _show_measured(self, measured: Measured) -> None:
        self._measured, self._rules = measured, 0
        self._show_busy(busy=True)
        self.results.show_measured(measured, self.session.source)
        self._pages.setCurrentWidget(self.results)
        block(self.export_button, None)
        self._name_use(measured.run)
        self.foot.show_hint(foot_text(measured, self._subject, 0, None, self._numbers))
        self.results.sweep.table.setFocus()

    @Slot(object)
    def _show_swept(self, swept: Swept) -> None:
        self._rules += len(swept.cells)
        self.progress.setRange(0, swept.total)
        self.progress.setValue(swept.done)
        self.results.show_swept(swept)

    @Slot(float)
    def _finished(self, seconds: float) -> None:
        self._show_busy(busy=self.session.is_busy)
        if self._measured is None or not self._rules:
            return
        text = foot_text(self._measured, self._subject, self._rules, seconds, self._numbers)
        if self._measured.bars.missing:
            self.foot.show_problem(tr("{text}. See Notes.", text=text), Level.WARNING, aloud=True)
        else:
            self.foot.show_good(text, aloud=True)
            # The check mark is green, the words are as quiet as any foot.
            self.foot.label.set_ink(Ink.TEXT2)

    @Slot(object)
    def _cell_chosen(self, key: CellKey) -> None:
        measured = self._measured
        cell = self.results.sweep.model.cells.get(key)
        if measured is None or cell is None:
            return
        # The tested rule may differ from its cell in how often it checks within a candle: it is shown as it is.
        self.session.show(measured.run.rule if key == self.results.sweep.model.own else cell.rule)

    @Slot(object)
    def _show_run(self, run: RuleRun) -> None:
        self.results.show_run(run)
        self._name_use(run)

    def _name_use(self, run: RuleRun) -> None:
        text = tr("Use this rule: {short_rule}", short_rule=short_rule(run.rule, self._numbers))
        self.use_button.setText(text)
        self.use_button.setAccessibleName(text)
        block(self.use_button, None)

    @Slot(str, str)
    def _failed(self, field: str, message: str) -> None:
        self._show_busy(busy=self.session.is_busy)
        self.foot.show_problem(message, aloud=True)
        if field in {"from", "to", "investment", "timeframe"}:
            self.head.refuse(field, message)
        self._measured = None
        for button in (self.export_button, self.use_button):
            block(button, _NOTHING_YET)
        more = still_works(demo=self._subject.demo)
        self.message.say(tr("This cannot be tested"), message, more)
        self._pages.setCurrentWidget(self.message)

    # ---------------------------------------------------------------------------------------------------------- what then

    @Slot()
    def _use(self) -> None:
        run = self.results.run
        if run is not None and self._measured is not None:
            rule: Rule = run.rule
            self.accept()
            self.ruleChosen.emit(rule)

    def _ask_export(self, what: str) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Export CSV"), f"test-{what}.csv", tr("CSV (*.csv)"))
        if name:
            self.export(what, Path(name))

    def export(self, what: str, path: Path) -> None:
        """Write the `map`, the `lines` or the `trades`; what goes wrong is said in a message."""
        run = self.results.run
        if run is None:
            return
        match what:
            case "map":
                text = map_csv(self.results.sweep.model.cells)
            case "lines":
                text = lines_csv(run)
            case _:
                text = trades_csv(run.table)
        try:
            path.write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            why = tr("The file was not written: {value}.", value=error.strerror or error)
            tell(self, "exportProblem", tr("Export CSV"), why)
        else:
            self.foot.show_good(tr("{path} was written.", path=path.name), aloud=True)

    def done(self, result: int) -> None:
        """Nothing goes on behind a closed window."""
        self.session.cancel()
        super().done(result)
