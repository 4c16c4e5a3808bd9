"""One engine thread with its window, from opening to a safe end; several follow each other where an account is reset.

    sitting = Sitting(engine_factory, theme, state, save, title)
    sitting.left.connect(app.exit)          # the window is to end, or the engine has stopped for a reset
    sitting.open()
    app.exec()
    account = sitting.account_to_reset      # "": the program is to end
    sitting.stop()

GUI thread only. Each sitting has a window of its own: nothing that is shown can belong to the account of before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QMessageBox

from rebalancer_gui.application.account_book import AccountBook
from rebalancer_gui.application.events import EngineFailed
from rebalancer_gui.application.records import Repair
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.engine_thread import EngineFactory, EngineThread
from rebalancer_gui.ui.main_window import MainWindow
from rebalancer_gui.ui.theme import Theme
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.message_box import tell
from rebalancer_gui.ui.window_state import WindowState

LATE_MS = 8000
"""An engine that is late to stop is waited for so much longer, and never killed."""
_RESET_LATE_MS = 20_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AccountChange:
    """An account was added, or is to be ``removed``."""

    account: str
    removed: bool = False


class Sitting(QObject):
    """`left()`: once, when the event loop has nothing more to do for it."""

    left = Signal()

    def __init__(
        self,
        engine_factory: EngineFactory,
        theme: Theme,
        state: WindowState,
        save: Callable[[WindowState], None],
        title: str,
        book: AccountBook | None = None,
        *,
        account: str = "",
    ) -> None:
        """``book``: the accounts, where they can be added; ``account``: which one is shown first ("": the one that was)."""
        super().__init__()
        self._reset_of = ""
        self._change: AccountChange | None = None
        self._repair: Repair | None = None
        self._restore: Path | None = None
        self._ending = False
        self.thread_of_engine = EngineThread(engine_factory)
        self.feed = EngineFeed(self.thread_of_engine.post)
        self.thread_of_engine.told.connect(self.feed.take)
        with theme.resting():
            self.window = MainWindow(self.feed, theme, state, save, title, book=book)
        self.feed.prefer_account(account or state.account)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(_RESET_LATE_MS)
        self._late.timeout.connect(self._give_up)
        self.window.closing.connect(self._closing)
        self.window.resetConfirmed.connect(self._stop_for_reset)
        self.window.repairConfirmed.connect(self._leave_for_repair)
        self.window.restoreConfirmed.connect(self._stop_for_restore)
        self.window.accountAdded.connect(lambda name: self._stop_for(AccountChange(name)))
        self.window.removeConfirmed.connect(lambda name: self._stop_for(AccountChange(name, removed=True)))

    def open(self, *, minimised: bool = False) -> None:
        """Show the window (``minimised``: in the tray or the task bar), then start the engine."""
        self.window.open(minimised=minimised)
        # The window is painted before the engine's imports and files compete with it.
        QTimer.singleShot(0, self.thread_of_engine.start)

    @property
    def account_to_reset(self) -> str:
        """The account that is to begin anew now that the engine has stopped; "" when the program is to end."""
        return "" if self._ending else self._reset_of

    @property
    def change(self) -> AccountChange | None:
        """The account that came or is to go now that the engine has stopped; None when the program is to end."""
        return None if self._ending else self._change

    @property
    def repair(self) -> Repair | None:
        """What is to be done for a damaged file now that the engine has stopped; None when the program is to end."""
        return None if self._ending else self._repair

    @property
    def restore(self) -> Path | None:
        """The backup that is to take the place of everything now that the engine has stopped; None when the program is to end."""
        return None if self._ending else self._restore

    @property
    def failed(self) -> bool:
        """Whether the engine ended by itself."""
        return self.feed.ended

    def stop(self) -> bool:
        """End the engine safely and wait for it; False where it is still running after all patience."""
        if self.thread_of_engine.stop():
            return True
        _log.error("the engine is late to stop")
        return self.thread_of_engine.wait(LATE_MS)

    def leave(self) -> None:
        """The engine has stopped: take the window away."""
        self.window.hide()
        self.window.tray.close_icon()
        self.window.loader.join()
        self.window.deleteLater()

    def say(self, title: str, text: str, *, bad: bool) -> QMessageBox:
        """Tell what came of a reset, over the window; gives what is shown."""
        return tell(self.window, "resetOutcome", title, text, bad=bad)

    # ---------------------------------------------------------------------------------------------------------- ending

    @Slot()
    def _closing(self) -> None:
        self._ending = True
        self.left.emit()

    @Slot(str)
    def _stop_for_reset(self, account: str) -> None:
        if self._is_leaving:
            return
        self._reset_of = account
        self.window.show_resetting()
        self._stop_engine()

    def _stop_for(self, change: AccountChange) -> None:
        if self._is_leaving:
            return
        self._change = change
        self.window.show_resetting(accounts=True)
        self._stop_engine()

    @Slot(object)
    def _stop_for_restore(self, file: Path) -> None:
        if self._is_leaving:
            return
        self._restore = file
        self.window.show_resetting(accounts=True)
        self._stop_engine()

    @property
    def _is_leaving(self) -> bool:
        waits = self._change is not None or self._repair is not None or self._restore is not None
        return bool(self._reset_of) or waits or self._ending

    def _stop_engine(self) -> None:
        self.thread_of_engine.finished.connect(self._stopped)
        if self.thread_of_engine.isFinished():
            self._stopped()
            return
        self.thread_of_engine.request_stop()
        self._late.start()

    @Slot(object)
    def _leave_for_repair(self, repair: Repair) -> None:
        """Of the account whose damaged file ended the engine, whose thread may be on its last instructions, or of one among
        several: then the engine runs for the others and is stopped first.
        """
        if self._repair is not None or self._is_leaving:
            return
        self._repair = repair
        if self.feed.ended:
            self.left.emit()
            return
        self.window.show_resetting(accounts=True)
        self._stop_engine()

    @Slot()
    def _stopped(self) -> None:
        asked = self._change is not None or self._repair is not None or self._restore is not None
        waited = bool(self._reset_of) or asked
        if waited and self._late.isActive():
            self._late.stop()
        if waited and not self._ending:
            self.left.emit()

    @Slot()
    def _give_up(self) -> None:
        """An engine that does not stop may still write: its files are left alone."""
        not_done = tr("the paper account was not reset") if self._reset_of else tr("the accounts were not opened anew")
        self._reset_of, self._change, self._repair, self._restore = "", None, None, None
        _log.error("the engine did not stop, so %s", not_done)
        self.window.show_failure(
            EngineFailed(
                tr("The engine did not stop in time, so {not_done}.", not_done=not_done),
                tr("Nothing was moved or lost. Close the program, start it again, and do it then."),
            )
        )
