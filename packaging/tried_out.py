"""An installed copy of the program is tried out from outside, as a person would: by its commands, in an empty folder.

What is asked is the same for each kind of package, so that a wheel, the folder and the Debian package answer alike.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_S = 90.0
UNTIL = "2021-02-19"
"""The demo begins on 16 February 2021 (resources/demo/first_start.toml): three days of market, a day a second."""

NOTHING_TYPED = "\n\n\n"
"""On standard input: an account without a key is one of paper."""
OFFSCREEN_CANNOT = "This plugin does not support"
"""Qt's invisible screen says this of some things that windows ask for."""


class NotGood(Exception):  # noqa: N818 (what the person reads)
    """The copy does not do what it should; the text says what."""


@dataclass(frozen=True, slots=True)
class Copy:
    """`console` and `window` are what is started, words before them included (such as `chroot FOLDER`). `work` is an empty
    folder for everything it writes; `environment` is added to this process's own. `seen_as`: the path of `work` for the
    program, where that is another one.
    """

    console: Sequence[str]
    window: Sequence[str]
    work: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    seen_as: Path | None = None

    @property
    def home(self) -> Path:
        """The folder `work` as the program sees it."""
        return self.seen_as or self.work

    def surroundings(self) -> dict[str, str]:
        # Without compiled modules kept, each start compiles the whole program anew.
        foreign = (
            "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "DISPLAY", "WAYLAND_DISPLAY", "PYTHONDONTWRITEBYTECODE",
        )  # fmt: skip
        kept = {name: value for name, value in os.environ.items() if name not in foreign}
        return kept | {"HOME": str(self.home)} | dict(self.environment)

    def say(self, *words: str) -> str:
        """What a command of the console prints. Raises NotGood with its errors when it fails."""
        done = subprocess.run(
            [*self.console, *words],
            cwd=self.work, env=self.surroundings(), input=NOTHING_TYPED, capture_output=True, text=True, check=False,
            timeout=PATIENCE_S,
        )  # fmt: skip
        if done.returncode != 0:
            raise NotGood(f"`rebalancer {' '.join(words)}` ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout


def try_console(copy: Copy, *, version: str, packaged_as: str, with_qt: bool) -> None:
    """Version, doctor, licences, and three days of the demo market. Raises NotGood."""
    said = copy.say("--version").strip()
    if said != f"rebalancer {version}":
        raise NotGood(f"the version is {said!r}, not {version!r}")
    data = str(copy.home / "data")
    found = json.loads(copy.say("doctor", "--json", "--data-dir", data))
    program = found["program"]
    _want(program["packaged_as"] == packaged_as, f"the doctor says it is packaged as {program['packaged_as']!r}")
    _want(program["resources"] == "all there" and not found["problems"], f"the doctor finds problems: {found}")
    _want(
        (found["versions"]["PySide6-Essentials"] is not None) == with_qt, "Qt is there, or not there, against the plan"
    )
    if os.name == "posix" and with_qt:
        _want(program["qt_libraries_missing"] == [], f"Qt lacks libraries: {program['qt_libraries_missing']}")
    _want(bool(found["keyring_backends"]), "no keyring of this system has its code in the package")
    terms = copy.say("licences", "--full")
    _want("GNU Lesser" in terms and "Apache License" in terms, "the texts of the licences are not there")
    told = copy.say("run", "--data-dir", data, "--create-demo", "--demo-speed", "86400", "--until", UNTIL)
    _want("first build" in told and "Stopped." in told, f"the demo did not build its portfolio: {told}")
    stored = json.loads(copy.say("strategy", "list", "--json", "--data-dir", data))
    _want([row["name"] for row in stored] == ["Demo BTC ETH"], f"the strategy is not stored: {stored}")


def try_exchanges(copy: Copy, venues: Sequence[str] = ("kraken", "bitget")) -> None:
    """An exchange that trades and one that is only shown, by an address of this machine where nobody listens: what deals with
    them came along when each says that it cannot be reached. Raises NotGood.
    """
    data = str(copy.home / "exchanges")
    for venue in venues:
        named = ("--data-dir", data, "--json")
        copy.say("account", "add", "--name", venue, "--venue", venue, "--api-url", "http://127.0.0.1:9", *named)
        try:
            answered = copy.say("account", "show", "--account", venue, *named)
        except NotGood as problem:
            answered = str(problem)
        _want("cannot be reached" in answered, f"{venue} is not dealt with: {answered}")


def try_window(copy: Copy, *, environment: Mapping[str, str]) -> float:
    """Open the window on an empty data folder, wait until its engine has an account, end it by SIGTERM. Gives the seconds
    until then. Raises NotGood when it does not open, does not end well, or logs warnings.
    """
    data = copy.work / "window-data"
    ledger = data / "accounts" / "paper" / "ledger.sqlite"
    begun = time.monotonic()
    program = subprocess.Popen(
        [*copy.window, "--data-dir", str(copy.home / data.name)],
        cwd=copy.work, env=copy.surroundings() | dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        while not ledger.exists() and program.poll() is None and time.monotonic() < begun + PATIENCE_S:
            time.sleep(0.02)
        took = time.monotonic() - begun
        there = ledger.exists()
        program.send_signal(signal.SIGTERM)
        output, _ = program.communicate(timeout=PATIENCE_S)
    finally:
        if program.poll() is None:
            program.kill()
            program.wait()
    _want(there, f"the window's engine never opened its account: {output}")
    _want(program.returncode == 0, f"the window ended with {program.returncode}: {output}")
    logged = "".join(file.read_text(encoding="utf-8", errors="replace") for file in (data / "logs").glob("*"))
    lines = [line for line in logged.splitlines() if OFFSCREEN_CANNOT not in line]
    bad = [line for line in lines if any(word in line for word in (" WARNING ", " ERROR ", " CRITICAL "))]
    _want(not bad and "Traceback" not in output, f"the window complained: {bad} {output}")
    return took


def _want(holds: bool, otherwise: str) -> None:  # noqa: FBT001 (a condition, as in `assert`)
    if not holds:
        raise NotGood(otherwise)
