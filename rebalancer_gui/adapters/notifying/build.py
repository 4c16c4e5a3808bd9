"""Puts being told together: the desk of its settings, and what runs beside the engine."""

from __future__ import annotations

from rebalancer_gui.adapters.notifying.addresses import VaultAddresses
from rebalancer_gui.adapters.notifying.apprise_channels import AppriseNotifier, check_address
from rebalancer_gui.adapters.notifying.autostart import Autostart, start_command
from rebalancer_gui.adapters.notifying.desktop import DesktopNotifier, has_desktop
from rebalancer_gui.adapters.notifying.marks import FileMarks
from rebalancer_gui.adapters.notifying.sleep import SleepInhibitor
from rebalancer_gui.adapters.secrets.vaults import Vaults
from rebalancer_gui.adapters.storage.data_folder import DataFolder, default_data_folder
from rebalancer_gui.adapters.storage.settings_file import SettingsFile, SettingsSection
from rebalancer_gui.adapters.system import RandomIdSource, SystemClock
from rebalancer_gui.application.beside import Companion
from rebalancer_gui.application.telling import Telling
from rebalancer_gui.application.telling_desk import TellingDesk, TellingTools
from rebalancer_gui.application.telling_settings import SECTION
from rebalancer_gui.application.wakefulness import Wakefulness


def build_telling_desk(folder: DataFolder, settings: SettingsFile, vaults: Vaults) -> TellingDesk:
    """``folder`` is open. Nobody is asked anything yet."""
    ids = RandomIdSource(folder.tag)
    usual = folder.path.resolve() == default_data_folder().resolve()
    return TellingDesk(
        TellingTools(
            section=SettingsSection(settings, SECTION),
            addresses=VaultAddresses(vaults),
            check=check_address,
            connect=AppriseNotifier,
            desktop=DesktopNotifier() if has_desktop() else None,
            new_id=lambda: ids.new_id("c"),
            autostart=Autostart(
                "rebalancer" if usual else f"rebalancer-{folder.tag}",
                start_command(None if usual else folder.path.resolve()),
            ),
        )
    )


def build_companions(folder: DataFolder, desk: TellingDesk) -> tuple[Companion, ...]:
    """For one engine, made in its thread."""
    clock = SystemClock()
    return (Telling(desk, FileMarks(folder.path), clock), Wakefulness(desk, SleepInhibitor(), clock))
