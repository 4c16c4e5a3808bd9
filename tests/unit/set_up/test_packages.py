"""What packages are made of: the wheel's tree, the choice of files for the folder, the description of the Debian package."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest

import build
import make_deb
import make_folder
import make_wheel
import publisher
import steps
import wheel_check
from bundle import contents
from fresh_env import FreshEnv
from private_env import SetupProblem
from tests.e2e.checkout import make_wheel as make_tiny_wheel
from tried_out import Copy, NotGood, try_console

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    return make_wheel.make(Path(sys.executable), make_wheel.copy_tree(folder / "tree"), folder / "dist")


def test_the_wheel_holds_resources_licences_and_both_commands(wheel):
    wheel_check.look_inside(wheel)


def test_the_wheel_holds_every_resource_and_nothing_that_lies_about(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    resources = {
        str(file.relative_to(ROOT / "resources")) for file in (ROOT / "resources").rglob("*") if file.is_file()
    }

    assert resources <= {name.removeprefix("rebalancer_gui/_resources/") for name in names}
    assert [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".log"))] == []


def test_the_same_tree_makes_the_same_wheel_to_the_byte(wheel, tmp_path):
    again = make_wheel.make(Path(sys.executable), make_wheel.copy_tree(tmp_path / "tree"), tmp_path / "dist")

    assert again.read_bytes() == wheel.read_bytes()


def test_a_wheel_without_the_licences_is_refused(wheel, tmp_path):
    poor = tmp_path / wheel.name
    with zipfile.ZipFile(wheel) as full, zipfile.ZipFile(poor, "w") as copy:
        for name in full.namelist():
            if not name.endswith("third-party.txt"):
                copy.writestr(name, full.read(name))

    with pytest.raises(NotGood, match=r"the wheel lacks .*third-party\.txt"):
        wheel_check.look_inside(poor)


def test_a_copy_of_another_version_or_one_that_fails_is_not_good(tmp_path):
    old = Copy(["echo", "rebalancer 0.0.1"], [], tmp_path)
    with pytest.raises(NotGood, match=r"the version is 'rebalancer 0\.0\.1"):
        try_console(old, version="0.1.0", packaged_as="wheel", with_qt=False)

    broken = Copy(["sh", "-c", "echo it broke >&2; exit 1"], [], tmp_path)
    with pytest.raises(NotGood, match="ended with 1: it broke"):
        try_console(broken, version="0.1.0", packaged_as="wheel", with_qt=False)


def test_a_fresh_environment_has_what_was_installed_and_says_what_that_lacks(tmp_path):
    env = FreshEnv(tmp_path / "env", sys.executable)
    env.install_wheel(make_tiny_wheel(tmp_path / "good"))
    assert env.unmet() == ""
    steps.run([str(env.python), "-c", "import tiny_package"])

    poor = make_tiny_wheel(tmp_path / "poor", needs="not-to-be-had>=2")
    env.install_wheel(poor)
    assert "not-to-be-had" in env.unmet()


@pytest.mark.parametrize(
    ("name", "source", "belongs"),
    [
        ("libgtk-3.so.0", "/usr/lib/x86_64-linux-gnu/libgtk-3.so.0", False),
        ("libxcb.so.1", "/lib/x86_64-linux-gnu/libxcb.so.1", False),
        ("libssl.so.3", "/usr/lib/x86_64-linux-gnu/libssl.so.3", True),
        ("PySide6/Qt/lib/libQt6Core.so.6", "/env/lib/PySide6/Qt/lib/libQt6Core.so.6", True),
        ("PySide6/Qt/lib/libQt6Qml.so.6", "/env/lib/PySide6/Qt/lib/libQt6Qml.so.6", False),
        ("PySide6/Qt/translations/qtbase_de.qm", "", True),
        ("PySide6/Qt/translations/qtbase_fr.qm", "", False),
        ("PySide6\\Qt\\translations\\qtbase_fr.qm", "", False),
    ],
)
def test_of_the_system_only_what_python_needs_goes_into_the_folder(name, source, belongs):
    assert contents.wanted(name, source, own_places=("/env/",)) is belongs


def test_the_folder_is_never_made_from_the_checkout():
    with pytest.raises(LookupError, match="no installed wheel"):
        contents.installed_from()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"LD_LIBRARY_PATH": "/package"}, None),
        ({"LD_LIBRARY_PATH": "/package:/own", "LD_LIBRARY_PATH_ORIG": "/own"}, "/own"),
    ],
)
def test_what_a_package_starts_finds_the_libraries_of_the_system(before, after):
    hook = (ROOT / "packaging" / "bundle" / "surroundings.py").read_text(encoding="utf-8")
    show = "\nimport json; print(json.dumps([os.environ.get('LD_LIBRARY_PATH'), os.environ.get('SSL_CERT_FILE')]))"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LD_", "SSL_"))}
    ran = subprocess.run(
        [sys.executable, "-c", hook + show], env=kept | before, capture_output=True, text=True, check=True
    )
    assert json.loads(ran.stdout) == [after, None]


@pytest.mark.parametrize(
    ("file", "message"),
    [("_internal/libgtk-3.so.0", "must not be in the folder"), ("_internal/libqxcb.so", "are missing in the folder")],
)
def test_a_folder_with_gtk_or_without_the_licences_is_refused(tmp_path, file, message):
    (tmp_path / "_internal").mkdir()
    (tmp_path / file).touch()

    with pytest.raises(SetupProblem, match=message):
        make_folder.check_contents(tmp_path)


def test_where_there_are_no_certificates_those_of_certifi_are_used(tmp_path):
    hook = (ROOT / "packaging" / "bundle" / "surroundings.py").read_text(encoding="utf-8")
    nowhere = "import ssl\nssl.get_default_verify_paths = lambda: ssl.DefaultVerifyPaths(*([None] * 6))\n"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SSL_")}
    ran = subprocess.run(
        [sys.executable, "-c", f"{nowhere}{hook}\nprint(os.environ['SSL_CERT_FILE'])"],
        env=kept, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.strip().endswith("certifi/cacert.pem")


def test_the_sums_are_those_of_the_files(tmp_path):
    (tmp_path / "b.deb").write_bytes(b"two")
    (tmp_path / "a.whl").write_bytes(b"one")
    (tmp_path / "folder").mkdir()
    build._sums(tmp_path)
    build._sums(tmp_path)

    expected = [f"{hashlib.sha256(text).hexdigest()}  {name}" for text, name in ((b"one", "a.whl"), (b"two", "b.deb"))]
    assert (tmp_path / "SHA256SUMS").read_text(encoding="utf-8").splitlines() == expected


def test_a_step_that_fails_says_its_last_words(tmp_path):
    with pytest.raises(SetupProblem, match=r"ended with 3:\s+out of paper"):
        steps.run(["sh", "-c", "echo out of paper; exit 3"], log=tmp_path / "log")
    assert (tmp_path / "log").read_text(encoding="utf-8") == "out of paper\n"


def test_desktop_file_metainfo_and_window_name_the_same_program():
    desktop = (make_deb.LINUX / "rebalancer.desktop").read_text(encoding="utf-8")
    by = publisher.read()
    template = (make_deb.LINUX / "metainfo.xml").read_text(encoding="utf-8")
    metainfo = ET.fromstring(by.filled_in(template).encode())  # noqa: S314 (our own file)
    app = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "rebalancer_gui" / "ui").glob("*.py"))

    assert metainfo.findtext("launchable") == "rebalancer.desktop"
    assert f"{metainfo.findtext('id')}.metainfo.xml" == by.metainfo
    assert metainfo.findtext("developer_name") == by.developer
    assert 'setDesktopFileName("rebalancer")' in app
    assert re.search(r"^Exec=rebalancer-gui$", desktop, re.MULTILINE)
    assert {binary.text for binary in metainfo.iter("binary")} == {"rebalancer", "rebalancer-gui"}


def test_the_debian_package_of_a_small_tree_is_laid_out_as_the_desktop_and_debian_want_it(tmp_path):
    """Its programs are another's, everything around them is real; what it needs is asked in `build.py deb` only."""
    folder = tmp_path / "folder"
    (folder / make_folder.INSIDE).mkdir(parents=True)
    for program in ("rebalancer", "rebalancer-gui"):
        shutil.copy("/bin/true", folder / program)
    (folder / "LICENSE").write_text("text")
    root = tmp_path / "root"
    package = make_deb.put_together(Path(sys.executable), folder, root, tmp_path, lambda _root: "libc6")
    for command in make_deb.checks(package, root)[:2]:
        if shutil.which(command[0]) is not None:
            steps.run(command)

    listed = steps.run(["dpkg-deb", "--contents", str(package)])
    for place in (
        "./usr/bin/rebalancer-gui -> ../lib/rebalancer/rebalancer-gui",
        "./usr/share/applications/rebalancer.desktop",
        f"./usr/share/metainfo/{publisher.read().metainfo}",
        "./usr/share/icons/hicolor/512x512/apps/rebalancer.png",
        "./usr/share/icons/hicolor/scalable/apps/rebalancer.svg",
        "./usr/lib/systemd/user/rebalancer.service",
        "./usr/share/man/man1/rebalancer.1.gz",
        "./usr/share/doc/rebalancer/copyright",
    ):
        assert place in listed
    assert {line.split()[1] for line in listed.splitlines()} == {"root/root"}
    field = steps.run(["dpkg-deb", "--field", str(package)])
    assert f"Maintainer: {publisher.read().maintainer}\n" in field
    assert re.search(r"^Description: keep a basket", field, re.MULTILINE)
    assert "Homepage" not in field
    steps.run(["sh", "-c", "cd root && md5sum --check --quiet DEBIAN/md5sums"], cwd=tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"appstream_id": "Rebalancer"}, "a domain name backwards"),
        ({"maintainer": "somebody"}, "Ann Example"),
        ({"homepage": "http://example.org"}, "https"),
        ({"developer": " "}, "developer is empty"),
        ({"phone": "1"}, "names appstream_id"),
    ],
)
def test_a_publisher_that_the_packages_cannot_name_is_refused(tmp_path, change, said):
    own = {"appstream_id": "org.example.rebalancer", "maintainer": "Ann Example <ann@example.org>", "developer": "Ann"}
    lines = [f'{name} = "{text}"' for name, text in ({"homepage": ""} | own | change).items()]
    (tmp_path / "publisher.toml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SetupProblem, match=said):
        publisher.read(tmp_path / "publisher.toml")


def test_who_publishes_it_is_named_in_the_metainfo_and_is_no_placeholder_then(tmp_path):
    (tmp_path / "publisher.toml").write_text(
        'appstream_id = "org.example.rebalancer"\nmaintainer = "Ann Example <ann@example.org>"\n'
        'developer = "Ann & Co"\nhomepage = "https://example.org/r?a=1&b=2"\n',
        encoding="utf-8",
    )
    by = publisher.read(tmp_path / "publisher.toml")
    assert not by.is_placeholder
    assert publisher.read().is_placeholder
    metainfo = ET.fromstring(by.filled_in((make_deb.LINUX / "metainfo.xml").read_text("utf-8")).encode())  # noqa: S314
    assert metainfo.findtext("id") == "org.example.rebalancer"
    assert metainfo.findtext("developer_name") == "Ann & Co"
    assert metainfo.findtext("url[@type='homepage']") == "https://example.org/r?a=1&b=2"


def test_the_man_page_has_room_for_every_command_and_the_program_names_them():
    listed = make_deb._commands(Path(sys.executable))

    assert ".B doctor\n" in listed
    assert ".B run\nrun the engine until Ctrl+C" in listed
    assert "@COMMANDS@" in (make_deb.LINUX / "rebalancer.1").read_text(encoding="utf-8")
