"""What a killed program left unfinished: found by its name, and removed by a later start."""

import logging
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from studio.core.errors import StudioError
from studio.files.unfinished import PREFIX, is_ours, maker_of

log = logging.getLogger(__name__)
_ABANDONED_ELSEWHERE = 3600.0
"""Seconds after which what another machine writes counts as abandoned: its clock may go wrong, and films take long."""


def clean_leftovers(folder: Path, discard: Callable[[Path], object] | None = None) -> int:
    """Remove what an earlier, killed run left unfinished in ``folder``. Returns how many things that were.

    Whatever is called otherwise than our own unfinished things is somebody's, and stays. So does what another program
    may be writing now: its process lives. What another machine left, of which nobody here can know that for certain, is
    given to ``discard``, which moves it to the trash; without one it stays, too.
    """
    count = 0
    for unfinished, is_folder in _unfinished_in(folder):
        try:
            if not is_abandoned(unfinished):
                continue
            if maker_of(unfinished.name) is not None:
                shutil.rmtree(unfinished) if is_folder else unfinished.unlink()
            elif discard is not None:
                discard(unfinished)
            else:
                continue
            count += 1
        except (OSError, StudioError) as error:
            log.warning("the leftover %s can't be removed: %s", unfinished, error)
    return count


def _unfinished_in(folder: Path) -> list[tuple[Path, bool]]:
    """What in ``folder`` is called as our unfinished things are, and whether it is a folder. Links are not ours."""
    try:
        with os.scandir(folder) as entries:
            found = [(Path(entry.path), entry.is_dir(follow_symlinks=False), entry.is_symlink()) for entry in entries
                     if entry.name.startswith(PREFIX)]  # fmt: skip
    except OSError:
        return []  # gone, forbidden, unplugged: then nothing of it can be removed either
    return [(path, is_folder) for path, is_folder, link in found if not link and is_ours(path.name, folder=is_folder)]


def is_abandoned(unfinished: Path) -> bool:
    """Whether nobody will finish this any more. Raises OSError when it can't be looked at."""
    changed, maker = unfinished.lstat().st_mtime, maker_of(unfinished.name)
    if maker is not None:
        return maker == 0 or not was_there(maker, changed)
    # Of the future, too: the clock may have been set back.
    return abs(time.time() - changed) > _ABANDONED_ELSEWHERE


def was_there(process: int, then: float) -> bool:
    """Whether the process lives, and did so ``then``: another one may have its number by now."""
    import psutil  # where something was left only: it takes longer to import than this whole module

    try:
        return bool(psutil.Process(process).create_time() <= then + 1)
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False
