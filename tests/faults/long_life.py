"""Many small jobs in one run of the program: what both its processes hold, measured from outside.

As a program, ``python -m tests.faults.long_life JOBS MODELS ROOM``, it opens the window and makes one small thing after
the other, pictures and every tenth time a text, and tells after each hundred. MODELS: "real" for bundled ones, "" for
those of ``runners.py``. ROOM: "latent" to wander over the map of seeds instead, and keep every tenth picture.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from studio.files.unfinished import PREFIX

ROOT = Path(__file__).resolve().parents[2]
EVERY = 100
FILLED = 1000
"""So many jobs later everything that is kept within bounds is full: SQLite's pages of four threads, each half a
megabyte, the prompt's steps back, Python's table of names, which doubles once, the pictures of the map."""


class Held(NamedTuple):
    """What one process holds."""

    memory: int
    """Bytes of its own making: programs and libraries count for whoever else has them open, or has not."""
    descriptors: int
    threads: int


def measure(home: Path, jobs: int, models: str = "", room: str = "") -> list[tuple[Held, Held, int]]:
    """Have ``jobs`` done; after each hundred, what the window's process and the engine's hold, and unfinished files."""
    environment = {
        "TRIPTYCH_HOME": str(home), "XDG_DATA_HOME": str(home / "xdg"), "QT_QPA_PLATFORM": "offscreen",
        "OMP_NUM_THREADS": "2",
    }  # fmt: skip
    found: list[tuple[Held, Held, int]] = []
    command = [sys.executable, "-m", "tests.faults.long_life", str(jobs), models, room]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors, subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        assert program.stdin is not None
        try:
            for line in program.stdout:
                told = json.loads(line)
                left = len(list(home.rglob(f"{PREFIX}*")))
                found.append((_held(program.pid), _held(told["engine"]), left))
                program.stdin.write("\n")  # nothing happens meanwhile
                program.stdin.flush()
        finally:
            program.kill()
        errors.seek(0)
        assert len(found) == jobs // EVERY, errors.read()
    return found


def check_flat(found: list[tuple[Held, Held, int]]) -> None:
    """Hold the end to what was held after the first hundred: nothing more. Memory: within 5 %, once ``FILLED``."""
    begin, full, end = found[0], filled(found), found[-1]
    for which, before, early, after in zip(("window", "engine"), begin[:2], full[:2], end[:2], strict=True):
        assert after.memory <= early.memory * 1.05, f"the {which}'s memory grew: {_series(found, which)}"
        assert after.descriptors <= before.descriptors, f"the {which} holds more files: {found}"
        assert after.threads <= before.threads, f"the {which} has more threads: {found}"
    assert end[2] == 0, "unfinished files are left"


def filled(found: list[tuple[Held, Held, int]]) -> tuple[Held, Held, int]:
    """What was held once all was full; in a shorter run, after the first hundred."""
    return found[FILLED // EVERY - 1] if len(found) > FILLED // EVERY else found[0]


def _series(found: list[tuple[Held, Held, int]], which: str) -> list[float]:
    return [round(one[which == "engine"].memory / 1e6, 1) for one in found[:: max(len(found) // 20, 1)]]


def _held(pid: int) -> Held:
    process = psutil.Process(pid)
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    (anonymous,) = (line.split()[1] for line in status.splitlines() if line.startswith("RssAnon"))
    return Held(int(anonymous) * 1024, process.num_fds(), process.num_threads())


# -- the program -------------------------------------------------------------------------------------------------------


def _work(jobs: int, models: str, room: str) -> None:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from studio.shell import start
    from studio.shell.window import Window
    from tests.faults import runners

    app = QApplication([])
    if models != "real":
        start.POOL = f"{runners.HERE}:Models"
        runners.PACE = 0.0
    done = 0

    def begin() -> None:
        window = next((one for one in app.topLevelWidgets() if isinstance(one, Window)), None)
        if window is None or window._services.engine.state != "ready":
            QTimer.singleShot(20, begin)
            return
        facts = window._services.engine.facts

        def after() -> None:
            nonlocal done
            done += 1
            if done % EVERY == 0:
                QTimer.singleShot(300, measured)  # thumbnails and the like come to an end
            else:
                step(done)

        def measured() -> None:
            if window._services.tracker._runs:  # small pictures of the map are still being made
                QTimer.singleShot(300, measured)
                return
            print(json.dumps({"done": done, "engine": facts["pid"]}), flush=True)
            window._services.read(sys.stdin.readline, lambda _: step(done) if done < jobs else window.close(), window)

        step = _wandering(window, after) if room == "latent" else _making(window, after)
        step(done)

    QTimer.singleShot(0, begin)
    start.main([])


def _making(window: Any, after: Callable[[], None]) -> Callable[[int], None]:
    """Pictures, and every tenth time a text."""
    image, write = window.panel("image"), window.panel("write")
    write.form.set_values({"length": 16})

    def step(number: int) -> None:
        if number % 10:
            image.request.change(
                {"prompt": f"picture {number}", "seed": number + 1, "steps": 1, "width": 32, "height": 32}
            )
            image.generate.click()
        else:
            write.prompt.set_text(f"text {number}")
            write.go.click()
        _follow(window, after)

    return step


def _wandering(window: Any, after: Callable[[], None]) -> Callable[[int], None]:
    """One step over the map; every tenth time a leap, and before it the picture is kept."""
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtTest import QTest

    window.enter("latent")
    latent, chance = window.panel("latent"), random.Random(1)
    arrows = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
    awaited = False

    def came() -> None:
        nonlocal awaited
        if awaited:
            awaited = False
            QTimer.singleShot(30, after)  # meanwhile some of the small pictures are made

    def step(number: int) -> None:
        nonlocal awaited
        awaited = number % 10 != 9
        if not awaited:
            latent.save.click()
            _follow(window, after)
        elif number % 10 == 0:
            latent.settings.seed.setValue(chance.randrange(2**32))
        else:
            QTest.keyClick(latent.map.map, chance.choice(arrows))

    latent.frames.live.connect(lambda *_: came())
    return step


def _follow(window: Any, after: Callable[[], None]) -> None:
    from PySide6.QtCore import QTimer

    run = window._services.tracker.line[-1]
    run.failed.connect(lambda event: (print(event.detail, file=sys.stderr), window.close()))
    run.done.connect(lambda _: QTimer.singleShot(0, after))


if __name__ == "__main__":
    _work(int(sys.argv[1]), *sys.argv[2:])
