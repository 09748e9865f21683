"""A trip through Library: export, a file dropped on the window, the trash and back."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.PngImagePlugin import PngInfo
from PySide6.QtCore import Qt

from tests.e2e.driving import Hands, made

pytestmark = [pytest.mark.timeout(300), pytest.mark.qt_log_ignore("propagateSizeHints")]  # no screen, no hints
PROMPT = "a white house by a lake"


@pytest.fixture
def picture(hands: Hands, place: Path) -> Path:
    """A picture that was made here; the first trip that asks makes it."""
    if not made(place, ".png"):
        room = hands.enter("image")
        hands.type(room.prompt.edit, PROMPT)
        hands.number(room.form, "steps", 6)
        hands.seed(room.form, 11)
        hands.finish(hands.make(room.prompt.edit))
    return made(place, ".png")[0]


def choose_the_first(hands: Hands) -> Any:
    """Go to the Library and click its first picture."""
    room = hands.enter("library")
    hands.until(room.grid.keys)
    spot = room.grid.visualRect(room.grid.model().index(0, 0)).center()
    hands.qtbot.mouseClick(room.grid.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert len(room.chosen_items()) == 1
    return room


def test_export_writes_a_jpeg_where_one_wants_it(hands: Hands, picture: Path, tmp_path: Path) -> None:
    room, folder = choose_the_first(hands), tmp_path / "for the printer"

    def use(dialog: Any) -> None:
        hands.qtbot.keyClick(dialog.format, Qt.Key.Key_Down)
        assert dialog.options().format == "jpeg"
        hands.type(dialog.folder, str(folder))
        hands.click(dialog.go)

    hands.in_dialog(lambda: hands.click(room.export), use)

    (file,) = folder.iterdir()
    with Image.open(file) as image:
        assert (image.format, image.size) == ("JPEG", (128, 128))
        comment = image.getexif().get_ifd(IFD.Exif)[Base.UserComment]
    assert PROMPT in bytes(comment[8:]).decode("utf-16-be")


def test_a_dropped_picture_of_ours_brings_its_settings_back(hands: Hands, picture: Path) -> None:
    room = hands.enter("image")
    hands.type(room.prompt.edit, "something else")
    hands.number(room.form, "steps", 33)

    hands.drop(room.viewer.stage, picture)

    hands.until(lambda: room.task().prompt == PROMPT)
    assert (room.task().steps, room.task().seed) == (6, 11)


def test_a_picture_of_automatic1111_dropped_on_the_window_brings_its_settings(hands: Hands, tmp_path: Path) -> None:
    info = PngInfo()
    info.add_text(
        "parameters",
        "a lighthouse, dusk\nNegative prompt: fog\nSteps: 9, Sampler: Euler, CFG scale: 3.5, Seed: 123, Size: 128x96",
    )
    file = tmp_path / "from elsewhere.png"
    Image.new("RGB", (128, 96)).save(file, pnginfo=info)
    room = hands.enter("image")
    before = room.task().prompt

    hands.drop(hands.window, file)
    hands.until(lambda: room.task().prompt != before)

    task = room.task()
    assert (task.prompt, task.negative) == ("a lighthouse, dusk", "fog")
    assert (task.steps, task.guidance, task.seed) == (9, 3.5, 123)
    assert (task.width, task.height) == (128, 96)


def test_what_was_moved_to_the_trash_comes_back(hands: Hands, picture: Path) -> None:
    room = choose_the_first(hands)
    content = picture.read_bytes()

    hands.click(room.delete)
    hands.until(lambda: not room.grid.keys())
    assert not picture.exists()
    hands.press(hands.window, "Undo")

    hands.until(lambda: len(room.grid.keys()) == 1)
    assert picture.read_bytes() == content
