"""What is missing from the operating system is found by asking the loader, and is installed or named exactly."""

import stat
import sysconfig
from pathlib import Path

import pytest

import private_env
import system_parts
import test_parts
from private_env import SetupProblem
from system_parts import Host

PERSON_ON_DEBIAN = Host("linux", is_root=False, has_apt=True)
ROOT_ON_DEBIAN = Host("linux", is_root=True, has_apt=True)
ON_ANOTHER_LINUX = Host("linux", is_root=True, has_apt=False)
XCB = ["libqxcb.so"]


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """A folder that is the whole PATH, with a loader that misses what the file `missing` lists, and an apt-get that
    writes down its arguments and, unless the file `apt-fails` is there, mends that.
    """
    folder = tmp_path / "bin"
    folder.mkdir()
    scripts = {
        "ldd": f"""#!/bin/sh
            echo "	libc.so.6 => /lib/libc.so.6 (0x0)"
            echo "	libQt6Core.so.6 => not found"
            while read name; do echo "	$name => not found"; done < {folder}/missing""",
        "apt-get": f"""#!/bin/sh
            echo "$@" >> {folder}/apt-log
            [ -e {folder}/apt-fails ] && exit 100
            case "$*" in *install*) : > {folder}/missing;; esac
            exit 0""",
    }
    for name, text in scripts.items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(stat.S_IRWXU)
    (folder / "missing").touch()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def installed_qt(tmp_path):
    """Where Qt would lie; the loader of `tools` answers whatever it is asked about."""
    modules = tmp_path / "site-packages" / "PySide6"
    modules.mkdir(parents=True)
    (modules / "QtGui.abi3.so").touch()
    return modules.parent


def test_nothing_missing_is_nothing_said(tools, installed_qt, capfd):
    system_parts.require_qt_libraries(PERSON_ON_DEBIAN, installed_qt, XCB)

    assert capfd.readouterr().out == ""


def test_without_root_the_exact_command_is_said_and_the_way_without_a_window(tools, installed_qt):
    (tools / "missing").write_text("libxcb-shape.so.0\nlibEGL.so.1\nlibgthread-2.0.so.0\n", encoding="utf-8")

    with pytest.raises(SetupProblem) as refused:
        system_parts.require_qt_libraries(PERSON_ON_DEBIAN, installed_qt, XCB)

    assert "libEGL.so.1 libgthread-2.0.so.0 libxcb-shape.so.0" in str(refused.value)
    command = "sudo apt-get update && sudo apt-get install --no-install-recommends libegl1 libglib2.0-0 libxcb-shape0"
    assert f"\n    {command}\n" in str(refused.value)
    assert "run --headless" in str(refused.value)
    assert not (tools / "apt-log").exists()


def test_root_on_debian_gets_the_packages_installed_and_sees_what_is_done(tools, installed_qt, capfd):
    (tools / "missing").write_text("libxcb-cursor.so.0\n", encoding="utf-8")

    system_parts.require_qt_libraries(ROOT_ON_DEBIAN, installed_qt, XCB)

    update, install = (tools / "apt-log").read_text(encoding="utf-8").splitlines()
    assert update.endswith("update -q")
    assert install.endswith("install -y -q --no-install-recommends libxcb-cursor0")
    said = capfd.readouterr().out
    assert "libxcb-cursor.so.0" in said
    assert f"$ apt-get {install}" in said


def test_a_failing_apt_is_reported_with_its_command(tools, installed_qt):
    (tools / "missing").write_text("libxcb-cursor.so.0\n", encoding="utf-8")
    (tools / "apt-fails").touch()

    with pytest.raises(SetupProblem, match=r"`apt-get .* update -q` failed with exit code 100"):
        system_parts.require_qt_libraries(ROOT_ON_DEBIAN, installed_qt, XCB)


def test_a_library_that_no_table_knows_is_named_as_it_is(tools, installed_qt):
    (tools / "missing").write_text("libunheard.so.7\n", encoding="utf-8")

    with pytest.raises(SetupProblem, match=r"libunheard\.so\.7"):
        system_parts.require_qt_libraries(ROOT_ON_DEBIAN, installed_qt, XCB)
    assert not (tools / "apt-log").exists()


def test_a_library_that_came_along_with_the_known_ones_is_no_problem(tools, installed_qt):
    (tools / "missing").write_text("libunheard.so.7\nlibEGL.so.1\n", encoding="utf-8")

    system_parts.require_qt_libraries(ROOT_ON_DEBIAN, installed_qt, XCB)

    assert (tools / "apt-log").read_text(encoding="utf-8").rstrip().endswith("--no-install-recommends libegl1")


def test_on_another_linux_the_libraries_are_named_for_its_own_package_manager(tools, installed_qt):
    (tools / "missing").write_text("libxcb-cursor.so.0\n", encoding="utf-8")

    with pytest.raises(SetupProblem, match=r"libxcb-cursor\.so\.0(.|\n)*Install the packages of your system"):
        system_parts.require_qt_libraries(ON_ANOTHER_LINUX, installed_qt, XCB)


def test_elsewhere_than_on_linux_qt_brings_all_it_needs(tools, installed_qt):
    (tools / "missing").write_text("libxcb-cursor.so.0\n", encoding="utf-8")

    system_parts.require_qt_libraries(Host("darwin", is_root=False, has_apt=False), installed_qt, XCB)


def test_the_qt_of_this_environment_has_all_its_libraries():
    site_packages = Path(sysconfig.get_paths()["purelib"])

    assert (site_packages / "PySide6" / "Qt" / "plugins" / "platforms" / "libqxcb.so").exists()
    assert system_parts.missing_libraries(site_packages, XCB) == []


def test_a_python_without_ensurepip_is_told_the_package_that_has_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ensurepip" else object())
    monkeypatch.setattr(system_parts.Host, "this", lambda: PERSON_ON_DEBIAN)

    with pytest.raises(SetupProblem, match=r"sudo apt-get install --no-install-recommends python3\.\d+-venv"):
        private_env._require_venv_module()


def test_window_tests_name_the_packages_they_lack():
    here = {"Xvfb": "/usr/bin/Xvfb", "xauth": "/usr/bin/xauth", "openbox": "/usr/bin/openbox"}

    assert test_parts.missing_packages(here.get, at_spi=True) == [
        "dbus", "gnome-keyring", "x11-utils", "xdotool",
    ]  # fmt: skip
    assert {"gir1.2-atspi-2.0", "python3-gi"} <= set(test_parts.missing_packages(here.get, at_spi=False))
