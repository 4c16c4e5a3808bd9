"""Is this a folder that a ledger can live in? Network drives lie about what is on the disk, and programs that copy folders to
a cloud copy a ledger in the middle of a transaction, or put an old one back.

For a paper account that is worth a warning; an account with real money is refused.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from rebalancer_gui.domain.errors import EnvironmentProblem

MOUNTS = Path("/proc/self/mounts")
_NETWORK = frozenset(
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb",
        "smb2",
        "smb3",
        "smbfs",
        "ncpfs",
        "afs",
        "afpfs",
        "ceph",
        "glusterfs",
        "lustre",
        "beegfs",
        "ocfs2",
        "gfs2",
        "davfs",
        "webdav",
        "9p",
        "virtiofs",
        "fuse.sshfs",
        "fuse.rclone",
        "fuse.davfs",
        "fuse.davfs2",
        "fuse.s3fs",
        "fuse.gcsfuse",
        "fuse.glusterfs",
        "fuse.cephfs",
        "fuse.smbnetfs",
        "fuse.curlftpfs",
        "fuse.google-drive-ocamlfuse",
        "fuse.onedriver",
        "fuse.gvfsd-fuse",
        "macfuse",
        "osxfuse",
    ]
)
"""Kinds of file systems, as the table of mounts names them, that are somewhere else."""
_CLOUD_FOLDERS = (
    (re.compile(r"dropbox( \(.*\))?"), "Dropbox"),
    (re.compile(r"onedrive( - .*)?"), "OneDrive"),
    (re.compile(r"google ?drive|googledrive-.*|my drive"), "Google Drive"),
    (re.compile(r"icloud ?drive|com~apple~clouddocs|mobile documents"), "iCloud"),
    (re.compile(r"nextcloud|owncloud"), "Nextcloud"),
    (re.compile(r"pcloud ?drive"), "pCloud"),
    (re.compile(r"megasync( downloads)?"), "MEGA"),
    (re.compile(r"yandex\.disk"), "Yandex Disk"),
    (re.compile(r"box sync"), "Box"),
)
"""Names (in small letters) that the programs of these services give their folders."""
_MARKERS = (
    (".stfolder", "Syncthing"),
    (".stversions", "Syncthing"),
    (".dropbox.cache", "Dropbox"),
    (".owncloudsync.log", "ownCloud"),
    (".nextcloudsync.log", "Nextcloud"),
    (".sync_journal.db", "Nextcloud"),
    (".tmp.drivedownload", "Google Drive"),
    (".tmp.driveupload", "Google Drive"),
    (".sync/ID", "Resilio Sync"),
    (".849C9593-D756-4E56-8D6E-42412F2A707B", "OneDrive"),
)
"""Files and folders that they leave at the top of what they copy (not ``.dropbox``: that stands in the home folder too)."""
_ESCAPE = re.compile(r"\\([0-7]{3})")
_ADVICE = "Choose a folder on a disk of this machine (--data-dir), outside of what is copied to a cloud."


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of the table of mounts: where it is, and what kind of file system it is."""

    point: PurePath
    kind: str


def folder_fault(path: Path, *, live: bool, mounts: Sequence[Mount] | None = None) -> str:
    """A warning about the data folder ``path`` (which may not exist yet) in one sentence; "" when nothing speaks against
    it. ``live``: real money is at stake, so the same is an EnvironmentProblem. ``mounts``: this machine's, by default.
    """
    place = path.expanduser().absolute()
    real = Path(os.path.realpath(place))
    table = read_mounts() if mounts is None else mounts
    what = _network(real, table) or _cloud(place) or _cloud(real)
    if not what:
        return ""
    message = f"The data folder {path} is {what}, where a ledger can be lost or put back to an older state."
    if live:
        raise EnvironmentProblem(f"{message} An account at an exchange is not opened there.", _ADVICE)
    return f"{message} {_ADVICE}"


def read_mounts() -> tuple[Mount, ...]:
    """What is mounted on this machine; nothing where that cannot be found out."""
    try:
        if sys.platform == "darwin":
            told = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False, timeout=5).stdout
            return parse_bsd_mounts(told)
        return parse_mounts(MOUNTS.read_text("utf-8", errors="replace"))
    except (OSError, subprocess.SubprocessError):
        return ()


def parse_mounts(text: str) -> tuple[Mount, ...]:
    """The table of Linux: ``device point kind options ...``, blanks in names as octal numbers."""
    fields = (line.split(" ") for line in text.splitlines())
    return tuple(Mount(PurePath(_plain(f[1])), f[2].lower()) for f in fields if len(f) >= 3)


def parse_bsd_mounts(text: str) -> tuple[Mount, ...]:
    """What ``mount`` prints on macOS: ``device on /point (kind, options ...)``."""
    found = (re.fullmatch(r".* on (/.*) \(([^,)]+)[^()]*\)", line) for line in text.splitlines())
    return tuple(Mount(PurePath(match[1]), match[2].lower()) for match in found if match is not None)


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8)), text)


def _network(path: Path, mounts: Iterable[Mount]) -> str:
    if sys.platform == "win32" and str(path).startswith("\\\\"):
        return "on a network drive"
    # The longest way down is the one that counts, and of two on the same place the later one.
    above = [mount for mount in mounts if path.is_relative_to(mount.point)]
    if not above:
        return ""
    deepest = max(len(mount.point.parts) for mount in above)
    kind = [mount.kind for mount in above if len(mount.point.parts) == deepest][-1]
    return f"on a network drive ({kind.removeprefix('fuse.')})" if kind in _NETWORK else ""


def _cloud(path: Path) -> str:
    for part in path.parts:
        for pattern, service in _CLOUD_FOLDERS:
            if pattern.fullmatch(part.lower()):
                return f"in a folder that {service} copies"
    if "CloudStorage" in path.parts and "Library" in path.parts:
        return "in a folder that a cloud service copies"
    for folder in (path, *path.parents):
        for marker, service in _MARKERS:
            if folder != Path(folder.anchor) and os.path.lexists(folder / marker):
                return f"in a folder that {service} copies"
    return ""
