"""The page Market data of Settings: whether the internet is asked for market caps, and the CoinGecko key. GUI thread only.

What is chosen here counts at once; it is made when it is first looked at.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.application.market_data_desk import MarketDataDesk
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.application.settings import CAPS_ONLINE
from rebalancer_gui.domain.errors import RebalancerError
from rebalancer_gui.ui.dialogs.setting_row import switch
from rebalancer_gui.ui.dialogs.settings_page import SettingsPage
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.errands import Errands
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import block, push_button
from rebalancer_gui.ui.widgets.form import Field
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.secret_edit import ClipboardCleaner, SecretEdit

PLACES = ((tr("CoinGecko key"), "coinGeckoKeyEdit", tr("demo API key market caps")),)
"""What the search of Settings finds here beside the declared settings."""
_INTRO = tr(
    "Market caps weight the presets and the distribution by market cap. They are read once a day from CoinGecko, and from "
    "CoinPaprika where that does not answer. Nothing of your accounts is sent there. A demo market needs none of it."
)
_OFF = tr("Switched off, nobody is asked: the caps that came with the program are used, which are old and say so.")
_KEY_HINT = tr(
    "Optional: without a key CoinGecko's public interface is asked. A free demo key makes it answer more surely. It is kept "
    "like the key of an account and never shown."
)
_CREDIT = tr("Data provided by CoinGecko (coingecko.com) and CoinPaprika (coinpaprika.com).")
_BUSY = tr("One moment: it is being stored.")
_PLACES = {
    Place.KEYRING: tr("the system's keyring"),
    Place.PASSPHRASE: tr("the passphrase vault"),
    Place.MEMORY: tr("this program's memory, until it ends"),
}


class MarketDataPage(SettingsPage):
    """``desk`` is where everything is read and changed; what may take its time is done in ``background``."""

    def __init__(
        self, desk: MarketDataDesk, background: Errands, cleaner: ClipboardCleaner, parent: QWidget | None = None
    ) -> None:
        super().__init__(background, _INTRO, "marketDataMessage", parent)
        self._desk, self._cleaner = desk, cleaner

    def _build(self, column: QVBoxLayout) -> None:
        self.online = switch(CAPS_ONLINE, "marketDataOnlineCheck", on=self._desk.settings.online)
        self.online.toggled.connect(self._online_chosen)
        column.addSpacing(4)
        column.addWidget(self.online)
        off = TextLabel(_OFF, TextType.SMALL, Ink.TEXT2, object_name="marketDataOffHint", wrap=True)
        off.setContentsMargins(24, 0, 0, 0)
        column.addWidget(off)
        self._build_key(column)
        column.addStretch(1)
        column.addWidget(TextLabel(_CREDIT, TextType.SMALL, Ink.TEXT2, object_name="marketDataCredit", wrap=True))
        self._judge()

    def _build_key(self, column: QVBoxLayout) -> None:
        column.addSpacing(12)
        column.addWidget(TextLabel(tr("CoinGecko key"), TextType.TITLE))
        self.there = TextLabel("", TextType.BODY, Ink.TEXT2, object_name="coinGeckoKeyLabel", wrap=True)
        self.remove = push_button(
            tr("Remove"), "coinGeckoKeyRemoveButton", compact=True, accessible_name=tr("Remove the CoinGecko key")
        )
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.there, 1)
        line.addWidget(self.remove)
        column.addLayout(line)
        self.key = SecretEdit("coinGeckoKeyEdit", tr("CoinGecko demo key"), self._cleaner)
        self.field = Field(tr("Demo key"), self.key)
        self.save = push_button(tr("Save key"), "coinGeckoKeySaveButton")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        beside = QVBoxLayout()
        beside.setSpacing(4)
        beside.addWidget(TextLabel("", TextType.SMALL))
        beside.addWidget(self.save)
        beside.addStretch(1)
        row.addLayout(beside)
        column.addLayout(row)
        column.addWidget(TextLabel(_KEY_HINT, TextType.SMALL, Ink.TEXT2, object_name="coinGeckoKeyHint", wrap=True))
        self.key.textChanged.connect(self._key_edited)
        self.key.returnPressed.connect(self.save.click)
        self.save.clicked.connect(self._save)
        self.remove.clicked.connect(self._remove)

    def _judge(self) -> None:
        place = self._desk.settings.key_place
        self.there.setText(
            tr("There is no key.") if place is None else tr("A key is kept in {PLACES}.", PLACES=_PLACES[place])
        )
        missing = None if self.key.text().strip() else tr("Type or paste the key.")
        block(self.save, _BUSY if self._busy else missing)
        block(self.remove, _BUSY if self._busy else tr("There is no key.") if place is None else None)

    def _key_edited(self) -> None:
        self.field.set_message(None)
        self._judge()

    def _online_chosen(self, on: bool) -> None:
        self._run(lambda: self._desk.set_online(on=on), self._stored, self._not_stored)

    def _save(self) -> None:
        key = self.key.secret()
        self._run(lambda: self._desk.keep_key(key), self._kept, self._not_kept)

    def _remove(self) -> None:
        self._run(self._desk.forget_key, self._stored, self._not_stored)

    def _run(
        self, do: Callable[[], object], done: Callable[[], None], failed: Callable[[RebalancerError], None]
    ) -> None:
        self._busy = True
        self._judge()

        def over(_answer: object) -> None:
            self._busy = False
            done()
            self._judge()

        def wrong(error: RebalancerError) -> None:
            self._busy = False
            failed(error)
            self._judge()

        self._background.run(do, self._here(over), self._here(wrong))

    def _not_stored(self, error: RebalancerError) -> None:
        self.online.blockSignals(True)
        self.online.setChecked(self._desk.settings.online)
        self.online.blockSignals(False)
        super()._not_stored(error)

    def _kept(self) -> None:
        self.key.clear()
        self._stored()

    def _not_kept(self, error: RebalancerError) -> None:
        self.field.set_message(said(f"{error.message} {error.advice}".strip()))
