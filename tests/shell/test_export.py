"""Export from the Library, by mouse and keyboard: what is chosen, how it shall be, and the files on the disk."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QAbstractSpinBox, QDialog, QFileDialog, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from studio.library import export as exporting_module
from studio.library.metadata.making import read_making
from tests.opened import ask_menu, in_dialog, in_menu, press
from tests.shell.conftest import Opened
from tests.shell.rooms import CONTROL, LEFT, generate, room

PROMPTS = ("a red balloon", "a teal kite", "a/b: <c>")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "for the printer"


@pytest.fixture
def library(qtbot: QtBot, opened: Opened) -> Any:
    """The Library with three pictures, the newest first."""
    for prompt in PROMPTS:
        generate(qtbot, opened, prompt)
    panel = room(opened, "library")
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == len(PROMPTS))
    return panel


def click(qtbot: QtBot, panel: Any, row: int, *, more: bool = False) -> None:
    """Click the thumbnail at ``row``; ``more`` leaves those that are chosen."""
    spot = panel.grid.visualRect(panel.grid.model().index(row, 0)).center()
    qtbot.mouseClick(panel.grid.viewport(), LEFT, CONTROL if more else Qt.KeyboardModifier.NoModifier, spot)


def exporting(qtbot: QtBot, panel: Any, use: Callable[[Any], object]) -> None:
    in_dialog(lambda: qtbot.mouseClick(panel.export, LEFT), use)


def retype(qtbot: QtBot, box: QLineEdit | QAbstractSpinBox, text: str) -> None:
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, text)


def run(qtbot: QtBot, dialog: Any, out: Path, pattern: str = "{number}") -> list[Path]:
    """Press Export and wait until the dialog has gone; returns the files."""
    retype(qtbot, dialog.folder, str(out))
    retype(qtbot, dialog.pattern, pattern)
    qtbot.mouseClick(dialog.go, LEFT)
    qtbot.waitUntil(lambda: not dialog.isVisible())
    return sorted(out.iterdir())


def test_what_is_chosen_in_the_grid_is_exported_and_no_more(
    qtbot: QtBot, opened: Opened, library: Any, out: Path
) -> None:
    assert not library.export.isEnabled()
    click(qtbot, library, 0)
    click(qtbot, library, 2, more=True)

    def use(dialog: Any) -> None:
        assert dialog.go.text() == "Export 2"
        files = run(qtbot, dialog, out, "{number} {prompt}")
        assert [file.name for file in files] == ["001 a b c.png", "002 a red balloon.png"]

    exporting(qtbot, library, use)
    assert "2 files exported" in opened.window._toasts.messages


def test_the_folder_is_shown_when_one_asks(
    qtbot: QtBot, opened: Opened, library: Any, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: shown.append(url.toLocalFile()))
    click(qtbot, library, 0)
    exporting(qtbot, library, lambda dialog: run(qtbot, dialog, out))
    press(qtbot, opened.window, "Show")
    assert shown == [str(out)]


def test_names_are_shown_while_one_types_them(qtbot: QtBot, library: Any, out: Path) -> None:
    for row in range(3):
        click(qtbot, library, row, more=row > 0)

    def use(dialog: Any) -> None:
        seen = []
        dialog.pattern.setFocus()
        dialog.pattern.selectAll()
        for key in "{number}_{seed}":
            qtbot.keyClicks(dialog.pattern, key)
            seen.append(dialog._preview.text().splitlines()[0])
        assert seen[0].startswith("There is no placeholder {.")
        assert seen[-1] == "001_7.png"
        assert dialog._preview.text().splitlines() == ["001_7.png", "002_7.png", "and 1 more"]
        qtbot.keyClick(dialog.format, Qt.Key.Key_Down)
        assert dialog._preview.text().splitlines()[0] == "001_7.jpg"
        promised = dialog._preview.text().splitlines()[:2]
        files = run(qtbot, dialog, out, "{number}_{seed}")
        assert [file.name for file in files][:2] == promised

    exporting(qtbot, library, use)


def test_names_never_leave_the_folder(qtbot: QtBot, library: Any, out: Path) -> None:
    click(qtbot, library, 0)

    def use(dialog: Any) -> None:
        retype(qtbot, dialog.pattern, "../../{prompt}/x")
        assert dialog._preview.text() == "a b c x.png"
        assert [file.name for file in run(qtbot, dialog, out, "../../{prompt}/x")] == ["a b c x.png"]

    exporting(qtbot, library, use)


@pytest.mark.parametrize(("key", "format"), [("P", "PNG"), ("J", "JPEG"), ("W", "WEBP"), ("T", "TIFF")])
def test_format_and_size_hold_in_the_file(qtbot: QtBot, library: Any, out: Path, key: str, format: str) -> None:
    click(qtbot, library, 0)

    def use(dialog: Any) -> None:
        qtbot.keyClicks(dialog.format, key)
        assert dialog.quality.isEnabled() == (format in ("JPEG", "WEBP"))
        retype(qtbot, dialog.size_box, "48")
        (file,) = run(qtbot, dialog, out)
        with Image.open(file) as image:
            assert (image.format, image.size) == (format, (48, 48))

    exporting(qtbot, library, use)


def test_quality_makes_the_file_larger(qtbot: QtBot, library: Any, out: Path) -> None:
    sizes = []
    click(qtbot, library, 0)
    for quality in ("5", "100"):

        def use(dialog: Any, quality: str = quality) -> None:
            qtbot.keyClicks(dialog.format, "J")
            retype(qtbot, dialog.quality, quality)
            retype(qtbot, dialog.size_box, "256")
            sizes.append(run(qtbot, dialog, out / quality)[0].stat().st_size)

        exporting(qtbot, library, use)
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize("keep", [True, False])
def test_metadata_is_kept_or_stripped(qtbot: QtBot, library: Any, out: Path, keep: bool) -> None:
    click(qtbot, library, 2)

    def use(dialog: Any) -> None:
        assert dialog.metadata.isChecked()
        if not keep:
            qtbot.keyClick(dialog.metadata, Qt.Key.Key_Space)
        (file,) = run(qtbot, dialog, out)
        making = read_making(file)
        assert (making.info.prompt if making else None) == ("a red balloon" if keep else None)
        assert (b"balloon" in file.read_bytes()) == keep

    exporting(qtbot, library, use)


def test_the_next_export_begins_as_the_last_one_was(qtbot: QtBot, library: Any, out: Path) -> None:
    click(qtbot, library, 0)

    def first(dialog: Any) -> None:
        qtbot.keyClicks(dialog.format, "W")
        retype(qtbot, dialog.quality, "40")
        run(qtbot, dialog, out, "{seed}")

    def again(dialog: Any) -> None:
        options = dialog.options()
        assert (options.folder, options.format, options.quality, options.pattern) == (str(out), "webp", 40, "{seed}")
        qtbot.mouseClick(dialog.go, LEFT)
        qtbot.waitUntil(lambda: not dialog.isVisible())

    exporting(qtbot, library, first)
    exporting(qtbot, library, again)
    assert sorted(file.name for file in out.iterdir()) == ["7-2.webp", "7.webp"]


def test_esc_exports_nothing(qtbot: QtBot, library: Any, out: Path) -> None:
    click(qtbot, library, 0)

    def use(dialog: Any) -> None:
        retype(qtbot, dialog.folder, str(out))
        qtbot.keyClick(dialog.folder, Qt.Key.Key_Escape)
        assert not dialog.isVisible()

    exporting(qtbot, library, use)
    assert not out.exists()


@pytest.mark.qt_log_ignore("This plugin does not support")  # menus want more than there is without a screen
def test_closed_dialogs_and_menus_are_let_go_of(qtbot: QtBot, opened: Opened, library: Any, out: Path) -> None:
    click(qtbot, library, 0)
    exporting(qtbot, library, lambda dialog: qtbot.keyClick(dialog, Qt.Key.Key_Escape))
    exporting(qtbot, library, lambda dialog: run(qtbot, dialog, out))

    def hurry(dialog: Any) -> None:
        """Close it while it exports."""
        retype(qtbot, dialog.folder, str(out))
        qtbot.mouseClick(dialog.go, LEFT)
        qtbot.keyClick(dialog.folder, Qt.Key.Key_Escape)

    exporting(qtbot, library, hurry)
    qtbot.waitUntil(lambda: len(list(out.iterdir())) == 2)
    qtbot.waitUntil(lambda: opened.window.findChildren(QDialog) == [])

    spot = library.grid.visualRect(library.grid.model().index(0, 0)).center()
    in_menu(lambda: ask_menu(library.grid.viewport(), spot), "Star or unstar")
    qtbot.waitUntil(lambda: library.findChildren(QMenu) == [])


def test_trouble_is_said_in_the_dialog_which_stays_open(qtbot: QtBot, library: Any, out: Path) -> None:
    out.write_bytes(b"mine")
    click(qtbot, library, 0)

    def use(dialog: Any) -> None:
        retype(qtbot, dialog.folder, " ")
        qtbot.mouseClick(dialog.go, LEFT)
        assert dialog._trouble.text() == "Choose a folder first."
        retype(qtbot, dialog.folder, str(out))
        qtbot.mouseClick(dialog.go, LEFT)
        assert not dialog.go.isEnabled()
        qtbot.waitUntil(dialog.go.isEnabled)
        assert "there is a file where its folder should be" in dialog._trouble.text()
        assert dialog._trouble.isVisible()
        out.unlink()
        assert len(run(qtbot, dialog, out)) == 1

    exporting(qtbot, library, use)


def test_trouble_after_the_dialog_was_closed_is_said_all_the_same(
    qtbot: QtBot, opened: Opened, library: Any, out: Path
) -> None:
    out.write_bytes(b"mine")
    click(qtbot, library, 0)

    def use(dialog: Any) -> None:
        retype(qtbot, dialog.folder, str(out))
        qtbot.mouseClick(dialog.go, LEFT)
        qtbot.keyClick(dialog.folder, Qt.Key.Key_Escape)

    exporting(qtbot, library, use)
    toasts = opened.window._toasts
    qtbot.waitUntil(lambda: any("there is a file where its folder should be" in words for words in toasts.messages))


@pytest.mark.qt_log_ignore("This plugin does not support")  # menus want more than there is without a screen
def test_the_folder_is_chosen_and_the_menu_exports_too(
    qtbot: QtBot, library: Any, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(out))
    click(qtbot, library, 1)

    def use(dialog: Any) -> None:
        qtbot.mouseClick(dialog.choose, LEFT)
        assert dialog.folder.text() == str(out)
        qtbot.mouseClick(dialog.go, LEFT)
        qtbot.waitUntil(lambda: not dialog.isVisible())

    spot = library.grid.visualRect(library.grid.model().index(1, 0)).center()
    in_dialog(lambda: in_menu(lambda: ask_menu(library.grid.viewport(), spot), "Export…"), use)
    assert len(list(out.iterdir())) == 1


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("{foo}", "{foo}"), ("{date}-{Prompt}", "{Prompt}"), ("{prompt", "{"), ("{}", "{}"), ("{prompt:9}", "{prompt:9}")],
)
def test_a_place_that_there_is_not_is_said_and_taken_for_nothing_else(
    qtbot: QtBot, library: Any, out: Path, pattern: str, said: str
) -> None:
    click(qtbot, library, 0)

    def use(dialog: Any) -> None:
        retype(qtbot, dialog.folder, str(out))
        retype(qtbot, dialog.pattern, pattern)
        assert dialog._preview.text().startswith(f"There is no placeholder {said}. Available: {{date}}")
        assert not dialog.go.isEnabled()
        dialog.pattern.clear()
        dialog.places.menu().actions()[2].trigger()
        assert dialog.pattern.text() == "{prompt}"
        assert dialog._preview.text() == "a b c.png"
        assert dialog.go.isEnabled()

    exporting(qtbot, library, use)


def test_a_folder_that_failed_is_not_remembered(
    qtbot: QtBot, library: Any, home: Path, out: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    click(qtbot, library, 0)

    def fail(dialog: Any) -> None:
        assert dialog.folder.text() == str(home / "Pictures" / "Export")
        retype(qtbot, dialog.folder, str(tmp_path / "file" / "below"))
        qtbot.mouseClick(dialog.go, LEFT)
        qtbot.waitUntil(dialog._trouble.isVisible)

    def look(dialog: Any) -> None:
        assert dialog.folder.text() == str(home / "Pictures" / "Export")
        run(qtbot, dialog, out, "{number}")

    def remembered(dialog: Any) -> None:
        assert dialog.folder.text() == str(out)

    exporting(qtbot, library, fail)
    exporting(qtbot, library, look)
    exporting(qtbot, library, remembered)


class Held:
    """An export that stands still in its second file until it is let go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.goes_on = threading.Event(), threading.Event()
        self._count, self._real = 0, exporting_module._encode
        monkeypatch.setattr(exporting_module, "_encode", self)

    def __call__(self, *rest: Any) -> None:
        self._count += 1
        if self._count == 2:
            self.begun.set()
            self.goes_on.wait()
        self._real(*rest)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    made = Held(monkeypatch)
    yield made
    made.goes_on.set()


@pytest.mark.parametrize("way", ["in the dialog", "after it was closed"])
def test_an_export_can_be_stopped_and_leaves_whole_files(
    qtbot: QtBot, opened: Opened, library: Any, out: Path, held: Held, way: str
) -> None:
    for row in range(3):
        click(qtbot, library, row, more=row > 0)

    def use(dialog: Any) -> None:
        assert not dialog.stop.isVisible()
        assert dialog.leave_it.text() == "Cancel"
        retype(qtbot, dialog.folder, str(out))
        retype(qtbot, dialog.pattern, "{number}")
        qtbot.mouseClick(dialog.go, LEFT)
        assert held.begun.wait(20)
        assert dialog.leave_it.text() == "Close"  # for it cancels nothing now
        qtbot.waitUntil(lambda: (dialog.bar.value(), dialog.far.text()) == (1, "1 / 3"))
        assert dialog.bar.isVisible()
        if way == "in the dialog":
            qtbot.mouseClick(dialog.stop, LEFT)
            held.goes_on.set()
            qtbot.waitUntil(lambda: not dialog.isVisible())
        else:
            qtbot.keyClick(dialog.folder, Qt.Key.Key_Escape)

    exporting(qtbot, library, use)
    if way != "in the dialog":
        press(qtbot, opened.window._toasts, "Stop")
        held.goes_on.set()
    qtbot.waitUntil(lambda: "2 files exported" in opened.window._toasts.messages)
    assert sorted(path.name for path in out.iterdir()) == ["001.png", "002.png"]
