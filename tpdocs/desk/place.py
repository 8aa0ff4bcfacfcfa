"""Where a folder lies: on a disk of this machine or on a network share."""

from pathlib import Path

import psutil

_SHARES = frozenset(
    ("cifs", "smb", "smb2", "smb3", "smbfs", "nfs", "nfs3", "nfs4", "afpfs", "webdav", "davfs", "ncpfs", "9p", "afs", "ceph", "lustre")
)  # fmt: skip
_BY_PROGRAM = (
    "fuse.sshfs",
    "fuse.rclone",
    "fuse.davfs",
    "fuse.glusterfs",
    "fuse.s3fs",
    "fuse.smb",
    "fuse.gvfs",
    "glusterfs",
)


def is_on_a_share(path: Path) -> bool:
    """Whether a path lies on a network share, as far as the system says."""
    real = path.absolute()
    for known in (real, *real.parents):
        if known.exists():
            real = known.resolve()
            break
    if str(real).startswith("\\\\"):
        return True
    mounted = [one for one in psutil.disk_partitions(all=True) if Path(one.mountpoint) in (real, *real.parents)]
    if not mounted:
        return False
    nearest = max(mounted, key=lambda one: len(Path(one.mountpoint).parts))
    sort = nearest.fstype.lower()
    return sort in _SHARES or sort.startswith(_BY_PROGRAM) or "remote" in nearest.opts.split(",")
