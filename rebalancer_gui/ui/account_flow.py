"""Opens the dialogs about accounts and says what is to happen with the engine. GUI thread only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMessageBox, QPushButton, QWidget

from rebalancer_gui.application.account_book import AccountBook
from rebalancer_gui.application.accounts import AddedAccount
from rebalancer_gui.application.records import Repair
from rebalancer_gui.application.safety_commands import TryAgain
from rebalancer_gui.domain.errors import RebalancerError
from rebalancer_gui.ui.dialogs.account import AccountDialog
from rebalancer_gui.ui.dialogs.accounts_list import AccountsDialog
from rebalancer_gui.ui.dialogs.repair_account import RepairDialog
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.errands import Errands
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.message_box import tell
from rebalancer_gui.ui.widgets.secret_edit import ClipboardCleaner


class AccountFlow(QObject):
    """`said(str)`. `reopenAsked(str)`: the engine is to take in this account that was added. `removeConfirmed(str)`.
    `repairConfirmed(object)`: a ``Repair`` of a damaged account is to be carried out. `unlocked()`: the file of keys is open now.
    """

    said = Signal(str)
    reopenAsked = Signal(str)
    removeConfirmed = Signal(str)
    repairConfirmed = Signal(object)
    unlocked = Signal()

    def __init__(
        self, feed: EngineFeed, book: AccountBook | None, window: QWidget, numbers: NumberFormat | None = None
    ) -> None:
        super().__init__(window)
        self._feed, self._book, self._window, self._numbers = feed, book, window, numbers
        self._cleaner = ClipboardCleaner(self)
        self._work = Errands(self)

    @property
    def is_possible(self) -> bool:
        """Whether accounts can be added here at all."""
        return self._book is not None

    @property
    def is_locked(self) -> bool:
        """Whether keys wait in a file that nobody has unlocked."""
        return self._book is not None and self._book.is_locked

    def waiting_help(self) -> str:
        """What the button says that leads there; "" where nothing can be done here."""
        if self._book is None:
            return ""
        return tr("Unlock keys\u2026") if self.is_locked else tr("Accounts\u2026")

    @Slot()
    def help_waiting(self) -> None:
        """What an account that waits most likely needs: its file of keys unlocked, else a look at the list."""
        if self.is_locked:
            self.unlock()
        else:
            self.show_all()

    @Slot()
    def add(self) -> None:
        """The form for a new account."""
        if self._book is None:
            return
        dialog = AccountDialog(self._book, self._cleaner, self._window, numbers=self._numbers)
        dialog.added.connect(self._added)
        dialog.open()

    @Slot()
    def show_all(self) -> None:
        """All accounts, to take one away or add one."""
        if self._book is None:
            return
        try:
            records = self._book.records()
        except RebalancerError as error:
            self._tell(tr("The accounts cannot be read"), said(f"{error.message} {error.advice}".strip()))
            return
        standing = {view.account for view in self._feed.accounts if any(s.ended_at is None for s in view.strategies)}
        names = {entry.id: entry.name for entry in self._book.venues}
        dialog = AccountsDialog(
            records,
            standing,
            locked=self.is_locked,
            faults=self._faults(),
            names=names,
            waiting=self._feed.waiting,
            retry=bool(self._feed.waiting) or any(view.locked for view in self._feed.accounts),
            parent=self._window,
        )
        dialog.addAsked.connect(self.add)
        dialog.unlockAsked.connect(self.unlock)
        dialog.tryAgainAsked.connect(self.try_again)
        dialog.keyAsked.connect(self.change_key)
        dialog.removeAsked.connect(self._ask_removal)
        dialog.repairAsked.connect(self.repair)
        dialog.open()

    @Slot(str)
    def change_key(self, name: str) -> None:
        """The form for another key of an account, or the same one again."""
        if self._book is None:
            return
        record = self._book.find(name)
        dialog = AccountDialog(self._book, self._cleaner, self._window, record=record, numbers=self._numbers)
        dialog.added.connect(self._added)
        dialog.open()

    @Slot()
    def unlock(self) -> None:
        """Ask for the passphrase of the file of keys; accounts that wait for it open at once."""
        book = self._book
        if book is None:
            return
        asked = QInputDialog(self._window)
        asked.setObjectName("unlockDialog")
        asked.setWindowTitle(tr("Unlock keys"))
        asked.setLabelText(tr("Passphrase of the file of keys:"))
        asked.setTextEchoMode(QLineEdit.EchoMode.Password)
        asked.textValueSelected.connect(
            lambda text: self._work.run(lambda: book.unlock(text), self._unlocked, self._not_unlocked)
        )
        asked.open()
        # Its parts are made when it is shown.
        for part, name in zip(
            (*asked.findChildren(QLineEdit), *asked.findChildren(QPushButton)),
            ("unlockPassphraseEdit", "unlockConfirmButton", "unlockCancelButton"),
            strict=True,
        ):
            part.setObjectName(name)

    def _unlocked(self, _nothing: object) -> None:
        self.unlocked.emit()
        self.said.emit(tr("The keys are unlocked. Accounts that waited for them are opened now."))
        self._feed.send(TryAgain(self._feed.next_command_id()))

    @Slot()
    def try_again(self) -> None:
        """What accounts wait for is looked for at once. A keyring may ask its owner to unlock it meanwhile."""
        self.said.emit(tr("Accounts that wait are tried again now."))
        self._feed.send(TryAgain(self._feed.next_command_id()))

    def _not_unlocked(self, error: RebalancerError) -> None:
        self._tell(tr("The keys stay locked"), said(f"{error.message} {error.advice}".strip()))

    def _added(self, added: AddedAccount) -> None:
        self.said.emit(
            tr(
                "The account {record} was saved. {names}", record=added.record.name, names=" ".join(added.warnings)
            ).strip()
        )
        self.reopenAsked.emit(added.record.name)

    def _ask_removal(self, name: str) -> None:
        box = QMessageBox(self._window)
        box.setObjectName("removeAccountQuestion")
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(tr("Remove an account"))
        box.setText(tr("Remove the account {name}?", name=name))
        box.setInformativeText(
            tr(
                "Its key is forgotten here and stays at the exchange: delete it there too. Its files are kept as a backup. The "
                "engine stops safely and starts again without it."
            )
        )
        remove = box.addButton(tr("Remove"), QMessageBox.ButtonRole.AcceptRole)
        remove.setObjectName("removeConfirmButton")
        keep = box.addButton(QMessageBox.StandardButton.Cancel)
        keep.setObjectName("removeCancelButton")
        box.setDefaultButton(keep)
        box.buttonClicked.connect(lambda pressed: self.removeConfirmed.emit(name) if pressed is remove else None)
        box.open()

    @Slot(str)
    def repair(self, name: str) -> None:
        """Look at the files of a halted account, which may take a while, and offer what can be done for it."""
        book = self._book
        if book is None:
            return
        self.said.emit(tr("The files of {account} are looked at\u2026", account=name))
        self._work.run(
            lambda: book.ways_out(name),
            lambda ways: self._offer_repairs(name, ways),
            lambda error: self._tell(
                tr("{account} cannot be repaired here", account=name), said(f"{error.message} {error.advice}".strip())
            ),
        )

    def _offer_repairs(self, name: str, ways: Sequence[Repair]) -> None:
        if not ways:
            why = self._faults().get(name, "")
            text = tr("Its record and its files are in order, so there is nothing to repair. {why}", why=why)
            self._tell(tr("{account} is not damaged", account=name), text)
            return
        # What can be done stands on the buttons: the advice names the same again as commands of the console.
        unreadable = self._book.unreadable().get(name) if self._book is not None else None
        fault = unreadable.message if unreadable is not None else self._feed.fault_of(name)
        dialog = RepairDialog(name, said(fault), ways, self._window)
        dialog.repairConfirmed.connect(self.repairConfirmed)
        dialog.open()

    def _faults(self) -> dict[str, str]:
        """Why accounts are halted, by name, also of those whose record cannot be read."""
        unreadable = self._book.unreadable() if self._book is not None else {}
        return dict(self._feed.failures) | {
            name: f"{problem.message} {problem.advice}".strip() for name, problem in unreadable.items()
        }

    def _tell(self, title: str, text: str) -> None:
        tell(self._window, "accountProblem", title, text)
