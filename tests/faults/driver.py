"""The program that gets killed: the real window and engine, and somebody restless who uses them, by a seed.

``python -m tests.faults.driver SEED`` acts until it ends, in the home that TRIPTYCH_HOME names, and tells each step as
a line of JSON: what is begun before it is begun, what is done once it is done. ``sudden_death.py`` holds it to that.
"""

import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.app import line_file, saved_line
from studio.app.job_handle import JobHandle
from studio.app.services import ExportOptions, Query
from studio.features.image.tasks.image import ImageTask
from studio.features.latent.tasks.latent import WalkTask
from studio.features.write.tasks.write import WriteTask
from studio.files.unfinished import PREFIX, maker_of
from studio.library.index import Item
from studio.library.paths import find_paths
from studio.shell import start
from studio.shell.window import Window
from tests.faults.runners import HERE

MOST_WAITING = 5
_telling = threading.Lock()


def tell(**what: Any) -> None:
    """Say it, whole and at once: this process may be gone in the next instant."""
    with _telling:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()


def tell_what_is_saved() -> None:
    """Have every writing of the line told, before it begins and when it is done."""

    def write(path: Path, line: tuple[line_file.SavedRun, ...]) -> None:
        tell(queue=[[run.job.id, run.begun] for run in line])
        line_file.write_line(path, line)
        tell(queue_done=True)

    saved_line.write_line = write


class Person:
    """Somebody at the window."""

    def __init__(self, window: Window, seed: int) -> None:
        self.window, self.services, self.random = window, window._services, random.Random(seed)
        self.items: dict[str, Item] = {}
        self.number = 0
        self._last = 0.0
        self._worst = 0.0
        self._timer = QTimer()
        services = self.services
        services.tracker.kept.connect(self._kept)
        services.engine_changed.connect(lambda state: tell(engine=state.state, pid=state.facts.get("pid")))
        services.tracker.unfollowed.connect(self._watch)
        self._clock = QTimer()
        self._clock.timeout.connect(self._tick)
        self._clock.start(10)

    def _tick(self) -> None:
        now = time.monotonic()
        if self._last:
            self._worst = max(self._worst, now - self._last)
        self._last = now

    def begin(self) -> None:
        """Wait until the start is over, say what is there, and act."""
        if self.services.library.index.fresh:
            QTimer.singleShot(10, self.begin)
            return
        # Behind the cleaning up, which the start has asked for.
        self.services._long.do(self._state, self._begun, owner=self.services)

    def _state(self) -> dict[str, Any]:
        home = find_paths().data.parent
        return {
            "items": [
                [one.id, one.path, one.kind, one.seed, one.starred] for one in self.services.library.search(Query())
            ],
            # But not what is being written right now: thumbnails.
            "left": [str(path) for path in home.rglob(f"{PREFIX}*") if maker_of(path.name) != os.getpid()],
        }

    def _begun(self, state: dict[str, Any]) -> None:
        line = [[run.job.id, run.state != "waiting"] for run in self.services.tracker.line]
        tell(state=state, line=line, setting=self._kept_number())
        self.number = self._kept_number()
        self.items = {item.id: item for item in self.services.library.search(Query())}
        self._timer.timeout.connect(self._act)
        self.services._long.do(
            sys.stdin.readline, lambda _: self._timer.start(1), owner=self.services
        )  # when it was checked

    def _act(self) -> None:
        self._timer.setInterval(self.random.randrange(4, 40))
        ways: Sequence[tuple[Callable[[], None], int]] = (
            (self.make, 6), (self.star, 3), (self.delete, 1), (self.export, 2), (self.change_settings, 2),
            (self.reorder, 2), (self.stop, 1), (self.go_on, 3), (self.look_around, 1),
        )  # fmt: skip
        self.random.choices([way for way, _ in ways], [often for _, often in ways])[0]()

    def _done(self, **what: Any) -> None:
        """Tell ``what`` when all that is asked for so far is on the disk."""
        self.services.background_tasks.do(lambda: None, lambda _: tell(**what))

    # -- what one does -----------------------------------------------------------------------------------------------

    def make(self) -> None:
        if self.services.tracker.waiting >= MOST_WAITING:
            return
        seed, kind = self.random.randrange(1, 10_000), self.random.choice(("image", "image", "write", "png", "gif"))
        if kind == "image" and self.window.room == "image":
            room = self.window.panel()
            room.request.change(
                {"prompt": f"picture {seed}", "seed": seed, "steps": self.random.randrange(1, 12), "count": 1}
            )
            QTest.mouseClick(room.generate, Qt.MouseButton.LeftButton)
            return
        if kind == "write":
            task: Any = WriteTask(prompt=f"text {seed}", seed=seed, length=200)
        elif kind == "image":
            task = ImageTask(prompt=f"picture {seed}", seed=seed, steps=3, count=self.random.randrange(1, 4))
        else:
            task = WalkTask(seeds=(seed, seed + 1), format=kind)
        model = {"write": "writer", "image": "scenes"}.get(kind, "latents")
        self._watch(self.services.make(task, f"starter:{model}"))

    def star(self) -> None:
        if item := self._any():
            on = self.random.random() < 0.6
            tell(star=item.id, on=on)
            self.services.star([item], on)
            self._done(starred=item.id, on=on)

    def delete(self) -> None:
        if len(self.items) > 12 and (item := self._any()):
            del self.items[item.id]
            tell(delete=item.id)
            self.services.delete([item])
            self._done(deleted=item.id)

    def export(self) -> None:
        if item := self._any():
            out = find_paths().data.parent / "out"
            form: Any = self.random.choice(("png", "jpeg", "webp", "tiff"))
            options = ExportOptions(folder=str(out), format=form, size=self.random.choice((0, 64)))
            self.services.export(
                [item], options, lambda files: tell(exported=[str(file) for file in files]), self._refused
            )

    def _refused(self, error: Exception) -> None:
        if not str(error).endswith("is no longer there."):  # it was deleted meanwhile
            tell(refused=str(error))

    def change_settings(self) -> None:
        self.number += 1
        tell(setting=self.number)
        theme: Any = self.random.choice(("dark", "light", "system"))
        rooms = {**self.services.settings.rooms, "driver": {"number": self.number}}
        self.services.change_settings(rooms=rooms, theme=theme)  # nothing that the engine would begin anew for
        self._done(setting_done=self.number)

    def _kept_number(self) -> int:
        """The number that was written into the settings last."""
        return int(self.services.remembered("driver").get("number", 0))

    def reorder(self) -> None:
        line = self.services.tracker
        waiting = [run for run in line.line if run.state == "waiting" and run is not line.active]
        if not waiting:
            return
        run = self.random.choice(waiting)
        match self.random.randrange(3):
            case 0:
                line.move(run.job.id, self.random.randrange(3))
            case 1:
                line.remove(run.job.id)
            case _ if isinstance(run.job.task, ImageTask):
                line.edit(run.job.id, ImageTask(prompt="changed", seed=self.random.randrange(1, 10_000), steps=2))

    def stop(self) -> None:
        if self.services.tracker.active is not None and self.random.random() < 0.2:
            self.services.tracker.cancel(self.services.tracker.active.job.id)

    def go_on(self) -> None:
        """Resume what is paused; try again, or remove, what ended otherwise than asked."""
        line = self.services.tracker
        if line.paused:
            line.pause(False)
        for run in line.line:
            if run.over:
                again = line.retry(run.job.id) if self.random.random() < 0.7 else None
                if again is not None:
                    tell(again=run.job.id)
                    self._watch(again)
                else:
                    line.remove(run.job.id)

    def look_around(self) -> None:
        self.window.enter(self.random.choice(("image", "write", "library", "image")))

    def _any(self) -> Item | None:
        return self.random.choice(list(self.items.values())) if self.items else None

    # -- what comes of it ----------------------------------------------------------------------------------------------

    def _kept(self, item: Item) -> None:
        self.items[item.id] = item
        tell(kept=[item.id, item.path, item.kind, item.seed], gap=round(self._worst, 3))
        self._worst = 0.0

    def _watch(self, run: JobHandle) -> None:
        run.followed = True
        run.done.connect(lambda _: tell(ended=run.job.id, how="done"))
        run.cancelled.connect(lambda: tell(ended=run.job.id, how="cancelled"))
        run.failed.connect(
            lambda event: tell(ended=run.job.id, how=run.state, trouble=event.trouble, why=event.detail[-900:])
        )


def _look_for_window(seed: int) -> None:
    window = next((one for one in QApplication.topLevelWidgets() if isinstance(one, Window)), None)
    if window is None or not window.isVisible():
        QTimer.singleShot(5, lambda: _look_for_window(seed))
        return
    global person
    person = Person(window, seed)
    QTimer.singleShot(start.PAINTED_MS + 50, person.begin)


person: Person | None = None

if __name__ == "__main__":
    app = QApplication([])
    start.POOL = f"{HERE}:Models"
    tell_what_is_saved()
    QTimer.singleShot(0, lambda: _look_for_window(int(sys.argv[1])))
    status = start.main([])
    tell(end=status)
    sys.exit(status)
