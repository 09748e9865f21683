"""The index: what it finds, and what it does when it is locked, damaged, or from the future."""

import contextlib
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.core.resources import ROOT
from studio.library import full_text, index, migrations
from studio.library.index import Index, Item, ItemKind, Query


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "library.sqlite"


@pytest.fixture
def here(path: Path) -> Iterator[Index]:
    opened = Index(path)
    yield opened
    opened.close()


def item(name: str, prompt: str = "", created: float = 0.0, kind: ItemKind = "image", **fields: object) -> Item:
    return Item(id=name, path=f"/p/{name}.png", kind=kind, created=created, prompt=prompt, **fields)  # type: ignore[arg-type]


def names(here: Index, query: Query = Query(), **page: int) -> list[str]:  # noqa: B008
    return [found.id for found in here.search(query, **page)]


def test_items_come_back_as_they_went_in(here: Index) -> None:
    whole = item(
        "a", "a 猫\nand more", 12.5, model="m", seed=2**32 - 1, width=3, height=4, job={"task": {"x": [1, "é"]}},
        notes={"tokens": 1.5}, starred=True,
    )  # fmt: skip
    here.put(whole)
    assert here.get("a") == here.at("/p/a.png") == whole
    assert here.get("b") is here.at("/p/b.png") is None


def test_newest_first_in_pages(here: Index) -> None:
    for number in range(5):
        here.put(item(str(number), created=float(number % 4)))
    assert names(here) == ["3", "2", "1", "4", "0"]
    assert names(here, limit=2, offset=1) == ["2", "1"]
    assert here.count(Query()) == 5


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("balloon", {"a"}),
        ("BALLOON", {"a"}),
        ("red ball", {"a"}),
        ("ball red", {"a"}),
        ("of", {"a", "b"}),
        ("气球", {"c"}),
        ("红色气球", {"c"}),
        ("100%", {"b"}),
        ("%", {"b"}),
        ("_", set()),
        ('"quoted"', {"d"}),
        ("NOT", {"d"}),
        ("a AND b OR", set()),
        ("*", set()),
        ("zebra", set()),
        ("", {"a", "b", "c", "d"}),
        ("\x00", {"a", "b", "c", "d"}),
        ("\ud800", set()),
    ],
)
@pytest.mark.parametrize("with_full_text", [True, False])
def test_words_are_found(
    path: Path, text: str, found: set[str], with_full_text: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not with_full_text:
        monkeypatch.setattr(full_text, "_TABLE", "CREATE VIRTUAL TABLE items_text USING no_such_module(prompt)")
    with contextlib.closing(Index(path)) as here:
        prompts = ("a red Balloon of paper", "100% of it", "一个红色气球", 'the "quoted" knot')
        for name, prompt in zip("abcd", prompts, strict=True):
            here.put(item(name, prompt))
        assert set(names(here, Query(text=text))) == found
        assert here.count(Query(text=text)) == len(found)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_no_search_breaks(here: Index, text: str) -> None:
    here.put(item("x", text))
    assert set(names(here, Query(text=text))) <= {"x"}


def test_filters_combine(here: Index) -> None:
    here.put(item("a", "red", 10, "image"))
    here.put(item("b", "red", 20, "text"))
    here.put(item("c", "blue", 30, "clip", starred=True))
    assert names(here, Query(kinds=("image", "clip"))) == ["c", "a"]
    assert names(here, Query(since=20)) == ["c", "b"]
    assert names(here, Query(until=20)) == ["a"]
    assert names(here, Query(starred=True)) == ["c"]
    assert names(here, Query(text="red", kinds=("text",), since=5, until=25)) == ["b"]


def test_stars_removal_and_undo(here: Index) -> None:
    here.put(item("a", "red balloon"))
    here.star("a", True)
    assert names(here, Query(starred=True)) == ["a"]
    removed = here.get("a")
    assert removed is not None
    here.remove("a")
    assert names(here, Query(text="balloon")) == []
    here.put(removed)
    assert names(here, Query(text="balloon", starred=True)) == ["a"]


def test_one_row_for_a_file_and_for_an_id(here: Index) -> None:
    here.put(item("a", "first"))
    here.put(Item(id="b", path="/p/a.png", kind="image", created=0, prompt="second"))
    assert names(here) == ["b"]
    here.put(item("b", "third"))
    assert names(here, Query(text="third")) == ["b"]
    assert names(here, Query(text="second")) == []


def test_paths_that_are_no_text(here: Index) -> None:
    odd = Item(id="a", path="/p/\udcff.png", kind="image", created=0)
    here.put(odd)
    assert here.at("/p/\udcff.png") == here.get("a") == odd


def test_paths_below_a_folder(here: Index) -> None:
    for name in ("day/a", "day/b", "day2/c"):
        here.put(item(name))
    assert here.paths_in("/p/day/") >= {"/p/day/a.png", "/p/day/b.png"}


def test_many_threads_read_and_write(here: Index) -> None:
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for each in range(15):
                here.put(item(f"{number}-{each}", "balloon"))
                here.search(Query(text="balloon"), 3)
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert here.count(Query(text="balloon")) == 60


# -- opening -----------------------------------------------------------------------------------------------------------


def test_fresh_until_it_was_filled(path: Path) -> None:
    for _ in range(2):
        with contextlib.closing(Index(path)) as here:
            assert here.fresh
    here.mark_complete()
    with contextlib.closing(Index(path)) as here:
        assert not here.fresh


def test_one_from_the_future_is_refused_untouched(path: Path) -> None:
    Index(path).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(StudioError, match="newer Triptych"):
        Index(path)
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.broken*"))


def damage_completely(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 2 * 4096 + 100])


@pytest.mark.parametrize("damage", [damage_completely, cut_off])
def test_a_damaged_one_is_set_aside(path: Path, damage: object) -> None:
    with contextlib.closing(Index(path)) as here:
        here.put(item("a", "x" * 50_000))
        here.mark_complete()
    damage(path)  # type: ignore[operator]
    broken = path.read_bytes()
    with contextlib.closing(Index(path)) as here:
        assert here.fresh
        assert names(here) == []
        here.put(item("b"))
    (aside,) = path.parent.glob("library.sqlite.broken-*")
    assert aside.read_bytes() == broken


def test_damage_met_later_is_mended_at_the_next_start(path: Path) -> None:
    with contextlib.closing(Index(path)) as here:
        for number in range(50):
            here.put(item(str(number), "x" * 5000))
        here.mark_complete()
    content = bytearray(path.read_bytes())
    half = len(content) // 2
    content[half:] = b"\xee" * (len(content) - half)
    path.write_bytes(content)
    with contextlib.closing(Index(path)) as here, pytest.raises(StudioError, match="Restart Triptych"):
        here.search(Query())
    with contextlib.closing(Index(path)) as here:
        assert here.fresh
        assert names(here) == []


def test_a_locked_one_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_PATIENCE", 0.01)
    with contextlib.closing(Index(path)) as here:
        here.put(item("a"))
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(StudioError, match="in use by another program"):
                here.put(item("b"))
            with pytest.raises(StudioError, match="in use by another program"):
                Index(path)
            other.execute("ROLLBACK")
        here.put(item("b"))
        assert names(here) == ["b", "a"]


def test_a_file_in_the_folders_place(path: Path) -> None:
    path.parent.write_bytes(b"mine")
    with pytest.raises(StudioError, match="there is a file"):
        Index(path)


def test_a_folder_in_the_files_place(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StudioError, match="can't be opened"):
        Index(path)


def test_two_programs_start_at_once(path: Path) -> None:
    opened: list[Index] = []
    threads = [threading.Thread(target=lambda: opened.append(Index(path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    for here in opened:
        here.close()


ANOTHER_PROGRAM = """
import sys
from pathlib import Path
from studio.library.index import Index, Item
here = Index(Path(sys.argv[1]))
here.put(Item(id="theirs", path="/p/theirs.png", kind="image", created=2.0))
here.close()
"""


def test_another_program_comes_and_goes_while_threads_of_this_one_read_and_write(here: Index, path: Path) -> None:
    """As the command line does beside the window: whoever is the last one to close takes the journal away."""
    here.put(item("before"))
    helper = threading.Thread(target=here.count, args=(Query(),))  # a connection of another thread
    helper.start()
    helper.join()
    subprocess.run([sys.executable, "-c", ANOTHER_PROGRAM, str(path)], check=True, cwd=ROOT)
    assert path.with_name(f"{path.name}-wal").exists()
    here.put(item("after", created=3.0))
    assert names(here) == ["after", "theirs", "before"]
    with contextlib.closing(Index(path)) as again:
        assert names(again) == ["after", "theirs", "before"]


def second(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE items ADD COLUMN extra TEXT")


def broken(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE items ADD COLUMN other TEXT")
    connection.execute("no SQL")


def test_migrations_keep_a_copy_and_are_all_or_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.closing(Index(path)) as here:
        here.put(item("a", "balloon"))
    today = migrations.all_migrations()
    monkeypatch.setattr(index, "all_migrations", lambda: [*today, second, broken])
    with pytest.raises(StudioError):
        Index(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(today),)
        assert "extra" not in str(connection.execute("SELECT sql FROM sqlite_master").fetchall())
    monkeypatch.setattr(index, "all_migrations", lambda: [*today, second])
    with contextlib.closing(Index(path)) as here:
        assert names(here, Query(text="balloon")) == ["a"]
    copy = path.with_name(f"{path.name}.version-{len(today)}")
    monkeypatch.undo()
    shutil.move(copy, path.with_name("old.sqlite"))
    with contextlib.closing(Index(path.with_name("old.sqlite"))) as here:
        assert names(here) == ["a"]


def test_full_text_catches_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that was used for a while by a SQLite without a full-text index."""
    with contextlib.closing(Index(path)) as here:
        here.put(item("a", "balloon one"))
    with monkeypatch.context() as patched:
        patched.setattr(full_text, "_TABLE", "CREATE VIRTUAL TABLE no_text USING no_such_module(prompt)")
        with contextlib.closing(Index(path)) as here:
            here.put(item("b", "balloon two"))
            here.remove("a")
            assert names(here, Query(text="balloon")) == ["b"]
    with contextlib.closing(Index(path)) as here:
        assert names(here, Query(text="balloon")) == ["b"]
        here.put(item("c", "balloon three"))
        assert names(here, Query(text="balloon")) == ["c", "b"]


def test_migrations_are_named_by_date() -> None:
    folder = Path(migrations.__file__).parent
    found = [path.name for path in folder.glob("m*.py")]
    assert found
    assert all(name[1:11].replace("_", "").isdigit() for name in found)
    assert len(migrations.all_migrations()) == len(found)


@pytest.mark.parametrize("reason", ["SQLITE_IOERR_SHMSIZE", "SQLITE_CANTOPEN", "SQLITE_IOERR_WRITE"])
def test_a_full_disk_is_named_where_sqlite_only_failed_to_write(
    here: Index, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = reason
    assert "disk is full" not in str(here._explain(error))
    usage = shutil.disk_usage(here.path.parent)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert "The disk is full" in str(here._explain(error))
