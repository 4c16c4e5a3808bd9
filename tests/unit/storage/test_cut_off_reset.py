"""A reset that is cut off, wherever that is: the account is never without its record, and the next start settles it."""

from __future__ import annotations

import errno
import itertools
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage import data_folder, reset_intent, safe_files
from rebalancer_gui.adapters.storage.account_files import JsonAccountFiles
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.paper_reset import begin_anew
from rebalancer_gui.application.accounts import AccountRecord
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.domain.rails import AccountKind
from tests.builders import d

AT = datetime(2024, 2, 29, 23, 5, 9, tzinfo=UTC)
RECORD = AccountRecord("Live", AccountKind.PAPER, VenueSpec("binance"), quote="USDT", start_money=d(2500))
FILES = {"ledger.sqlite": b"the ledger", "paper-venue.sqlite": b"the venue"}


class PowerCut(BaseException):
    """Nothing of the program runs any more: no handler of its own may meet it."""


class Steps:
    """Every call that changes the disk is a step; the ``last`` one is cut off before or after it is done."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.patch, self.count, self.last, self.after = patch, 0, -1, False
        for module in (reset_intent, data_folder, safe_files):
            for name in ("sync_folder", "replace_file"):
                if hasattr(module, name):
                    self._watch(module, name)
        for owner, name in ((Path, "rename"), (Path, "mkdir"), (Path, "replace"), (shutil, "rmtree")):
            self._watch(owner, name)

    def _watch(self, owner: object, name: str) -> None:
        real: Callable[..., object] = getattr(owner, name)

        def step(*arguments: object, **named: object) -> object:
            number, self.count = self.count, self.count + 1
            if number == self.last and not self.after:
                raise PowerCut
            done = real(*arguments, **named)
            if number == self.last:
                raise PowerCut
            return done

        self.patch.setattr(owner, name, step)

    def cut(self, number: int, *, after: bool) -> None:
        self.count, self.last, self.after = 0, number, after


def fill(folder: DataFolder) -> Path:
    JsonAccountFiles(folder).write(RECORD)
    place = folder.account_folder("Live")
    for name, content in FILES.items():
        (place / name).write_bytes(content)
    return place


def state_of(place: Path) -> str:
    """``old`` or ``new``; anything else fails the test."""
    found = {file.name: file.read_bytes() for file in place.iterdir() if file.name != "account.json"}
    assert found in ({}, FILES), found
    return "old" if found else "new"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_cut_off_at_any_step_the_next_start_has_the_account_with_its_record_old_or_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    steps, seen = Steps(monkeypatch), list[str]()
    for number in itertools.count():
        home = tmp_path / f"{number}"
        with DataFolder(home) as folder:
            place = fill(folder)
            steps.cut(number, after=after)
            try:
                begin_anew(folder, "Live", AT)
            except PowerCut:
                cut = True
            else:
                cut = False
            steps.cut(-1, after=False)
        with DataFolder(home) as folder:
            assert JsonAccountFiles(folder).read("Live") == RECORD
            assert folder.account_names() == ("Live",)
            assert [p.name for p in place.parent.iterdir()] == ["Live"], "nothing is left of the intent"
            state = state_of(place)
            kept = [p.name for p in folder.backups.iterdir()]
            assert kept == ([] if state == "old" else ["Live-reset-20240229-230509"])
            if state == "new":
                assert {n: (folder.backups / kept[0] / n).read_bytes() for n in FILES} == FILES
        seen.append(state)
        if not cut:
            break
    assert len(seen) > 8, "there are so many steps at least"
    assert seen == sorted(seen, reverse=True), "from some step on it is the new one"
    assert {"old", "new"} == set(seen[:-1])


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", [3, 6, 8])
def test_cut_off_again_while_it_is_settled_the_start_after_that_settles_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, after: bool
) -> None:
    steps = Steps(monkeypatch)
    for number in itertools.count():
        home = tmp_path / f"{number}"
        with DataFolder(home) as folder:
            place = fill(folder)
            steps.cut(at, after=False)
            with pytest.raises(PowerCut):
                begin_anew(folder, "Live", AT)
            steps.cut(-1, after=False)
        steps.cut(number, after=after)
        cut = False
        try:
            with DataFolder(home):
                pass
        except PowerCut:
            cut = True
        steps.cut(-1, after=False)
        with DataFolder(home) as folder:
            assert JsonAccountFiles(folder).read("Live") == RECORD
            assert [p.name for p in place.parent.iterdir()] == ["Live"]
            state_of(place)
        if not cut:
            break


def test_where_the_new_files_cannot_be_put_in_place_the_old_account_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(intent: Path) -> Path:
        raise OSError(errno.ENOSPC, "", str(intent))

    with DataFolder(tmp_path) as folder:
        place = fill(folder)
        with monkeypatch.context() as patched:
            patched.setattr(reset_intent, "carry_out", full)
            with pytest.raises(EnvironmentProblem, match="Live was not reset: No space left") as problem:
                begin_anew(folder, "Live", AT)
        assert "as it was before" in problem.value.advice
        assert state_of(place) == "old"
        assert [p.name for p in place.parent.iterdir()] == ["Live"]
        assert list(folder.backups.iterdir()) == []


def test_a_reset_that_goes_through_keeps_the_record_to_the_last_byte(tmp_path: Path) -> None:
    with DataFolder(tmp_path) as folder:
        place = fill(folder)
        before = (place / "account.json").read_bytes()
        kept = begin_anew(folder, "Live", AT)
        assert {p.name: p.read_bytes() for p in place.iterdir()} == {"account.json": before}
        assert {p.name for p in kept.iterdir()} == {*FILES, "account.json"}
