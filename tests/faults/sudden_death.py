"""Kills the program of ``driver.py`` again and again, and holds what is left to what had been said."""

import json
import os
import queue
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
from PIL import Image

from studio.files.unfinished import PREFIX
from studio.library.metadata.making import ABOUT, read_making
from studio.library.metadata.texts import read_text
from tests.faults.runners import SIZE, colour_of, text_of

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
EXPECTED = "the engine's child died"
"""The only error that the log may hold."""


class Program:
    """One start of the driver, and what it tells."""

    def __init__(self, home: Path, seed: int) -> None:
        self.begun = time.monotonic()
        self.errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  closed by __exit__
        environment = {
            "TRIPTYCH_HOME": str(home), "XDG_DATA_HOME": str(home / "xdg"), "QT_QPA_PLATFORM": "offscreen",
            "PYTHONFAULTHANDLER": "1",  # where it hangs, it says so
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.driver", str(seed)],
            cwd=ROOT, env={**os.environ, **environment},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True,
        )  # fmt: skip
        self.told: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):  # the last one may be half
                self.told.put(json.loads(line))
        self.told.put(None)

    def hear(self, seconds: float) -> dict[str, Any] | None:
        """The next thing that is told; None when there is none within ``seconds``, or the program has ended."""
        try:
            return self.told.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            return None

    def go_on(self) -> None:
        """Let it act: what it found when it started was looked at."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind, whatever was found."""
        self.process.kill()
        self.process.communicate()
        self._reader.join()
        self.errors.close()

    def rest(self) -> list[dict[str, Any]]:
        """Wait for its end; what it told before that and nobody has heard yet."""
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            self.process.wait()
            raise AssertionError(f"it doesn't end: {self.words()}") from None
        self._reader.join()
        found = []
        while (told := self.told.get()) is not None:
            found.append(told)
        return found

    def words(self) -> str:
        """What it wrote to stderr."""
        self.errors.seek(0)
        return self.errors.read()


class Account:
    """What the program has said, and so what must be there when it starts again."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.tried: Counter[str] = Counter()
        self.items: dict[str, str] = {}
        """Name -> path, of all that was made and not deleted."""
        self._leaving: set[str] = set()
        self._gone: set[str] = set()
        self._stars: dict[str, set[bool]] = {}
        self._settings = {0}
        self._lines: list[list[list[Any]]] = [[]]
        self._looked_at: set[str] = set()
        self._interrupted: set[str] = set()
        self.gaps: list[float] = []
        self.engine = 0
        """The process of the engine's newest child that was ready."""

    def take(self, told: dict[str, Any]) -> None:  # noqa: C901  one branch for each thing told
        """Note one thing."""
        self.engine = told["pid"] if told.get("engine") == "ready" else self.engine
        if "kept" in told:
            name, path, *_ = told["kept"]
            self.items[name] = path
            self.gaps.append(told["gap"])
            self.tried["things made"] += 1
        elif "delete" in told:
            self._leaving.add(told["delete"])
        elif "deleted" in told:
            self._leaving.discard(told["deleted"])
            self._gone.add(told["deleted"])
            self.items.pop(told["deleted"], None)
            self.tried["things deleted"] += 1
        elif "star" in told:
            self._stars.setdefault(told["star"], {False}).add(told["on"])
        elif "starred" in told:
            self._stars[told["starred"]] = {told["on"]}
            self.tried["stars given or taken"] += 1
        elif "exported" in told:
            assert all(Path(file).exists() for file in told["exported"])
            self.tried["files exported"] += len(told["exported"])
        elif "setting_done" in told:
            self._settings = {number for number in self._settings if number >= told["setting_done"]}
            self.tried["settings changed"] += 1
        elif "state" not in told and "setting" in told:
            self._settings.add(told["setting"])
        elif "queue" in told:
            self._lines.append(told["queue"])
        elif "queue_done" in told:
            self._lines = self._lines[-1:]
            self.tried["queues written"] += 1
        elif "ended" in told:
            self._ended(told["ended"], told["how"], told.get("trouble", ""), told.get("why", ""))
        elif "refused" in told:
            raise AssertionError(told["refused"])

    def _ended(self, name: str, how: str, trouble: str, why: str) -> None:
        assert trouble in ("", "engine_died"), why
        self.tried[f"jobs {how}"] += 1
        if how == "done" and name in self._interrupted:
            self.tried["jobs tried again and done"] += 1
        self._interrupted |= {name} if how == "interrupted" else set()

    def check(self, told: dict[str, Any]) -> None:
        """Hold the state that a start found to what was said, and go on from it."""
        state = told["state"]
        there = {name: path for name, path, *_ in state["items"]}
        lost = {path for name, path in self.items.items() if name not in there and name not in self._leaving}
        assert not lost, f"lost: {lost}"
        assert not self._gone & there.keys(), "deleted things came back"
        for name, _, _, _, starred in state["items"]:
            assert starred in self._stars.get(name, {False}), f"the star of {name} is {starred}"
            self._stars[name] = {starred}
        self._gone |= self._leaving - there.keys()
        self._leaving.clear()
        self.items = there
        assert told["line"] in self._lines, f"the queue is {told['line']}, and was one of {self._lines}"
        self._lines = [told["line"]]
        assert told["setting"] in self._settings, f"the setting is {told['setting']}, and was one of {self._settings}"
        self._settings = {told["setting"]}
        assert not state["left"], f"unfinished, and still here: {state['left']}"
        self._check_files(state["items"])

    def _check_files(self, items: list[list[Any]]) -> None:
        library = self.home / "Pictures" / "Triptych"
        days = [day for day in library.glob("*") if day.is_dir() and not day.name.startswith(".")]
        files = {str(path) for day in days for path in day.iterdir()}
        assert files == set(self.items.values()), "files and index don't agree"
        for name, path, kind, seed, _ in items:
            if name not in self._looked_at:
                _check_thing(Path(path), name, kind, seed)
                self._looked_at.add(name)
        for path in (self.home / "out").glob("*"):
            if str(path) not in self._looked_at:
                _check_export(path)
                self._looked_at.add(str(path))
        for written in (self.home / "data").glob("*.json"):
            json.loads(written.read_bytes())
        assert len(list(library.glob(".trash/*/*/*"))) >= len(self._gone), "deleted, and not in the trash"


def _check_thing(path: Path, name: str, kind: str, seed: int) -> None:
    """The thing is whole, and says the same of itself as the index does."""
    making = read_making(path)
    assert making is not None
    assert making.data is not None
    assert making.data["item"] == name
    if kind == "image":
        assert making.data["notes"]["seed"] == seed
        with Image.open(path) as picture:
            assert picture.getcolors() == [(SIZE * SIZE, colour_of(seed))]
    elif kind == "text":
        assert read_text(path.read_bytes())[0].strip() == text_of(seed)
    elif path.is_dir():
        frames = sorted(one for one in path.iterdir() if one.name != ABOUT)
        assert len(frames) == 20
        for frame in frames:
            with Image.open(frame) as picture:
                picture.load()
    else:
        with Image.open(path) as film:
            for number in range(film.n_frames):  # type: ignore[attr-defined]  # a GIF has it
                film.seek(number)
                film.load()
            assert number > 0


def _check_export(path: Path) -> None:
    assert not path.name.startswith(PREFIX), "an unfinished export"
    if path.is_dir() or path.suffix in (".md", ".txt"):
        return
    with Image.open(path) as picture:
        picture.load()


def left_over(home: Path) -> list[int]:
    """Processes that still work for the studio of ``home``."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("TRIPTYCH_HOME") == str(home) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return [pid for pid in found if pid != os.getpid()]


def errors_in(home: Path) -> list[str]:
    """Lines of the log that say that something went wrong."""
    logs = [path.read_text("utf-8", "replace") for path in (home / "logs").glob("triptych.log*")]
    return [line for log in logs for line in log.splitlines() if " ERROR " in line and EXPECTED not in line]


def _nobody_left(home: Path) -> None:
    end = time.monotonic() + PATIENCE
    while pids := left_over(home):
        assert time.monotonic() < end, f"processes outlived the program: {pids}"
        time.sleep(0.02)


def kill_the_program(home: Path, kills: int, seed: int) -> Counter[str]:
    """Start it and kill it ``kills`` times, in its start or while it works; then start it once more and end it well."""
    chance, account, usual = random.Random(seed), Account(home), 1.0
    for number in range(kills + 1):
        last = number == kills
        early = not last and chance.random() < 0.3
        with Program(home, chance.randrange(2**32)) as program:
            start_up = chance.uniform(0.05, usual) if early else PATIENCE
            if _listen(program, account, program.begun + start_up):
                usual = time.monotonic() - program.begun
                program.go_on()
                _listen(program, account, time.monotonic() + chance.uniform(0.0, usual))
            else:
                assert early, f"it didn't start: {program.words()}"
            program.process.send_signal(signal.SIGTERM if last else signal.SIGKILL)
            for told in program.rest():
                account.take(told)
            assert program.process.returncode == (0 if last else -signal.SIGKILL), program.words()
        account.tried["killed in its start" if early else "ended well" if last else "killed at work"] += 1
        _nobody_left(home)
    assert not errors_in(home), errors_in(home)
    return account.tried


def ask_it_to_end(home: Path, times: int, seed: int) -> Counter[str]:
    """Start it and ask it to end (SIGTERM) ``times`` times, in its start or while it works: it does so, and well."""
    chance, account, usual = random.Random(seed), Account(home), 1.0
    for _ in range(times):
        early = chance.random() < 0.5
        with Program(home, chance.randrange(2**32)) as program:
            start_up = chance.uniform(0.05, usual) if early else PATIENCE
            started = _listen(program, account, program.begun + start_up)
            assert started or early, f"it didn't start: {program.words()}"
            program.go_on()
            if started:
                usual = time.monotonic() - program.begun
                _listen(program, account, time.monotonic() + chance.uniform(0.0, usual))
            program.process.send_signal(signal.SIGTERM)
            for told in program.rest():
                account.take(told)
            unheard = early and program.process.returncode == -signal.SIGTERM  # before it listened to signals
            assert unheard or program.process.returncode == 0, program.words()
        account.tried["ended before there was a window" if unheard else "window closed, all saved"] += 1
        _nobody_left(home)
    assert not errors_in(home), errors_in(home)
    return account.tried


def kill_the_engine(home: Path, kills: int, seed: int) -> Counter[str]:
    """Start the program once and kill its engine's child ``kills`` times; then look at what was made."""
    chance, account = random.Random(seed), Account(home)
    with Program(home, seed) as program:
        assert _listen(program, account, program.begun + PATIENCE), program.words()
        program.go_on()
        window, child = psutil.Process(program.process.pid), 0
        held: list[tuple[int, ...]] = []
        for _ in range(kills + 1):
            child = _next_child(program, account, child)
            held.append((window.num_fds(), window.num_threads(), len(window.children(recursive=True))))
            _listen(program, account, time.monotonic() + chance.uniform(0.0, 0.5))
            if len(held) <= kills:
                os.kill(child, signal.SIGKILL)
                account.tried["engine killed"] += 1
        _check_nothing_grows(held[3:])
        assert "/dev/shm" not in Path(f"/proc/{window.pid}/maps").read_text("utf-8")
        program.process.send_signal(signal.SIGTERM)
        for told in program.rest():
            account.take(told)
        assert program.process.returncode == 0, program.words()
    _nobody_left(home)
    assert max(account.gaps) < PATIENCE / 4, "the window stood still"
    with Program(home, seed) as again:
        assert _listen(again, account, again.begun + PATIENCE), again.words()
    assert not errors_in(home), errors_in(home)
    return account.tried


def _check_nothing_grows(held: list[tuple[int, ...]]) -> None:
    """BackgroundTasks begin and end meanwhile: the least in the first third is compared with the least in the last."""
    third = max(len(held) // 3, 1)
    first, last = (tuple(map(min, zip(*part, strict=True))) for part in (held[:third], held[-third:]))
    pairs = zip(first, last, strict=True)
    assert all(after <= before + 2 for before, after in pairs), f"more is held in the end: {held}"


def _next_child(program: Program, account: Account, last: int) -> int:
    """Wait for the child that takes the place of ``last``; it may have been told of already."""
    until = time.monotonic() + PATIENCE
    while account.engine == last:
        told = program.hear(until - time.monotonic())
        assert told is not None, f"no engine any more: {program.words()}"
        account.take(told)
    return account.engine


def _listen(program: Program, account: Account, until: float) -> bool:
    """Write down what is told until then, or until the start is over, which is checked: true."""
    while (told := program.hear(until - time.monotonic())) is not None:
        account.take(told)
        if "state" in told:
            account.check(told)
            return True
    return False
