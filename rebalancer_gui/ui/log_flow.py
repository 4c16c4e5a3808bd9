"""Opens the log and the support report. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from rebalancer_gui.application.log_port import LogReading, SupportReport
from rebalancer_gui.domain.errors import RebalancerError
from rebalancer_gui.ui.dialogs.log_view import LogDialog
from rebalancer_gui.ui.dialogs.report_dialog import ReportDialog
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.errands import Errands


class LogFlow(QObject):
    """Nothing opens before :meth:`offer`."""

    def __init__(self, feed: EngineFeed, window: QWidget) -> None:
        super().__init__(window)
        self._feed, self._window = feed, window
        self._log: LogReading | None = None
        self._report: SupportReport | None = None
        self._background = Errands(self)
        self._dialog: LogDialog | None = None

    def offer(self, log: LogReading, report: SupportReport) -> None:
        """The log of this run, and who makes the support report."""
        self._log, self._report = log, report

    @Slot()
    def open(self) -> None:
        """One at a time; it is raised where it is open."""
        if self._log is None:
            return
        if self._dialog is None or not isValid(self._dialog):
            self._dialog = LogDialog(self._log, self._background, self._window)
            self._dialog.reportAsked.connect(self.open_report)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    @Slot()
    def open_report(self) -> None:
        """Made in the background, shown before it is copied."""
        report = self._report
        if report is None:
            return
        above = self._dialog if self._dialog is not None and isValid(self._dialog) else self._window
        dialog = ReportDialog(above)
        names = [
            name
            for view in self._feed.accounts
            for name in (view.account, *(s.parameters.name for s in view.strategies))
        ]
        platform = QGuiApplication.platformName()

        def made(text: str) -> None:
            if isValid(dialog):
                dialog.show_report(text)

        def failed(error: RebalancerError) -> None:
            if isValid(dialog):
                dialog.fail(f"{error.message} {error.advice}".strip())

        self._background.run(lambda: report(platform, names), made, failed)
        dialog.open()
