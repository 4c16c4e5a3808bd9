"""``rebalancer notify ...``: who is told, and of what."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from rebalancer_gui.application.notices import NotSent, TellOf
from rebalancer_gui.application.setting_kinds import NotLegal, T
from rebalancer_gui.application.settings import LOW_BNB, SKIPPED_HOURS, Setting
from rebalancer_gui.application.telling_desk import DESKTOP, TellingDesk
from rebalancer_gui.application.telling_settings import Channel, TellSettings
from rebalancer_gui.console.answers import Json
from rebalancer_gui.console.output import Printer, lines
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput
from rebalancer_gui.domain.money import plain

SWITCHES = ("paper", DESKTOP, "keep-awake", "start-with-system", *(of.value for of in TellOf))
VALUES = ("skipped-hours", "low-bnb-limit")
_LONGEST = 4_000


def run(options: argparse.Namespace, desk: TellingDesk, printer: Printer) -> None:
    """The action of ``options``. Raises RebalancerError."""
    match options.action:
        case "list":
            answer = answer_of(desk)
            printer.answer(answer, _text(answer))
        case "add":
            address = read_address()
            channel, checked = desk.add(options.name, address, lasting=True)
            row = _row(channel) | {"unencrypted": checked.unencrypted}
            warning = " What is sent there is not encrypted on its way." if checked.unencrypted else ""
            text = f"{channel.name} ({channel.kind}) was added: {channel.masked}. Its address is in the {channel.place.value}."
            printer.answer(row, text + warning)
        case "remove":
            channel = desk.channel(options.channel)
            desk.remove(channel)
            printer.answer(
                _row(channel), f"{channel.name} was removed, and its address from the {channel.place.value}."
            )
        case "test":
            _test(options.channel, desk, printer)
        case _:
            _set(options.what, options.value, desk)
            answer = answer_of(desk)
            printer.answer(answer, _text(answer))


def read_address() -> str:
    """From the terminal without echo, or the first line of standard input."""
    try:
        if sys.stdin.isatty():
            return getpass.getpass("Address of the channel (it is not shown): ").strip()
        return sys.stdin.readline(_LONGEST).strip()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise EnvironmentProblem("The address cannot be read from standard input.") from error


def answer_of(desk: TellingDesk) -> Json:
    """Everything that is chosen; no address."""
    settings, autostart = desk.settings, desk.autostart
    return {
        "channels": [_row(channel) for channel in settings.channels],
        DESKTOP: settings.desktop,
        "events": {of.value: of in settings.events for of in TellOf},
        "skipped_hours": int(settings.skipped_after / timedelta(hours=1)),
        "low_bnb_limit": plain(settings.low_bnb),
        "paper": settings.paper,
        "keep_awake": settings.keep_awake,
        "start_with_system": autostart.is_on() if autostart is not None else False,
    }


def _row(channel: Channel) -> Json:
    return {"name": channel.name, "kind": channel.kind, "address": channel.masked, "kept_in": channel.place.value}


def _text(answer: Json) -> str:
    shown: dict[str, object] = {}
    for name, value in answer.items():
        if name == "events" and isinstance(value, dict):
            shown["told of"] = [of for of, on in value.items() if on] or ["nothing"]
        elif name == "channels" and isinstance(value, list):
            shown[name] = [f"{c['name']} ({c['kind']}, {c['address']}, in the {c['kept_in']})" for c in value] or [
                "none"
            ]
        else:
            shown[name] = ("on" if value else "off") if isinstance(value, bool) else value
    return lines(shown)


def _test(wanted: str | None, desk: TellingDesk, printer: Printer) -> None:
    """One channel, or each. Raises EnvironmentProblem naming those that failed, after all were tried."""
    if wanted is None:
        chosen: list[Channel | None] = list(desk.settings.channels)
        if desk.settings.desktop and desk.has_desktop:
            chosen.insert(0, None)
    else:
        chosen = [None if wanted == DESKTOP else desk.channel(wanted)]
    if not chosen:
        raise EnvironmentProblem("There is no channel that could be tested.", "Add one with `rebalancer notify add`.")
    answer: dict[str, object] = {}
    failed: list[str] = []
    for channel in chosen:
        name = channel.name if channel is not None else DESKTOP
        try:
            desk.test(channel)
            answer[name] = "sent"
        except NotSent as fault:
            words = f"{fault.message} {fault.advice}".strip()
            answer[name] = words
            failed.append(f"{name}: {words}")
    printer.answer(answer, lines(answer))
    if failed:
        raise EnvironmentProblem("; ".join(failed))


def _set(what: str, value: str, desk: TellingDesk) -> None:
    settings = desk.settings
    if what == "start-with-system":
        _start_with_system(desk, on=_on(value))
        return
    changes: dict[str, Callable[[], TellSettings]] = {
        "paper": lambda: replace(settings, paper=_on(value)),
        DESKTOP: lambda: replace(settings, desktop=_on(value)),
        "keep-awake": lambda: replace(settings, keep_awake=_on(value)),
        "skipped-hours": lambda: replace(settings, skipped_after=timedelta(hours=_read(SKIPPED_HOURS, value))),
        "low-bnb-limit": lambda: replace(settings, low_bnb=_read(LOW_BNB, value)),
    }
    if what in changes:
        desk.save(changes[what]())
        return
    of = TellOf(what)
    desk.save(replace(settings, events=settings.events | {of} if _on(value) else settings.events - {of}))


def _start_with_system(desk: TellingDesk, *, on: bool) -> None:
    autostart = desk.autostart
    if autostart is None or autostart.why_not:
        raise EnvironmentProblem(autostart.why_not if autostart is not None else "This is not offered here.")
    autostart.set(on=on)


def _on(value: str) -> bool:
    if value not in {"on", "off"}:
        raise InvalidInput("value", "on or off.")
    return value == "on"


def _read(setting: Setting[T], value: str) -> T:
    try:
        return setting.kind.parse(value)
    except NotLegal as wrong:
        raise InvalidInput("value", f"{wrong}.") from wrong
