"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

#: How hidden names begin and end; between them are the process and a number. The tilewright command does the same
#: (``crates/tilewright-cli/src/output/unfinished.rs``): each clears up what the other left.
_NAME = (".tilewright-", ".part")


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file under a hidden name, flush it to the disk, and rename it: whatever happens, `path` is whole.

    A link stays a link, and a file's mode stays. Whoever writes holds a lock on the hidden file: one that nobody holds
    was left by a killed process, and goes when the next begins in the same folder.

    Raises
    ------
    OSError
        If that cannot be done; its file name is `path`.
    """
    place = Path(os.path.realpath(path))
    try:
        if place.exists() and not place.is_file():
            # A pipe or a terminal cannot be replaced by a file.
            with open(place, "wb") as file:
                write(file)
            return
        _clear(place.parent)
        with _hidden(place.parent) as file:
            try:
                write(file)
                file.flush()
                os.fsync(file.fileno())
                _keep_mode(file.name, place)
                if sys.platform == "win32":
                    # What is open cannot be renamed there.
                    file.close()
                os.replace(file.name, place)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), os.fspath(path)) from error
    _sync(place.parent)


def lock(file: IO[Any]) -> None:
    """Lock an open file until it is closed, however that comes about.

    Raises
    ------
    OSError
        If another has it locked.
    """
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _hidden(folder: Path) -> IO[bytes]:
    """Return a new hidden file, locked where the file system can."""
    for number in itertools.count():
        path = folder / f"{os.getpid()}-{number}".join(_NAME)
        try:
            file = open(path, "xb")  # noqa: SIM115
        except FileExistsError:
            continue
        try:
            lock(file)
        except BlockingIOError:
            # Another process took it for one that was left.
            file.close()
            continue
        except OSError:
            return file
        if path.exists():
            return file
        file.close()
    raise AssertionError("there are more numbers than files")


def _clear(folder: Path) -> None:
    """Remove what killed processes left in a folder, as far as that can be told."""
    begin, end = _NAME
    with contextlib.suppress(OSError):
        for left in [path for path in folder.iterdir() if path.name.startswith(begin) and path.name.endswith(end)]:
            with contextlib.suppress(OSError):
                _remove_unlocked(left)


def _remove_unlocked(left: Path) -> None:
    if left.is_symlink() or not (left.is_file() or left.is_dir()):
        return
    if sys.platform == "win32":
        # What is at work is open, and cannot be removed.
        left.unlink()
        return
    import fcntl

    opened = os.open(left, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()
    finally:
        os.close(opened)


def _keep_mode(new: str, place: Path) -> None:
    """Give a new file the mode of the one whose place it takes, and its owner where that is allowed."""
    with contextlib.suppress(FileNotFoundError):
        old = place.stat()
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                os.chown(new, old.st_uid, old.st_gid)
        os.chmod(new, old.st_mode & 0o7777)


def _sync(folder: Path) -> None:
    """Write a folder's entries to the disk, where the system can."""
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
