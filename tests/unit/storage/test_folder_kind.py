"""Folders on network drives and in clouds: a warning for play money, refused where money is real."""

from pathlib import Path, PurePath

import pytest

from rebalancer_gui.adapters.storage import folder_kind
from rebalancer_gui.adapters.storage.folder_kind import Mount, folder_fault, parse_bsd_mounts, parse_mounts
from rebalancer_gui.domain.errors import EnvironmentProblem

pytestmark = pytest.mark.failure(46)
TABLE = """\
/dev/sda2 / ext4 rw,relatime 0 0
tmpfs /run tmpfs rw 0 0
nas:/export /mnt/my\\040nas nfs4 rw,vers=4.2 0 0
/dev/sdb1 /mnt/my\\040nas/local ext4 rw 0 0
//server/share /mnt/smb cifs rw 0 0
me@host:/ /mnt/me/remote fuse.sshfs rw,user_id=1000 0 0
broken line
"""
LOCAL = (Mount(PurePath("/"), "ext4"),)


@pytest.mark.parametrize(
    ("path", "kind"),
    (
        ("/mnt/my nas/rebalancer", "nfs4"),
        ("/mnt/smb", "cifs"),
        ("/mnt/me/remote/a/b/c", "sshfs"),
    ),
)
def test_a_network_drive_is_named_and_refused_for_real_money(path: str, kind: str) -> None:
    table = parse_mounts(TABLE)
    said = folder_fault(Path(path), live=False, mounts=table)
    assert f"{path} is on a network drive ({kind})" in said
    assert "--data-dir" in said
    with pytest.raises(EnvironmentProblem, match="at an exchange is not opened there") as caught:
        folder_fault(Path(path), live=True, mounts=table)
    assert "--data-dir" in caught.value.advice


@pytest.mark.parametrize("path", ("/mnt/me/data", "/mnt/my nas/local/data", "/mnt/smb2", "/run/x"))
def test_a_disk_of_this_machine_is_fine_also_below_and_beside_a_network_drive(path: str) -> None:
    assert folder_fault(Path(path), live=True, mounts=parse_mounts(TABLE)) == ""


def test_of_two_mounts_on_one_place_the_later_counts() -> None:
    table = (*LOCAL, Mount(PurePath("/data"), "nfs"), Mount(PurePath("/data"), "xfs"))
    assert folder_fault(Path("/data/x"), live=True, mounts=table) == ""


def test_the_words_of_a_mac_are_understood() -> None:
    told = (
        "/dev/disk3s1 on / (apfs, sealed, local)\n//me@nas/share on /Volumes/My share (smbfs, nodev, mounted by me)\n"
    )
    table = parse_bsd_mounts(told)
    assert table == (Mount(PurePath("/"), "apfs"), Mount(PurePath("/Volumes/My share"), "smbfs"))
    assert "smbfs" in folder_fault(Path("/Volumes/My share/data"), live=False, mounts=table)


@pytest.mark.parametrize(
    ("part", "service"),
    (
        ("Dropbox", "Dropbox"),
        ("Dropbox (Work)", "Dropbox"),
        ("OneDrive", "OneDrive"),
        ("OneDrive - Example Ltd", "OneDrive"),
        ("Google Drive", "Google Drive"),
        ("GoogleDrive-me@example.org", "Google Drive"),
        ("Mobile Documents", "iCloud"),
        ("iCloudDrive", "iCloud"),
        ("Nextcloud", "Nextcloud"),
    ),
)
def test_a_folder_with_the_name_of_a_cloud_service_is_named(tmp_path: Path, part: str, service: str) -> None:
    data = tmp_path / part / "rebalancer"
    assert f"in a folder that {service} copies" in folder_fault(data, live=False, mounts=LOCAL)
    with pytest.raises(EnvironmentProblem):
        folder_fault(data, live=True, mounts=LOCAL)


@pytest.mark.parametrize("marker", (".stfolder", ".dropbox.cache"))
def test_a_folder_that_is_marked_as_copied_is_seen_from_far_below(tmp_path: Path, marker: str) -> None:
    (tmp_path / marker).mkdir()
    assert "copies" in folder_fault(tmp_path / "a" / "b" / "data", live=False, mounts=LOCAL)


def test_a_link_into_a_cloud_folder_is_seen(tmp_path: Path) -> None:
    (tmp_path / "Dropbox" / "data").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "Dropbox" / "data")
    assert "Dropbox" in folder_fault(tmp_path / "link", live=False, mounts=LOCAL)


@pytest.mark.parametrize("name", ("dropboxes", "my onedrive notes", "drive", ".dropbox"))
def test_a_folder_that_only_sounds_like_it_is_fine(tmp_path: Path, name: str) -> None:
    (tmp_path / ".dropbox").mkdir()  # the client's own settings stand so in the home folder
    assert folder_fault(tmp_path / name / "data", live=True, mounts=LOCAL) == ""


def test_this_machine_can_be_asked_and_an_unreadable_table_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert any(mount.point == PurePath("/") for mount in folder_kind.read_mounts())
    monkeypatch.setattr(folder_kind, "MOUNTS", tmp_path / "none")
    assert folder_kind.read_mounts() == ()
