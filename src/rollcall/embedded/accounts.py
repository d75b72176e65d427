"""The user that the embedded servers run as, and the files that this user has to reach."""

from __future__ import annotations

import fcntl
import logging
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

SERVICE_USER = "rollcall-services"
SEARCH = stat.S_IXOTH
READ = stat.S_IROTH


@dataclass(frozen=True)
class Account:
    """A user and a group by number; None for both is this process's own."""

    uid: int | None = None
    gid: int | None = None


CALLER = Account()


def account_for(directory: Path) -> Account:
    """Return who is to run the server whose data is in this directory.

    An ordinary user runs it as itself. PostgreSQL refuses to run as root, so root runs it as the
    owner of the data, or for new data as a user of its own.

    Raises:
        PermissionError: the data belongs to somebody else.
    """
    owner = directory.stat() if directory.exists() else None
    if os.geteuid() == 0:
        return Account(owner.st_uid, owner.st_gid) if owner and owner.st_uid else _service_account()
    if owner and owner.st_uid != os.geteuid():
        raise PermissionError(f"{directory} belongs to another user, with number {owner.st_uid}.")
    return CALLER


def _service_account() -> Account:
    entry = _find_user(SERVICE_USER) or _add_service_user() or pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def _add_service_user() -> pwd.struct_passwd | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin")
    if useradd is None:
        return None
    # Of two useradd at once, the second replaces the user of the first, whose number is nobody's
    # from then on: it looks for the name before it locks the file.
    with _alone_in("/etc"):
        if (entry := _find_user(SERVICE_USER)) is None:
            options = ["--system", "--user-group", "--no-create-home"]
            command = [useradd, *options, "--shell", "/usr/sbin/nologin", SERVICE_USER]
            subprocess.run(command, check=False, capture_output=True)
            entry = _find_user(SERVICE_USER)
    return entry


@contextmanager
def _alone_in(directory: str) -> Iterator[None]:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _find_user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def let_in(account: Account, path: Path, *, tree: Path | None = None) -> None:
    """Let another account pass through every folder above `path`, and read `tree`.

    Passing through is all that is granted: the names in those folders stay hidden. It is needed
    when root works below a closed folder, such as its own home.
    """
    if account == CALLER:
        return
    for folder in path.resolve().parents:
        if not folder.stat().st_mode & SEARCH:
            log.warning("Opening %s to other users (chmod o+x) for the embedded servers", folder)
            _add_mode(folder, SEARCH)
    # What a restrictive umask closed at the installation is closed altogether.
    if tree is not None and not path.stat().st_mode & READ:
        for item in [tree, *tree.rglob("*")]:
            mode = item.stat().st_mode
            _add_mode(item, READ | (SEARCH if mode & stat.S_IXUSR else 0))


def _add_mode(path: Path, bits: int) -> None:
    path.chmod(stat.S_IMODE(path.stat().st_mode) | bits)


def make_directory(path: Path, *, mode: int, account: Account = CALLER) -> None:
    """Make a directory for an account, unless it is there."""
    if not path.exists():
        path.mkdir(parents=True)
        path.chmod(mode)
        _give(path, account)


def write_private(path: Path, text: str, *, account: Account = CALLER) -> None:
    """Write a file that only its owner can read, at no moment anybody else."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    _give(path, account)


def _give(path: Path, account: Account) -> None:
    if account.uid is not None and account.gid is not None:
        os.chown(path, account.uid, account.gid)
