"""Add an account: exchange, key, what the key may do, and where it is kept (UI.md, look/04). GUI thread only.

What may take its time (the keyring, the exchange) runs in the background; the dialog stays alive meanwhile.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rebalancer_gui.application.account_book import AccountBook
from rebalancer_gui.application.accounts import AccountRecord, AddedAccount, NewAccount, VenueEntry
from rebalancer_gui.application.connection import ConnectionReport, Credentials, VenueSpec
from rebalancer_gui.domain.errors import InvalidInput, RebalancerError
from rebalancer_gui.ui.dialogs.account_words import ENVIRONMENTS, REAL, check_rows, rights_words, tier_words
from rebalancer_gui.ui.dialogs.kept_box import KeptBox
from rebalancer_gui.ui.dialogs.key_verdict import verdict
from rebalancer_gui.ui.dialogs.start_money import StartMoney
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.errands import Errands
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.locale_numbers import system_numbers
from rebalancer_gui.ui.outside import open_outside
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Banner
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.form import Field, MessageLine, combo_box, line_edit
from rebalancer_gui.ui.widgets.labels import IconLabel, TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, above_foot, form_scroll_area
from rebalancer_gui.ui.widgets.search_combo import SearchCombo
from rebalancer_gui.ui.widgets.secret_edit import ClipboardCleaner, SecretEdit

WIDTH, HEIGHT = 560, 720
_LABEL = 96
_TESTING = tr("The connection is being tested.")
_SAVING = tr("The account is being saved.")


class AccountDialog(QDialog):
    """`added(object)` carries the AddedAccount; the dialog is closed by then."""

    added = Signal(object)

    def __init__(
        self,
        book: AccountBook,
        cleaner: ClipboardCleaner,
        parent: QWidget | None = None,
        *,
        record: AccountRecord | None = None,
        numbers: NumberFormat | None = None,
    ) -> None:
        """``record``: the account that gets another key; None: a new account."""
        super().__init__(parent)
        self._book, self._record = book, record
        self._by_name = {entry.name: entry for entry in book.venues}
        self._numbers = numbers or system_numbers()
        self._report: ConnectionReport | None = None
        self._tested: NewAccount | None = None
        self._doing = ""
        self._pressed: QWidget | None = None
        self._work = Errands(self)
        self.setObjectName("accountDialog")
        self.setWindowTitle(
            tr("Add an account") if record is None else tr("Another key - {record}", record=record.name)
        )
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.name = line_edit("accountNameEdit", tr("Name"), tall=True, placeholder=tr("such as Binance main"))
        self.name.setMaxLength(40)
        self.exchange = SearchCombo("exchangeCombo", tr("Exchange"))
        self.exchange.set_names([entry.name for entry in book.venues])
        self.environment = combo_box("environmentCombo", tr("Environment"), tall=True)
        self.url = line_edit(
            "apiUrlEdit", tr("Own address"), tall=True, placeholder=tr("only for a gateway or a regional site")
        )
        self.start = StartMoney(self._numbers)
        self.key = SecretEdit("apiKeyEdit", tr("API key"), cleaner)
        self.secret = SecretEdit("apiSecretEdit", tr("Secret"), cleaner)
        self.phrase = SecretEdit("apiPassphraseEdit", tr("Passphrase"), cleaner)
        self.kept = KeptBox(cleaner, _LABEL)
        self.tier = MessageLine("exchangeTierLabel")
        self.tick, self.leave_off = (TextLabel("", TextType.SMALL, Ink.TEXT2, wrap=True) for _ in range(2))
        self.tick.setObjectName("rightsToTick")
        self.leave_off.setObjectName("rightsToLeaveOff")
        self.page_button = push_button(tr("Open API management"), "apiPageButton", icon="external", compact=True)
        self.test = push_button(tr("Test connection"), "testConnectionButton", icon="refresh", compact=True)
        self.outcome = Banner("connectionBanner")
        self.cancel = push_button(tr("Cancel"), "accountCancelButton")
        self.save = push_button(tr("Save account"), "saveAccountButton", kind=ButtonKind.MAIN)
        self.said = MessageLine("accountMessage", centred=True)
        self._fields: dict[str, Field] = {}
        self._rows = QGridLayout()
        self._build()
        self._connect()
        self._venue_chosen()
        if record is not None and record.venue is not None:
            self._settle(record.name, record.venue)
        self._work.run(book.kept_in, self.kept.show_kept, self.kept.show_failure)
        (self.name if record is None else self.key).setFocus()

    def _settle(self, name: str, venue: VenueSpec) -> None:
        """What an account is stays: only its key changes."""
        self.name.setText(name)
        self.exchange.choose(next(e.name for e in self._book.venues if e.id == venue.venue))
        self.environment.setCurrentIndex(max(self.environment.findData(venue.environment), 0))
        self.url.setText(venue.api_url or "")
        for part in (self.name, self.exchange, self.environment, self.url):
            part.setEnabled(False)
        self.start.hide()

    # ---------------------------------------------------------------------------------------------------------- building

    def _build(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(8)
        column.addWidget(self._field("name", tr("Name"), self.name))
        column.addWidget(self._field("venue", tr("Exchange"), self.exchange))
        column.addLayout(_indented(self.tier))
        column.addWidget(self._field("environment", tr("Environment"), self.environment))
        column.addWidget(self._field("api_url", tr("Own address"), self.url))
        column.addWidget(self._take("start_money", self.start))
        column.addWidget(self._field("key", tr("API key"), self.key))
        column.addWidget(self._field("secret", tr("Secret"), self.secret))
        column.addWidget(self._field("passphrase", tr("Passphrase"), self.phrase))
        column.addLayout(_indented(TextLabel(tr("Rights of the key, at the exchange:"), TextType.SMALL, Ink.TEXT2)))
        column.addLayout(_indented(self.tick))
        column.addLayout(_indented(self.leave_off))
        column.addLayout(_indented(self.page_button, stretch=False))
        column.addWidget(self.kept)
        head = QHBoxLayout()
        head.addWidget(TextLabel(tr("What this key may do"), TextType.TITLE), 1)
        head.addWidget(self.test)
        column.addSpacing(4)
        column.addLayout(head)
        self._rows.setColumnMinimumWidth(1, 120)
        self._rows.setColumnMinimumWidth(2, 130)
        self._rows.setColumnStretch(3, 1)
        self._rows.setHorizontalSpacing(8)
        self._rows.setVerticalSpacing(8)
        column.addLayout(self._rows)
        column.addWidget(self.outcome)
        column.addStretch(1)
        foot = ActionRow(56)
        self.said.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        foot.left.addWidget(self.said, 1)
        foot.give_left_the_rest()
        foot.right.addWidget(self.cancel)
        foot.right.addWidget(self.save)
        self._area = form_scroll_area(content, "accountScroll", tr("The whole form"))
        above_foot(self, self._area, foot)
        self.setFixedWidth(WIDTH)
        self.resize(WIDTH, min(HEIGHT, self.screen().availableGeometry().height() - 60))

    def _field(self, name: str, label: str, editor: QWidget) -> Field:
        return self._take(name, Field(label, editor, beside=True))

    def _take(self, name: str, field: Field) -> Field:
        field.label.setFixedWidth(max(_LABEL, field.label.sizeHint().width()))
        self._fields[name] = field
        return field

    def _connect(self) -> None:
        for edit in (self.name, self.url, self.start.edit, self.key, self.secret, self.phrase):
            edit.textChanged.connect(self._changed)
        self.kept.edited.connect(self._judge)
        self.exchange.chosen.connect(self._venue_chosen)
        self.environment.currentIndexChanged.connect(self._changed)
        self.page_button.clicked.connect(self._open_page)
        self.test.clicked.connect(self._test)
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.reject)
        self.finished.connect(self._work.forget)

    # ----------------------------------------------------------------------------------------------------------- judging

    @property
    def entry(self) -> VenueEntry | None:
        """The exchange that is chosen."""
        return self._by_name.get(self.exchange.choice())

    def wanted(self) -> NewAccount | None:
        """What the form says; None without an exchange."""
        entry = self.entry
        if entry is None:
            return None
        key, secret, phrase = self.key.secret(), self.secret.secret(), self.phrase.secret()
        credentials = Credentials(key, secret, phrase) if key or secret or phrase else None
        spec = VenueSpec(entry.id, self.url.text().strip() or None, self.environment.currentData())
        start = self.start.edit.value() if credentials is None else None
        return NewAccount(self.name.text().strip(), spec, credentials, start_money=start)

    @Slot()
    def _venue_chosen(self) -> None:
        entry = self.entry
        blocked = self.environment.blockSignals(True)
        self.environment.clear()
        self.environment.addItem(REAL, None)
        for environment in entry.environments if entry is not None else ():
            self.environment.addItem(ENVIRONMENTS.get(environment, environment), environment)
        self.environment.blockSignals(blocked)
        self._fields["environment"].setVisible(self.environment.count() > 1)
        self._fields["passphrase"].setVisible(entry is not None and entry.needs_passphrase)
        if entry is None or not entry.needs_passphrase:
            self.phrase.clear()
        self.page_button.setVisible(entry is not None and bool(entry.page))
        tick, leave_off = rights_words(entry) if entry is not None else ("", "")
        self.tick.setText(tick)
        self.leave_off.setText(leave_off)
        self.tier.show_hint(tier_words(entry) if entry is not None else "")
        self._changed()

    @Slot()
    def _changed(self) -> None:
        """A test holds for what it was made with."""
        if self._report is not None and not self._still_tested():
            self._show_report(None)
        self._judge()

    def _still_tested(self) -> bool:
        wanted, tested = self.wanted(), self._tested
        return wanted is not None and tested is not None and replace(wanted, name="") == replace(tested, name="")

    @Slot()
    def _judge(self) -> None:
        """What is wrong, beside its field; an empty field is only said on the button."""
        wanted = self.wanted()
        self.start.follow(self.entry, has_key=wanted is not None and wanted.credentials is not None)
        problem: InvalidInput | None = None
        if wanted is None:
            problem = InvalidInput("venue", tr("Choose an exchange from the list."))
        else:
            try:
                self._check(wanted)
            except InvalidInput as error:
                problem = error
        empty = {
            "name": not self.name.text(),
            "secret": not self.secret.text(),
            "key": not self.key.text(),
            "passphrase": not self.phrase.text(),
        }
        for name, field in self._fields.items():
            said = problem is not None and problem.field == name and not empty.get(name, False)
            field.set_message(problem.message if said and problem is not None else None)
        if self._doing:
            block(self.save, self._doing)
            block(self.test, self._doing)
            self.said.show_hint(self._doing)
            return
        why = problem.message if problem is not None else None
        if problem is not None and problem.field == "name" and empty["name"]:
            why = tr("Give the account a name.")
        if why is None and wanted is not None and wanted.credentials is not None:
            why = self.kept.lacking()
        block(self.save, why)
        without_key = wanted is None or wanted.credentials is None
        test_why = tr("There is no key to test: without one it is a paper account.") if without_key else None
        if not without_key and problem is not None and problem.field != "name":
            test_why = problem.message
        block(self.test, test_why)
        self.save.setText(self._save_words(wanted))
        self.said.show_hint("" if why is None else why)

    def _check(self, wanted: NewAccount) -> None:
        """InvalidInput for what cannot be saved."""
        if self._record is None:
            self._book.check(wanted)
            unread = self.start.edit.problem() if wanted.credentials is None else None
            if unread is not None:
                raise InvalidInput("start_money", unread)
        elif wanted.credentials is None:
            raise InvalidInput("key", tr("Give the account its key."))
        else:
            self._book.check_new_key(self._record.name, wanted.credentials)

    def _save_words(self, wanted: NewAccount | None) -> str:
        if self._record is None and (wanted is None or wanted.credentials is None):
            return tr("Save as paper account")
        return tr("Save to watch only") if self._may_withdraw else tr("Save account")

    @property
    def _may_withdraw(self) -> bool:
        return self._report is not None and self._report.permissions.may_withdraw is True

    @Slot()
    def _open_page(self) -> None:
        entry = self.entry
        if entry is not None and entry.page:
            open_outside(QUrl(entry.page), self)

    # ----------------------------------------------------------------------------------------------------------- testing

    @Slot()
    def _test(self) -> None:
        wanted = self.wanted()
        if wanted is None or wanted.credentials is None:
            return
        spec, credentials = replace(wanted.venue), wanted.credentials
        self._tested = wanted
        self._show_report(None)
        self._begin(_TESTING)
        self._work.run(lambda: asyncio.run(self._book.test(spec, credentials)), self._was_tested, self._failed)

    def _was_tested(self, report: ConnectionReport) -> None:
        self._end()
        if self._still_tested():
            self._show_report(report)
            # The answer is below what was typed.
            QTimer.singleShot(0, self.outcome, lambda: self._area.ensureWidgetVisible(self.outcome))
            self._judge()

    def _show_report(self, report: ConnectionReport | None) -> None:
        self._report = report
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for number, row in enumerate(check_rows(report, self._numbers) if report is not None else ()):
            self._rows.addWidget(IconLabel(row.icon, row.ink), number, 0)
            self._rows.addWidget(TextLabel(row.what), number, 1)
            answer = TextLabel(row.found, TextType.STRONG, row.ink, object_name=f"{row.key}Answer", wrap=True)
            self._rows.addWidget(answer, number, 2, 1, 1 if row.needed else 2)
            if row.needed:
                self._rows.addWidget(TextLabel(row.needed, TextType.SMALL, Ink.TEXT2, wrap=True), number, 3)
        self.outcome.show_notice(verdict(report) if report is not None else None)

    # ------------------------------------------------------------------------------------------------------------ saving

    @Slot()
    def _save(self) -> None:
        wanted = self.wanted()
        if wanted is None:
            return
        book, record, phrase = self._book, self._record, self.kept.phrase()
        report = self._report if self._still_tested() else None

        def save() -> AddedAccount:
            if phrase and wanted.credentials is not None:
                try:
                    book.unlock(phrase)
                except InvalidInput as error:
                    raise InvalidInput("vault", error.message) from None
            if record is not None and wanted.credentials is not None:
                return asyncio.run(book.change_key(record.name, wanted.credentials, report))
            return asyncio.run(book.add(wanted, report))

        self._begin(_SAVING)
        self._work.run(save, self._was_saved, self._failed)

    def _was_saved(self, added: AddedAccount) -> None:
        self.accept()
        self.added.emit(added)

    def _begin(self, words: str) -> None:
        self._doing, self._pressed = words, self.focusWidget()
        self._judge()

    def _end(self) -> None:
        """The keyboard goes back to what was pressed: its button was off meanwhile, and the next one would close the form."""
        self._doing = ""
        self._judge()
        if self._pressed is not None and self.focusWidget() is self.cancel:
            self._pressed.setFocus()

    def _failed(self, error: RebalancerError) -> None:
        self._end()
        text = said(f"{error.message} {error.advice}".strip())
        if isinstance(error, InvalidInput) and error.field == "vault":
            self.kept.fail(text)
        field = self._fields.get(error.field) if isinstance(error, InvalidInput) else None
        if field is not None:
            field.set_message(text)
        self.said.show_problem(text, aloud=True)


def _indented(widget: QWidget, *, stretch: bool = True) -> QHBoxLayout:
    """Under the editors of the fields."""
    row = QHBoxLayout()
    row.setContentsMargins(_LABEL + 8, 0, 0, 0)
    row.addWidget(widget, 1 if stretch else 0)
    if not stretch:
        row.addStretch(1)
    return row
