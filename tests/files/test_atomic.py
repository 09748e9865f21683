"""Files are written whole or not at all, and every trouble has its sentence."""

import errno
import itertools
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NoReturn

import pytest

from studio.core.errors import StudioError
from studio.core.resources import ROOT
from studio.files.atomic import replacing, write_atomic, write_new, write_new_folder, write_through
from studio.files.errors import make_folder
from studio.files.leftovers import clean_leftovers
from studio.files.unfinished import PREFIX, unfinished_name
from tests.files.left import left_behind
from tests.library.things import contents


def failing(code: int) -> Callable[..., NoReturn]:
    def fail(*_args: object, **_options: object) -> NoReturn:
        raise OSError(code, os.strerror(code))

    return fail


def put(data: bytes) -> Callable[[BinaryIO], object]:
    return lambda file: file.write(data)


def test_a_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.json"
    write_atomic(path, b"one")
    write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert contents(tmp_path) == {"new/a.json"}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "The disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_disk_that_refuses_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    path = tmp_path / "a.json"
    write_atomic(path, b"old")
    monkeypatch.setattr(os, "fsync", failing(code))
    with pytest.raises(StudioError, match=words) as caught:
        write_atomic(path, b"new")
    assert str(path) in caught.value.message
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert contents(tmp_path) == {"a.json"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs limits of a process")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """The kernel's own refusal, in the middle of a write."""
    import resource
    import signal

    child = os.fork()
    if not child:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            write_atomic(tmp_path / "a", b"x" * 100_000)
        except StudioError as error:
            os._exit(7 if "too large" in error.message else 8)
        os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert contents(tmp_path) == set()


def test_a_text_is_written_in_utf_8(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a.json", "猫\n")
    assert (tmp_path / "a.json").read_bytes() == "猫\n".encode()


def test_somebody_elses_writer_replaces_a_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.png"
    for content in (b"one", b"two"):
        with replacing(path) as part:
            assert part.suffix == ".png"  # by which writers know what to write
            part.write_bytes(content)
            assert not path.exists() or path.read_bytes() == b"one"
    assert path.read_bytes() == b"two"
    assert contents(tmp_path) == {"new/a.png"}


def test_somebody_elses_folder_appears_whole(tmp_path: Path) -> None:
    with replacing(tmp_path / "a.model", folder=True) as part:
        (part / "deeper").mkdir()
        (part / "deeper" / "b").write_bytes(b"x")
        (part / "gone").symlink_to(tmp_path / "nowhere")
        assert clean_leftovers(tmp_path) == 0
        assert not (tmp_path / "a.model").exists()
    assert contents(tmp_path) == {"a.model/deeper/b"}
    assert (tmp_path / "a.model" / "gone").is_symlink()
    with pytest.raises(OSError, match=r"not empty|denied"), replacing(tmp_path / "a.model", folder=True) as part:
        (part / "b").write_bytes(b"other")
    assert contents(tmp_path) == {"a.model/deeper/b"}


@pytest.mark.parametrize("folder", [False, True])
def test_what_somebody_elses_writer_breaks_leaves_the_old_one(tmp_path: Path, folder: bool) -> None:
    path = tmp_path / "new" / "a"
    if not folder:
        write_atomic(path, b"old")

    def break_down() -> None:
        with replacing(path, folder=folder) as part:
            (part / "b" if folder else part).write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_down()
    assert list(path.parent.iterdir()) == ([] if folder else [path])
    assert folder or path.read_bytes() == b"old"


@pytest.mark.skipif(os.name != "posix", reason="folders are flushed on POSIX")
@pytest.mark.parametrize("way", ["bytes", "a writer", "a folder", "a new file", "a new folder"])
def test_content_is_on_the_disk_before_its_name_is_and_then_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    path, on_disk = tmp_path / "a", list[str]()
    flush = os.fsync

    def noted(descriptor: int) -> None:
        kind = "name" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "content"
        on_disk.append(f"{kind} {'after' if os.path.lexists(path) else 'before'}")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    match way:
        case "bytes":
            write_atomic(path, b"x")
        case "a writer":
            with replacing(path) as part:
                part.write_bytes(b"x")
        case "a folder":
            with replacing(path, folder=True) as part:
                (part / "b").write_bytes(b"x")
        case "a new file":
            write_new(tmp_path, "a", "", put(b"x"))
        case "a new folder":
            write_new_folder(tmp_path, "a", [("b", b"x")])
    assert on_disk[0] == "content before"
    assert on_disk[-1] == "name after"
    assert "content after" not in on_disk


def test_files_are_written_whole_in_one_place_only() -> None:
    """Whoever else flushes, or names something half made, does it another way."""
    for word in ("fsync(", '.part"', "unfinished_name("):
        found = {
            str(path.relative_to(ROOT))
            for folder in ("studio", "packaging")
            for path in (ROOT / folder).rglob("*.py")
            if word in path.read_text(encoding="utf-8")
        }
        allowed = {"studio/files/atomic.py", "studio/files/unfinished.py", "studio/library/library.py"}
        assert found <= allowed, word


@pytest.mark.parametrize(
    ("code", "words"), [(errno.EACCES, "you don't have permission to write"), (errno.ENOENT, "its folder is gone")]
)
def test_a_folder_that_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str) -> None:
    monkeypatch.setattr(Path, "open", failing(code))
    with pytest.raises(StudioError, match=words):
        write_atomic(tmp_path / "a", b"")


def test_a_file_in_the_folders_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "deeper"):
        with pytest.raises(StudioError, match="there is a file where its folder should be"):
            write_atomic(folder / "a", b"x")
        with pytest.raises(StudioError, match="there is a file"):
            write_new(folder, "a", ".txt", put(b"x"))
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_what_fails_while_writing_leaves_nothing(tmp_path: Path) -> None:
    def break_down(file: BinaryIO) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_through(tmp_path / "a", break_down)
    with pytest.raises(KeyboardInterrupt):
        write_new(tmp_path, "a", "", break_down)
    assert contents(tmp_path) == set()


def test_new_files_never_replace(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"mine")
    names = [write_new(tmp_path, "a", ".png", put(b"new")).name for _ in range(2)]
    assert names == ["a-2.png", "a-3.png"]
    assert (tmp_path / "a.png").read_bytes() == b"mine"


def test_new_files_never_replace_when_many_write(tmp_path: Path) -> None:
    made: list[Path] = []

    def work(number: int) -> None:
        made.extend(write_new(tmp_path, "a", ".txt", put(str(number).encode())) for _ in range(10))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == len(contents(tmp_path)) == 40


def test_where_there_are_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", failing(errno.EPERM))
    assert write_new(tmp_path, "a", ".txt", put(b"1")).name == "a.txt"
    assert write_new(tmp_path, "a", ".txt", put(b"2")).name == "a-2.txt"
    assert contents(tmp_path) == {"a.txt", "a-2.txt"}


def test_folders_appear_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = [("0.png", b"a"), ("1.png", b"b")]
    assert write_new_folder(tmp_path, "film", given).name == "film"
    assert write_new_folder(tmp_path, "film", given).name == "film-2"
    left = contents(tmp_path)
    assert left == {"film/0.png", "film/1.png", "film-2/0.png", "film-2/1.png"}
    calls = iter([None])
    monkeypatch.setattr(os, "fsync", lambda _: next(calls, None) or failing(errno.ENOSPC)())
    with pytest.raises(StudioError, match="The disk is full"):
        write_new_folder(tmp_path, "film", given)
    assert contents(tmp_path) == left


ELSEWHERE = f"{PREFIX}{'0' * 8}-4711-0123abcd-0123456789ab"
"""What another machine is making."""


def test_what_another_machine_left_long_ago_goes_to_the_trash_or_stays(tmp_path: Path) -> None:
    old, new, folder = (tmp_path / f"{ELSEWHERE[:-1]}{end}" for end in ("1.png", "2.png", "3"))
    folder.mkdir()
    for path in (old, new, folder / "0.png"):
        path.write_bytes(b"x")
    for path in (old, folder):
        os.utime(path, (1, 1))
    before, discarded = contents(tmp_path), list[Path]()
    assert clean_leftovers(tmp_path) == 0
    assert contents(tmp_path) == before
    assert clean_leftovers(tmp_path, discarded.append) == 2
    assert set(discarded) == {old, folder}
    assert contents(tmp_path) == before


MINE = unfinished_name()


@pytest.mark.parametrize(
    ("name", "is_folder"),
    [
        *((name, is_folder) for is_folder in (True, False) for name in (
            f"{PREFIX}backup", f"{PREFIX}1", f"{PREFIX}x.png", f"{PREFIX}2026-12-01", f"{PREFIX}0123abcd-old",
            f"{MINE} copy", f"{MINE.replace('-', '_')}", f"{MINE[:-1]}", f"{MINE}-my pictures", MINE.upper(),
        )),
        (f"{MINE}.png", True),
        (f"{MINE}-abcd1234", False),
    ],
    ids=itertools.count(),  # the names are others in each process of the suite
)  # fmt: skip
def test_what_a_person_calls_so_stays(tmp_path: Path, name: str, is_folder: bool) -> None:
    place = tmp_path / name
    if is_folder:
        place.mkdir()
    kept = place / "mine.png" if is_folder else place
    kept.write_bytes(b"mine")
    os.utime(place, (1, 1))
    assert clean_leftovers(tmp_path, discard=lambda path: pytest.fail(f"{path} was thrown away")) == 0
    assert kept.read_bytes() == b"mine"


def test_a_link_that_is_called_so_leads_nowhere(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "a.png").write_bytes(b"mine")
    for name in (MINE, f"{MINE[:-4]}0000.png"):
        (tmp_path / name).symlink_to(mine, target_is_directory=True)
    clean_leftovers(tmp_path)
    assert (mine / "a.png").read_bytes() == b"mine"


NAME_OF_ANOTHER = """
import os
from studio.files.unfinished import unfinished_name
print(unfinished_name(".png"))
"""


def test_what_a_killed_program_left_goes_at_once_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    """However young it is: nobody will finish it."""
    dead = subprocess.check_output([sys.executable, "-c", NAME_OF_ANOTHER], text=True).strip()
    mine, earlier = unfinished_name(".png"), left_behind(".png")
    _, _, process, rest = mine.removeprefix(PREFIX).split("-")
    elsewhere = f"{PREFIX}{'0' * 8}-{os.getpid()}-{process}-{rest}"
    for name in (dead, mine, earlier, elsewhere):
        (tmp_path / name).write_bytes(b"half")
    os.utime(tmp_path / mine, (time.time() + 999, time.time() + 999))
    assert clean_leftovers(tmp_path) == 2
    assert contents(tmp_path) == {mine, elsewhere}
    os.utime(tmp_path / mine, (1, 1))  # before this process began: an earlier one had its number
    assert clean_leftovers(tmp_path) == 1


def test_a_number_is_added_to_the_longest_names_too(tmp_path: Path) -> None:
    for name in ("a" * 251, "画" * 83):
        (tmp_path / f"{name}.png").write_bytes(b"mine")
        path = write_new(tmp_path, name, ".png", put(b"new"))
        assert path.name.endswith("-2.png")
        assert 240 < len(os.fsencode(path.name)) <= 255
        assert path.read_bytes() == b"new"


def test_a_name_that_is_all_ending_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / f"a.{'b' * 250}"
    write_atomic(path, b"x")
    assert path.read_bytes() == b"x"


@pytest.mark.skipif(sys.platform != "linux", reason="the folder is Linux's")
def test_a_folder_that_takes_nothing_is_not_called_gone() -> None:
    with pytest.raises(StudioError, match="nothing can be created there"):
        make_folder(Path("/proc/x"))
