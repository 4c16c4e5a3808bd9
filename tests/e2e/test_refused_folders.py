"""Damaged, newer and read-only data: the command names the file, ends with 1, and not one byte of it is changed."""

import os
import shutil
from pathlib import Path

import pytest

from tests.e2e.program import Program, run_to_end

pytestmark = pytest.mark.e2e
A_DAY_IS_OVER = r"^\d{4}-\d\d-\d\d Demo BTC ETH \(Running\)"


def ledger(folder: Path) -> Path:
    return folder / "accounts" / "paper" / "ledger.sqlite"


def venue_file(folder: Path) -> Path:
    return folder / "accounts" / "paper" / "paper-venue.sqlite"


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a history, stopped safely; only copies of it are damaged."""
    folder = tmp_path_factory.mktemp("healthy") / "data"
    with Program(folder, "--create-demo", "--demo-speed", 86_400) as program:
        program.wait_for(A_DAY_IS_OVER, 2)
        program.stop()
    return folder


@pytest.fixture
def folder(healthy: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(healthy, tmp_path / "data"))


def patched(file: Path, offset: int, content: bytes) -> None:
    with file.open("r+b") as stream:
        stream.seek(offset)
        stream.write(content)


def flipped(file: Path, offset: int, count: int) -> None:
    found = file.read_bytes()[offset : offset + count]
    patched(file, offset, bytes(byte ^ 0xFF for byte in found))


PAGE = 4096
DAMAGES = {
    "the magic of the header": lambda file: flipped(file, 0, 16),
    "the application id": lambda file: flipped(file, 68, 4),
    "the page size": lambda file: flipped(file, 16, 2),
    "the first page's tree": lambda file: flipped(file, 100, 8),
    "the second page": lambda file: flipped(file, PAGE, PAGE),
    "the head of a page in the middle": lambda file: flipped(file, file.stat().st_size // PAGE // 2 * PAGE, 12),
    "the head of the last page": lambda file: flipped(file, file.stat().st_size - PAGE, 12),
    "half of it is missing": lambda file: os.truncate(file, file.stat().st_size // 2 // PAGE * PAGE),
    "it is empty": lambda file: os.truncate(file, 0),
    "it is a text": lambda file: file.write_text("my notes", encoding="utf-8"),
}


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of the accounts, side files included."""
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted((folder / "accounts").rglob("*")) if f.is_file()}


def assert_refused_and_untouched(folder: Path, named: Path, *, bound_by_rights: bool = False) -> str:
    before = contents(folder)
    answer = run_to_end("run", "--create-demo", "--data-dir", folder, bound_by_rights=bound_by_rights)
    assert answer.returncode == 1, answer
    assert str(named) in answer.stderr
    assert "Traceback" not in answer.stderr
    assert contents(folder) == before
    return answer.stderr


@pytest.mark.parametrize("what", DAMAGES)
@pytest.mark.parametrize("file", [ledger, venue_file], ids=["ledger", "paper venue"])
@pytest.mark.failure(43)
def test_a_damaged_file_is_named_with_exit_code_1_and_not_one_byte_is_changed(folder: Path, file, what: str) -> None:
    DAMAGES[what](file(folder))

    assert_refused_and_untouched(folder, file(folder))


@pytest.mark.parametrize("file", [ledger, venue_file], ids=["ledger", "paper venue"])
@pytest.mark.failure(45)
def test_a_newer_file_is_named_with_exit_code_1_and_not_one_byte_is_changed(folder: Path, file) -> None:
    patched(file(folder), 60, (99).to_bytes(4, "big"))  # user_version in SQLite's header

    assert "newer" in assert_refused_and_untouched(folder, file(folder))


@pytest.mark.parametrize("file", [ledger, venue_file], ids=["ledger", "paper venue"])
@pytest.mark.failure(46)
def test_a_read_only_file_is_named_with_exit_code_1_and_not_one_byte_is_changed(folder: Path, file) -> None:
    file(folder).chmod(0o400)

    assert "read-only" in assert_refused_and_untouched(folder, file(folder), bound_by_rights=True)


@pytest.mark.failure(46)
def test_a_read_only_account_folder_is_named_with_exit_code_1(folder: Path) -> None:
    place = ledger(folder).parent
    place.chmod(0o500)
    try:
        assert_refused_and_untouched(folder, place, bound_by_rights=True)
    finally:
        place.chmod(0o700)


def test_a_data_folder_that_cannot_be_made_is_named_with_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)

    assert_refused_and_untouched_folder(tmp_path / "closed" / "data")


def test_a_file_in_the_place_of_the_data_folder_is_named_with_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("my notes", encoding="utf-8")

    assert_refused_and_untouched_folder(tmp_path / "data")
    assert (tmp_path / "data").read_text(encoding="utf-8") == "my notes"


def assert_refused_and_untouched_folder(folder: Path) -> None:
    answer = run_to_end("run", "--data-dir", folder, bound_by_rights=True)
    assert answer.returncode == 1
    assert str(folder) in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("file", [ledger, venue_file], ids=["ledger", "paper venue"])
def test_a_folder_in_the_place_of_a_file_is_named_with_exit_code_1(folder: Path, file) -> None:
    file(folder).unlink()
    file(folder).mkdir()

    assert_refused_and_untouched(folder, file(folder))
