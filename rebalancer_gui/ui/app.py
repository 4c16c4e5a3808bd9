"""The window as a program: theme, one sitting after the other, and a safe end.

`run_window` is what the composition root calls; it knows no adapter.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rebalancer_gui.application.account_book import AccountBook
from rebalancer_gui.application.data_desk import DataKeeping
from rebalancer_gui.application.log_port import LogReading, SupportReport
from rebalancer_gui.application.market_data_desk import MarketDataDesk
from rebalancer_gui.application.records import Repair, RepairKind
from rebalancer_gui.application.settings_desk import SettingsDesk
from rebalancer_gui.application.telling_desk import TellingDesk
from rebalancer_gui.domain.errors import RebalancerError
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.engine_thread import EngineFactory
from rebalancer_gui.ui.first_window import is_first_window
from rebalancer_gui.ui.icons import program_icon
from rebalancer_gui.ui.interrupts import Interrupts
from rebalancer_gui.ui.one_application import make_application
from rebalancer_gui.ui.single_instance import SingleInstance
from rebalancer_gui.ui.sitting import Sitting
from rebalancer_gui.ui.theme import ColourScheme, install_theme
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.window_state import WindowState, window_state

PROGRAM = "Rebalancer"
_SWITCH_SECONDS = 0.0002
"""How soon a busy thread hands the interpreter over. Qt asks Python hundreds of small questions while it paints one
table; with Python's usual 5 ms each of them may wait that long behind an engine that computes (measured with 20
strategies and the replay running ahead: gaps of 200 ms in the window, and the engine three times slower)."""
_log = logging.getLogger(__name__)


ResetAccount = Callable[[str], Path]
"""Sets the paper account of that name aside and gives the place where it is kept; RebalancerError, and nothing is moved."""
RepairAccount = Callable[[Repair], Path]
"""Carries out what was chosen for a damaged file and gives the place where the file is kept; RebalancerError as above."""


def run_window(
    engine_factory: EngineFactory,
    *,
    settings: Mapping[str, object],
    save_settings: Callable[[dict[str, object]], None],
    reset_account: ResetAccount,
    repair_account: RepairAccount,
    data_dir_key: str,
    title: str = PROGRAM,
    instance: SingleInstance | None = None,
    telling: TellingDesk | None = None,
    book: AccountBook | None = None,
    market_data: MarketDataDesk | None = None,
    program: SettingsDesk | None = None,
    data: DataKeeping | None = None,
    log: tuple[LogReading, SupportReport] | None = None,
    minimised: bool = False,
) -> int:
    """Open the window, run the engine in its thread, return the exit code when both have ended.

    ``settings`` and ``save_settings``: what the window remembers (plain JSON values). ``reset_account`` and
    ``repair_account`` are called here, in the GUI thread, while no engine runs; afterwards a new window with a new engine
    opens. Where another window runs on
    the same data it is raised, and 0 is returned at once. ``instance``: what ``is_first_window`` gave, where the caller
    asked before it opened the data. ``telling``: who is told of what happens, for Settings. ``book``: where accounts are
    added and removed (None: they cannot be). ``market_data``: what is chosen about it, for Settings. ``program``: the settings
    of the whole program. ``data``: where everything can be backed up and restored. ``log``: that of this run, and who makes
    the support report. ``minimised``: it begins in the tray, or in the task bar where there is none.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    app = make_application()
    mine = instance or is_first_window(data_dir_key)
    if mine is None:
        return 0
    # From here on a signal waits for the event loop and then ends everything in order.
    interrupts = Interrupts()
    theme = install_theme(app, _scheme(window_state(settings)))
    app.setWindowIcon(program_icon())
    app.setQuitOnLastWindowClosed(False)
    remembered = [window_state(settings)]

    def save(changed: WindowState) -> None:
        remembered[0] = changed
        save_settings(changed.to_settings())

    def sit(account: str = "", *, minimised: bool = False) -> Sitting:
        sitting = Sitting(engine_factory, theme, remembered[0], save, title, book, account=account)
        _offer(sitting, telling, market_data, program, data)
        if log is not None:
            sitting.window.presses.offer_log(*log)
        interrupts.asked.connect(sitting.window.close_without_asking)
        mine.raiseAsked.connect(sitting.window.raise_to_front)
        # Not quit, which would close the window first: it stays while its engine stops for a reset.
        sitting.left.connect(lambda: app.exit(0))
        sitting.open(minimised=minimised)
        return sitting

    sitting = sit(minimised=minimised)
    if not minimised:
        _tell_faults(sitting, program)
    app.exec()
    while (sitting.account_to_reset or sitting.repair is not None or sitting.change is not None) and sitting.stop():
        before, account, repair, change = sitting, sitting.account_to_reset, sitting.repair, sitting.change
        before.window.remember()
        interrupts.asked.disconnect(before.window.close_without_asking)
        mine.raiseAsked.disconnect(before.window.raise_to_front)
        outcome: _Outcome | None = None
        if change is not None:
            outcome = _remove(book, change.account) if change.removed and book is not None else None
        else:
            outcome = _reset(reset_account, account) if repair is None else _repair(repair_account, repair)
        sitting = sit(change.account if change is not None and not change.removed else "")
        before.leave()
        if outcome is not None:
            sitting.say(outcome.title, outcome.text, bad=outcome.bad)
        app.exec()
    restored = _restore(data, sitting)
    failed = sitting.failed and not restored  # Nobody had asked the engine to stop yet.
    mine.end()
    interrupts.end()
    sitting.window.hide()
    stopped = sitting.stop()
    sitting.window.loader.join()
    return 0 if stopped and not failed else 1


@dataclass(frozen=True, slots=True)
class _Outcome:
    title: str
    text: str
    bad: bool


def _reset(reset_account: ResetAccount, account: str) -> _Outcome:
    try:
        kept = reset_account(account)
    except RebalancerError as error:
        _log.error("the account %s was not reset: %s", account, error.message)
        why = said(f"{error.message} {error.advice}".strip())
        return _Outcome(
            tr("The paper account was not reset"), tr("Everything is as it was before. {why}", why=why), bad=True
        )
    _log.info("the account %s was reset", account)
    text = tr("The account of before is kept as a whole in {kept}.", kept=kept)
    return _Outcome(tr("The paper account begins anew"), text, bad=False)


def _offer(
    sitting: Sitting,
    telling: TellingDesk | None,
    market_data: MarketDataDesk | None,
    program: SettingsDesk | None,
    data: DataKeeping | None,
) -> None:
    settings = sitting.window.presses.settings
    if telling is not None:
        settings.offer(telling)
    if market_data is not None:
        settings.offer_market_data(market_data)
    if program is not None:
        sitting.window.offer_settings(program)
    if data is not None:
        settings.offer_data(data)


def _tell_faults(sitting: Sitting, program: SettingsDesk | None) -> None:
    faults = program.faults() if program is not None else ()
    if faults:
        sitting.say(tr("Some settings cannot be used"), "\n\n".join(faults), bad=True)


def _restore(data: DataKeeping | None, sitting: Sitting) -> bool:
    """Put the backup in place that was chosen, and tell what came of it; the program ends when that was read, for what it has in
    memory is another installation's. False: none was chosen.
    """
    file = sitting.restore
    if file is None or data is None or not sitting.stop():
        return False
    try:
        kept = data.restore(file)
    except RebalancerError as error:
        _log.error("the backup %s was not restored: %s", file, error.message)
        why = said(f"{error.message} {error.advice}".strip())
        text = tr("Everything is as it was before; start the program again. {why}", why=why)
        box = sitting.say(tr("The backup was not restored"), text, bad=True)
    else:
        _log.info("the backup %s was restored; what was there is in %s", file, kept)
        text = tr("Start the program again to go on with it. What was stored before is kept in {kept}.", kept=kept)
        box = sitting.say(tr("The backup is in place"), text, bad=False)
    box.finished.connect(lambda: make_application().exit(0))
    make_application().exec()
    return True


def _remove(book: AccountBook, account: str) -> _Outcome:
    try:
        kept = book.remove(account)
    except RebalancerError as error:
        _log.error("the account %s was not removed: %s", account, error.message)
        return _Outcome(tr("The account was not removed"), said(f"{error.message} {error.advice}".strip()), bad=True)
    _log.info("the account %s was removed", account)
    text = tr("Its key is forgotten; its files are kept in {kept}. Delete the key at the exchange too.", kept=kept)
    return _Outcome(tr("The account was removed"), text, bad=False)


def _repair(repair_account: RepairAccount, repair: Repair) -> _Outcome:
    try:
        kept = repair_account(repair)
    except RebalancerError as error:
        _log.error("the account %s was not repaired: %s", repair.account, error.message)
        return _Outcome(tr("Nothing was changed"), said(f"{error.message} {error.advice}".strip()), bad=True)
    _log.info("the account %s was repaired: %s", repair.account, repair.text)
    if repair.kind is RepairKind.SET_ASIDE:
        text = tr("All its files of before are kept together in {place}.", place=kept)
        return _Outcome(tr("{account} was set aside", account=repair.account), text, bad=False)
    done = tr("The backup is in place") if repair.kind is RepairKind.BACKUP else tr("A new ledger begins")
    text = tr(
        "{detail} The damaged file is kept in {kept}.",
        detail=repair.detail.removesuffix(" The damaged file is kept."),
        kept=kept,
    )
    return _Outcome(done, text, bad=False)


def _scheme(state: WindowState) -> ColourScheme:
    return (
        ColourScheme(state.theme) if state.theme in {scheme.value for scheme in ColourScheme} else ColourScheme.SYSTEM
    )
