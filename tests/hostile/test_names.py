"""File names and patterns that climb out of their folder, and language as people write it, through the whole house."""

import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from studio.app.line_file import SavedRun, read_line, write_line
from studio.core.values import Job
from studio.features import task_types
from studio.features.image.tasks.image import ImageTask
from studio.files.leftovers import clean_leftovers
from studio.files.unfinished import PREFIX, unfinished_name
from studio.library.export import ExportOptions, export, preview_name
from studio.library.index import Query
from studio.library.library import Library
from studio.library.metadata.making import read_making
from studio.library.paths import find_paths
from studio.library.settings import Settings, SettingsFile
from tests.library import things
from tests.opened import open_window

CLIMBING = [
    "../../x",
    "..",
    "../",
    "..\\..\\x",
    "/etc/x",
    "/",
    "C:\\x",
    "C:x",
    "\\\\server\\share\\x",
    "//server/x",
    "~/x",
    "$HOME/x",
    "%TEMP%\\x",
    "a\0b",
    "\0",
    "CON",
    "con.png",
    "NUL .txt",
    "COM1",
    "LPT¹",
    "aux.tar.gz",
    "x" * 5000,
    "x.",
    "x ",
    "...",
    " ",
    ".hidden",
    "-rf",
    "a\u202egnp.exe",
    "a\u200bb",
    "\ufeffx",
    "a:stream",
    "x.png:$DATA",
    "a\nb",
    "\r\n",
    '*?<>|"',
    "{prompt.__class__}",
    "{0}",
    "{}",
    "{",
    "}",
    "{{prompt}}",
    "{prompt!r}",
    "{prompt:>99999999}",
    "%s%n",
    "`touch x`",
    "$(touch x)",
    "\ud800",
    "é" * 300,
    "👨‍👩‍👧‍👦" * 99,
]
SCRIPTS = {
    "Arabic": "قطة حمراء في الليل",
    "Hebrew": "חתול אדום",
    "Hebrew and English": "חתול a red cat אדום 12",
    "Persian": "می‌خواهم",
    "Chinese": "夜里的红猫",
    "Japanese": "赤い猫、夜に",
    "Korean": "빨간 고양이",
    "Thai": "แมวสีแดง",
    "Devanagari": "लाल बिल्ली",
    "Tamil": "சிவப்பு பூனை",
    "Greek": "κόκκινη γάτα",
    "Cyrillic": "красная кошка ё",
    "Georgian": "წითელი კატა",
    "Amharic": "ቀይ ድመት",
    "Khmer": "ឆ្មាក្រហម",
    "Tibetan": "ཞི་མི་དམར་པོ།",
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ",
    "Cuneiform": "𒀭𒊏",
    "Gothic": "𐌲𐌿𐍄",
    "Turkish": "İıĞğ",
    "German": "ẞß",
    "Vietnamese": "mèo đỏ ở đêm",
    "composed": "é",
    "decomposed": "e\u0301",
    "many marks": "z" + "\u0310" * 500,
    "emoji": "🐈‍⬛🎈👩🏽‍🎨🇺🇳",
    "override": "\u202eabc\u202c",
    "isolates": "\u2066a\u2069",
    "joiners": "a\u200d\u200cb",
    "control": "".join(map(chr, range(1, 32))) + "\x7f\x85",
    "NUL": "a\0b",
    "high half": "a\ud800b",
    "low half": "\udc80",
    "swapped halves": "\udc00\ud800",
    "no character": "\uffff\ufffe\U0010ffff",
    "private": "\ue000\U000f0000",
    "line ends": "a\r\nb\rc\u2028d\u2029e\x0bf",
    "markup": "<b>x</b><img src='file:///etc/passwd'>&amp;",
    "spaces": "\u00a0\u3000 \t",
    "a million": "x" * 1_000_000,
    "a million wide": "猫" * 1_000_000,
    "a million emoji": "🐈" * 1_000_000,
}
EVERY_TEXT = pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)


def clean(text: str) -> str:
    """As files and databases take it: halves of surrogate pairs are question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRIPTYCH_HOME", str(tmp_path_factory.mktemp("names")))
        return Library(find_paths())


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", CLIMBING, ids=[repr(name)[:24] for name in CLIMBING])
def test_no_pattern_and_no_prompt_leaves_the_folder(library: Library, tmp_path: Path, pattern: str) -> None:
    item = library.keep(things.image_job(pattern), things.pixels(), pattern)
    assert Path(item.path).parent.parent == library.paths.pictures
    out = tmp_path / "deep" / "out"
    for shape in (pattern, "{prompt}", "{model}", f"{pattern}/{{name}}"):
        (file,) = export([item], options := ExportOptions(folder=str(out), pattern=shape))
        assert file.parent == out
        assert file.name.startswith(Path(preview_name(options, item, 1)).stem)
        assert file.suffix == ".png"
        assert file.name.isprintable()
    assert [path.name for path in tmp_path.rglob("*") if path.parent != out and path.is_file()] == []


# -- language --------------------------------------------------------------------------------------------------------


@EVERY_TEXT
def test_every_language_is_kept_found_and_exported(library: Library, tmp_path: Path, text: str) -> None:
    item = library.keep(things.image_job(text, negative=text), things.pixels(note=text), "m")
    assert item.prompt == text or item.prompt == clean(text)
    making = read_making(Path(item.path))
    assert making is not None
    assert making.data is not None
    assert making.data["job"]["task"]["prompt"] == making.data["notes"]["note"] == clean(text)
    assert library.index.get(item.id) is not None
    for words in (text, text[:50], text[-3:]):
        if words.split():
            assert item.id in {found.id for found in library.search(Query(text=words))}
    for form in ("png", "jpeg", "webp", "tiff"):
        (file,) = export([item], ExportOptions(folder=str(tmp_path), format=form))  # type: ignore[arg-type]
        assert read_making(file) is not None


@EVERY_TEXT
def test_texts_and_films_keep_every_language(library: Library, tmp_path: Path, text: str) -> None:
    plain = clean(text)
    written = library.keep(things.write_job(text), things.text(plain, note=text), "m")
    (file,) = export([written], ExportOptions(folder=str(tmp_path), metadata=False))
    assert file.read_bytes().decode("utf-8") == plain
    for film in (things.gif(), things.mp4(), things.webm()):
        item = library.keep(things.walk_job(), film, text)
        making = read_making(Path(item.path))
        assert making is not None
        assert making.data is not None
        assert making.data["model_name"] == plain


@EVERY_TEXT
def test_the_queue_and_the_settings_keep_every_language(tmp_path: Path, text: str) -> None:
    line = (SavedRun(Job(task=ImageTask(prompt=text, negative=text), model=text), message=text),)
    write_line(tmp_path / "queue.json", line)
    assert read_line(tmp_path / "queue.json", task_types()) == (line, "")
    chosen = Settings(model_folders=(text,), rooms={text: {text: [text]}})
    SettingsFile(tmp_path / "settings.json").save(chosen)
    again = SettingsFile(tmp_path / "settings.json")
    assert (again.settings, again.notice) == (chosen, "")


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in SCRIPTS
        if name not in ("NUL", "line ends", "control", "high half", "swapped halves", "markup")
        and len(SCRIPTS[name]) < 100
    ],
)
def test_a_studio_in_a_folder_of_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("TRIPTYCH_HOME", str(tmp_path / SCRIPTS[name]))
    library = Library(find_paths())
    for job, asset in (
        (things.image_job(), things.pixels()),
        (things.walk_job(), things.mp4()),
        (things.write_job(), things.text()),
    ):
        item = library.keep(job, asset, "m")
        assert library.index.at(item.path) is not None
        if asset.kind != "words":
            assert library.thumbnail(item, 8).exists()
        export([item], ExportOptions(folder=str(tmp_path / f"{SCRIPTS[name]} out")))
    library.index.path.with_name("library.sqlite.rebuild").touch()
    assert library.rebuild() == 0
    library.close()
    for part in library.paths.data.glob("library.sqlite*"):
        part.unlink()
    again = Library(find_paths())
    assert again.rebuild() == 3
    again.close()


def test_text_boxes_hold_every_language(qtbot: QtBot) -> None:
    with open_window(qtbot) as opened:
        for text in SCRIPTS.values():
            for room in ("image",):
                opened.window.enter(room)
                panel = opened.window.panel()
                panel.prompt.set_text(text)
                panel.remember()
                kept = opened.services.remembered(room)["task"]["prompt"]
                assert kept in text.replace("\r\n", "\n") or len(kept) <= len(text)
            opened.window.enter("library")
            opened.window.panel().search.setText(text)
            opened.window.panel().refresh()
        with qtbot.waitSignal(opened.services.library_changed):
            opened.library.keep(things.image_job("x"), things.pixels(), "m")
            opened.services.library_changed.emit()


ANY = st.text() | st.text(alphabet="\"'*%_\\^:()-+{}[]NEAR AND OR NOT prompt\0\ud800猫é")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(ANY, ANY)
def test_any_search_finds_the_prompt_that_holds_it(library: Library, before: str, words: str) -> None:
    """As the one before it: every word of the search must be in the prompt."""
    item = library.keep(things.image_job(before + words), things.pixels(size=1), "m")
    try:
        assert item.id in {found.id for found in library.search(Query(text=words))}
    finally:
        library.index.remove(item.id)
        Path(item.path).unlink()


# -- time ------------------------------------------------------------------------------------------------------------


def test_a_clock_that_is_set_back_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made then is kept, found, its own, and after a crash not forgotten, in the folder of its day."""
    library, real = Library(find_paths()), time.time
    years = [0, -1, -30, 0, 60, -1]
    made = []
    for number, year in enumerate(years):
        monkeypatch.setattr(time, "time", lambda year=year: real() + year * 365 * 86400)
        made.append(library.keep(things.image_job(f"number {number}"), things.pixels(), "m"))
    assert len({item.id for item in made}) == len({item.path for item in made}) == len(years)
    found = library.search(Query())
    assert {item.id for item in found} == {item.id for item in made}
    assert [item.created for item in found] == sorted((item.created for item in made), reverse=True)
    assert [item.id for item in found if item.id in (made[1].id, made[5].id)] == [made[5].id, made[1].id]
    library.close()


def test_what_a_crash_left_is_found_in_an_older_day_too() -> None:
    """The clock was ahead for four days, is right again, and the program is killed."""
    library = Library(find_paths())
    item = library.keep(things.image_job(), things.pixels(), "m")
    day = Path(item.path).parent
    for number in range(4):
        (library.paths.pictures / f"2999-01-0{number + 1}").mkdir()
    library.index.remove(item.id)
    library.close()
    half = day / unfinished_name(".png")
    half.write_bytes(b"half")
    os.utime(half, (1, 1))
    again = Library(find_paths())
    again.clean_up()
    assert not half.exists()
    assert again.rebuild() == 1
    again.close()


def test_a_leftover_from_the_future_is_cleaned(tmp_path: Path) -> None:
    half = tmp_path / f"{PREFIX}{'0' * 8}-4711-0123abcd-0123456789ab.png"
    half.write_bytes(b"half")
    os.utime(half, (time.time() + 9e6, time.time() + 9e6))
    assert clean_leftovers(tmp_path, Path.unlink) == 1
    assert not half.exists()


@pytest.mark.parametrize("created", [1e300, -1e300, -1.0, 253_402_300_800.0, 1e12])
def test_a_file_from_no_calendar_is_found_and_exported(tmp_path: Path, created: float) -> None:
    library = Library(find_paths())
    kept = library.keep(things.image_job(), things.pixels(), "m")
    path = Path(kept.path)
    making = read_making(path)
    assert making is not None
    assert making.data is not None
    library.index.remove(kept.id)
    old = json.dumps(making.data["created"]).encode()
    from tests.hostile import bytes_of

    assert old
    path.write_bytes(bytes_of.ours({**making.data, "created": created}))
    assert library.rebuild() == 1
    (item,) = library.search(Query())
    assert export([item], ExportOptions(folder=str(tmp_path / "out"), pattern="{date} {time}"))
    library.close()
