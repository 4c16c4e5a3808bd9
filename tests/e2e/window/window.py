"""The program's window as a person uses it: controls found by objectName, clicked with the mouse, typed into by keyboard.

with open_window(desktop, data_dir) as window:
window.click("addCoinsButton")
window.write("coinSearchEdit", "BTC")
window.rows("strategiesTable")
"""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.e2e.window.desktop import PATIENCE_S, Control, Desktop, NotOnScreenError

_LOOK_EVERY_S, _LOOK_AT_LEAST_EVERY_S = 0.03, 0.2
"""Pause between two looks, at first and after a while: each look for what is not there yet walks over the whole window,
in the program's own GUI thread.
"""
_WHEEL_DOWN, _WHEEL_UP = "5", "4"
T = TypeVar("T")


@contextmanager
def open_window(desktop: Desktop, data_dir: Path, **environment: str) -> Iterator[Window]:
    """The program with its window on the screen. It is killed at the end where it still runs.

    Where the test fails, a picture of the screen and a list of what is on it lie beside the data folder.
    """
    output = data_dir.with_name(f"{data_dir.name}.output.txt")
    process = desktop.start_program(data_dir, output, **environment)
    window = Window(desktop, process, output)
    try:
        window.become_visible()
        yield window
    except BaseException:
        window.keep_picture("failed")
        raise
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE_S)


@dataclass
class Window:
    """One run of the program, as it shows on the screen."""

    desktop: Desktop
    process: subprocess.Popen[bytes]
    output: Path

    # --------------------------------------------------------------------------------------------------------- looking

    def eventually(
        self, condition: Callable[[], T | None], what: str | Callable[[], str], within: float = PATIENCE_S
    ) -> T:
        """What `condition` gives as soon as that is true; AssertionError, saying `what`, after `within` seconds."""
        deadline, pause = time.monotonic() + within, _LOOK_EVERY_S
        while True:
            try:
                found = condition()
            except NotOnScreenError:
                found = None
            if found:
                return found
            if time.monotonic() > deadline:
                words = what if isinstance(what, str) else what()
                raise AssertionError(f"after {within:.0f} s: {words}\n{self.said()}")
            time.sleep(pause)
            pause = min(pause * 1.3, _LOOK_AT_LEAST_EVERY_S)

    def become_visible(self) -> None:
        """Until the program is on the screen; it is then the one that is asked about."""
        self.eventually(self._is_on_the_bus, "the program did not show a window")
        self.eventually(self.windows, "the program shows no window")
        # What says that it is opening goes by itself.
        self.gone("openingWindow")

    def _is_on_the_bus(self) -> bool:
        assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.said()}"
        return bool(self.desktop.ask("use", pid=self.process.pid))

    def windows(self) -> list[Control]:
        """Its windows, the newest first."""
        return [Control.of(told) for told in self.desktop.ask("windows")]

    def has(self, name: str) -> bool:
        return bool(self.desktop.ask("has", name=name))

    def look(self, name: str) -> Control:
        """The control as it is now; NotOnScreenError where it is not."""
        return Control.of(self.desktop.ask("control", name=name))

    def see(self, name: str, within: float = PATIENCE_S) -> Control:
        """The control as soon as it is there."""
        return self.eventually(lambda: self.look(name), f"{name} does not show", within)

    def gone(self, name: str) -> None:
        self.eventually(lambda: not self.has(name), f"{name} still shows")

    def words(self, name: str) -> str:
        """What a label, a button or a field says, with plain spaces; a combo box says what is chosen."""
        control = self.see(name)
        return _plain(control.text or control.name)

    def says(self, name: str, pattern: str, within: float = PATIENCE_S) -> str:
        """Wait until what `name` says has `pattern` in it."""

        def match() -> str | None:
            control = self.look(name)
            words = _plain(control.text or control.name)
            return words if re.search(pattern, words) else None

        def what() -> str:
            return f"{name} does not say {pattern!r} but {self.words(name) if self.has(name) else 'nothing'!r}"

        return str(self.eventually(match, what, within))

    def rows(self, name: str, most: int = 12) -> list[dict[str, str]]:
        """The table's rows from the top, by header; numbers as they stand there, with plain spaces.

        Cells are read one by one while the table lives: what was read counts when it reads the same again.
        """
        told = self.desktop.ask("rows", name=name, most=most)
        for _turn in range(60):
            before, told = told, self.desktop.ask("rows", name=name, most=most)
            if told == before:
                break
        else:
            raise AssertionError(f"{name} does not stand still for long enough to be read")
        return [{head: _plain(cell) for head, cell in zip(told["headers"], row, strict=True)} for row in told["rows"]]

    def rows_if_shown(self, name: str) -> list[dict[str, str]]:
        """Those of a table that may not be there at all."""
        return self.rows(name) if self.has(name) else []

    def count(self, name: str) -> int:
        """How many rows the table has."""
        return int(self.desktop.ask("rows", name=name, most=0)["count"])

    def parts(self, name: str) -> list[Control]:
        """The items of a list, the tabs of a set of pages, or what an open combo box offers."""
        return [Control.of(told) for told in self.desktop.ask("parts", name=name)]

    def round_trips(self, name: str, seconds: float, pause: float = 0.01) -> list[float]:
        """Milliseconds that the program's GUI thread took to answer, one question after another."""
        return [float(took) for took in self.desktop.ask("round_trips", name=name, seconds=seconds, pause=pause)]

    # ---------------------------------------------------------------------------------------------------------- acting

    def click(self, name: str, *, at_end: bool = False) -> None:
        """With the mouse, as soon as it can be pressed; scrolls to it where need be. `at_end`: on a combo's arrow."""
        self.eventually(lambda: self.look(name).enabled, f"{name} cannot be pressed")
        control = self._scrolled_to(name)
        x, y = control.middle
        if at_end:
            x = control.bounds[0] + control.bounds[2] - 12
        self._click_at(name, x, y)

    def _click_at(self, what: str, x: int, y: int) -> None:
        width, height = self.desktop.size
        on_screen = 0 <= x < width and 0 <= y < height
        assert on_screen, f"{what} is off the screen, at {x}, {y}"
        self.desktop.click_at(x, y)

    def _click_on(self, control: Control) -> None:
        self._click_at(control.name, *control.middle)

    def click_item(self, name: str, item: str) -> None:
        """An item of a list, by what it is called."""
        self._click_on(self._at_rest(lambda: self._part(name, item), f"no {item!r} in {name}"))

    def _part(self, name: str, item: str) -> Control | None:
        return next((part for part in self.parts(name) if _plain(part.name) == item), None)

    def _at_rest(self, look: Callable[[], Control | None], what: str) -> Control:
        """A control that stands where it stood a moment ago: a list that is just being filtered moves its items."""
        seen: list[Control] = []

        def twice_in_one_place() -> Control | None:
            found = look()
            if found is not None:
                seen.append(found)
            return found if len(seen) > 1 and seen[-2].bounds == seen[-1].bounds else None

        return self.eventually(twice_in_one_place, what)

    def _scrolled_to(self, name: str) -> Control:
        for _turn in range(40):
            control = self._at_rest(lambda: self.look(name), f"{name} does not show")
            if control.is_in_view:
                return control
            left, top, width, height = control.seen
            below = control.middle[1] >= top + height
            over = (left + max(width, 1) // 2, top - 4 if below else top + height + 4)
            self.desktop.click_at(*over, _WHEEL_DOWN if below else _WHEEL_UP)
        raise AssertionError(f"{name} cannot be scrolled to")

    def write(self, name: str, text: str) -> None:
        """Replace what stands in a field, by keyboard. Clicks again where the form moved under the mouse: its last section
        grows when it has something to say.
        """
        self.click(name)
        with suppress(AssertionError):
            self.eventually(lambda: self.look(name).focused, "", within=4)
        if not self.look(name).focused:
            self.click(name)
        self.eventually(lambda: self.look(name).focused, f"{name} does not take the keyboard")
        self.desktop.keys("ctrl+a", "Delete")
        if text:
            self.desktop.type(text)

    def choose(self, combo: str, item: str) -> None:
        """Open a combo box and click one of its items."""
        self.click(combo, at_end=True)
        self._click_on(self._at_rest(lambda: self._part(combo, item), f"{combo} does not offer {item!r}"))
        self.eventually(lambda: self.words(combo) == item, f"{combo} does not say {item!r}")

    def open_tab(self, pages: str, title: str) -> None:
        """Click a tab by its title."""
        self.click_item(pages, title)
        self.eventually(lambda: self.opened_tab(pages) == title, f"{title} does not open")

    def opened_tab(self, pages: str) -> str:
        """The title of the tab in front."""
        return next(part.name for part in self.parts(pages) if part.selected)

    def click_cell(self, table: str, row: int, header: str) -> None:
        """Click into a table, where a control may stand."""
        column = self._headers(table).index(header)
        self._click_on(Control.of(self.desktop.ask("cell", name=table, row=row, column=column)))

    def _headers(self, table: str) -> list[str]:
        return [str(header) for header in self.desktop.ask("rows", name=table, most=0)["headers"]]

    def write_into_cell(self, table: str, row: int, header: str, text: str) -> None:
        """Replace what stands in the field in a table's cell."""
        self.click_cell(table, row, header)
        self.desktop.keys("ctrl+a", "Delete")
        self.desktop.type(text)

    def close(self) -> None:
        """As by the cross in the window's frame."""
        self.desktop.keys("alt+F4")

    def resize(self, width: int, height: int) -> None:
        """The main window's inside, in pixels."""
        self.desktop.run("xdotool", "windowsize", self._frame_id(), str(width), str(height))
        self.eventually(
            lambda: self.look("mainWindow").bounds[2:] == (width, height), f"it does not become {width} x {height}"
        )

    def minimize(self) -> None:
        """Make it an icon, as by the button in its frame."""
        self.desktop.run("xdotool", "windowminimize", self._frame_id())
        self.eventually(lambda: not self.is_mapped(), "the window does not become an icon")

    def is_mapped(self) -> bool:
        """Whether the main window is on the screen and not an icon."""
        search = ("xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid), "--name", " - Rebalancer$")
        return subprocess.run(search, env=self.desktop.environment, capture_output=True, check=False).stdout != b""

    def _frame_id(self) -> str:
        found = self.desktop.run("xdotool", "search", "--pid", str(self.process.pid), "--name", " - Rebalancer$")
        return found.splitlines()[-1]

    # ---------------------------------------------------------------------------------------------------------- ending

    def signal(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def end(self, within: float = PATIENCE_S) -> tuple[int, float]:
        """Wait for the program to end: its exit code and how long it took (seconds)."""
        begun = time.monotonic()
        code = self.process.wait(within)
        return code, time.monotonic() - begun

    def said(self) -> str:
        """What it printed."""
        return self.output.read_text(errors="replace") if self.output.exists() else ""

    def keep_picture(self, name: str) -> None:
        """A screenshot and the list of what shows, beside the program's output."""
        folder = self.output.parent / "screens"
        folder.mkdir(exist_ok=True)
        self.desktop.screenshot(folder / f"{self.output.stem}-{name}.png")
        (folder / f"{self.output.stem}-{name}.txt").write_text(self._what_shows())

    def _what_shows(self) -> str:
        return str(self.desktop.ask("tree"))


def _plain(text: str) -> str:
    """With plain spaces and a plain minus, as a person would type it."""
    return text.replace("\u00a0", " ").replace("\u2212", "-")
