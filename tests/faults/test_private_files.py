"""What the studio writes for itself belongs to one person: others on the machine can't read it."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.core.values import Job
from studio.engine.watched import _size_for_appending
from studio.features.image.tasks.image import ImageTask
from studio.files.log import open_log
from studio.library.paths import find_paths
from studio.shell.single_instance import SingleInstance
from tests.library import things
from tests.opened import open_window

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has other rights than these")


@pytest.fixture(autouse=True)
def usual_mask() -> Iterator[None]:
    """With which everybody may read what is made."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("earlier", [False, True], ids=["a first start", "after an earlier release"])
def test_nobody_else_may_read_what_the_studio_keeps_for_itself(qtbot: QtBot, earlier: bool) -> None:
    paths = find_paths()
    if earlier:
        things.library().close()
        for folder in (paths.data, paths.cache, paths.logs):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o755)
        (paths.data / "library.sqlite").chmod(0o644)
        for name in ("triptych.log", "engine.log"):
            paths.logs.mkdir(parents=True, exist_ok=True)
            (paths.logs / name).write_bytes(b"x")
    assert SingleInstance(paths.data).take()
    log, engine = open_log(paths.logs, "triptych"), paths.logs / "engine.log"
    assert _size_for_appending(engine) is not None
    with open_window(qtbot) as opened:
        item = opened.library.keep(things.image_job(), things.pixels(), "m")
        opened.library.star([item.id], True)
        opened.tracker.pause(True)
        opened.tracker.submit(Job(task=ImageTask(prompt="a secret"), model="m"))
        opened.services.remember("image", {"task": {"prompt": "a secret"}})
        opened.services.write(
            opened.services.folder_of("latent") / "notes.json", b"{}", lambda _: None, opened.services
        )
        beside = [paths.data / f"library.sqlite-{part}" for part in ("wal", "shm")]
        assert [oct(mode(path)) for path in beside] == ["0o600"] * 2
    files = [paths.data / name for name in ("settings.json", "queue.json", "library.sqlite", "latent/notes.json")]
    assert [oct(mode(path)) for path in (*files, log, engine)] == ["0o600"] * 6
    assert [oct(mode(path)) for path in (paths.data, paths.cache, paths.logs)] == ["0o700"] * 3
    assert mode(Path(item.path)) == 0o644, "pictures are as the person's own mask says"
    assert mode(paths.pictures) == 0o755
