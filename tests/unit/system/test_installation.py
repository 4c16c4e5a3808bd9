"""What the program says of how it came here, and what it misses of itself."""

import sys
from pathlib import Path

import pytest

from rebalancer_gui.adapters import installation as here
from rebalancer_gui.resources_path import resource_dir


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed copy of the package, empty but for its resources."""
    folder = tmp_path / "rebalancer_gui"
    (folder / "adapters").mkdir(parents=True)
    (folder / "_resources").mkdir()
    monkeypatch.setattr(here, "__file__", str(folder / "adapters" / "installation.py"))
    return folder


def test_a_checkout_says_that_it_is_not_packaged():
    found = here.installation()

    assert (found.kind, found.words) == (here.CHECKOUT, "not packaged: a checkout")
    assert found.version is not None
    assert found.version.endswith("(checkout)")


def test_resources_inside_the_package_make_it_a_wheel(package: Path):
    assert here.installation().kind == here.WHEEL
    assert here.installation().place == package


@pytest.mark.parametrize(("mark", "kind"), [(None, here.FOLDER), ("deb\n", here.DEB), ("nonsense", here.FOLDER)])
def test_with_its_own_python_the_mark_says_which_package_it_is(package: Path, monkeypatch, mark, kind):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    if mark is not None:
        (package / "_resources" / here.MARK).write_text(mark, encoding="utf-8")

    assert here.installation().kind == kind
    assert here.installation().place == Path(sys.executable).resolve().parent


def test_a_checkout_has_all_its_resources():
    assert here.missing_resources() == []


def test_a_resource_that_did_not_come_along_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for part in ("demo", "fonts", "icons", "languages", "licences", "markets"):
        (tmp_path / part).symlink_to(resource_dir() / part)
    monkeypatch.setattr(here, "resource_dir", lambda: tmp_path)

    assert here.missing_resources() == ["presets/main-coins.toml"]


def test_on_linux_the_secret_service_has_its_code_here():
    found = here.keyring_backends()

    assert "keyring.backends.SecretService.Keyring" in found
    assert not any(name.startswith(("keyring.backends.macOS", "keyring.backends.Windows")) for name in found)


def test_a_keyring_whose_library_is_missing_is_not_counted(monkeypatch: pytest.MonkeyPatch):
    def find(name: str) -> object | None:
        return None if name == "secretstorage" else object()

    monkeypatch.setattr("importlib.util.find_spec", find)
    assert "keyring.backends.SecretService.Keyring" not in here.keyring_backends()


def test_what_qt_lacks_is_what_the_loader_does_not_find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    loader = tmp_path / "ldd"
    loader.write_text("#!/bin/sh\nprintf '\\tlibc.so.6 => /lib/libc.so.6 (0x0)\\n\\tlibEGL.so.1 => not found\\n'\n")
    loader.chmod(0o700)
    monkeypatch.setattr("shutil.which", lambda _name: str(loader))
    assert here.missing_qt_libraries() == ["libEGL.so.1"]

    monkeypatch.setattr("shutil.which", lambda _name: None)
    assert here.missing_qt_libraries() is None


def test_the_qt_of_this_environment_lacks_nothing():
    assert here.missing_qt_libraries() == []


def test_there_are_certificates_to_check_connections_against():
    assert Path(here.certificate_authorities()).exists()
