"""Generators whose pictures are wide, transparent or grey: the Latent room's runners leave them so."""

import io
from pathlib import Path

import av
import pytest
import torch
from PIL import Image
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPixmap
from pytestqt.qtbot import QtBot

from studio.cli import main
from studio.core.values import Asset
from studio.features.latent.runs.latent import render
from studio.features.latent.runs.search import drag_points, invert
from studio.features.latent.runs.walk import walk
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from studio.features.latent.tasks.search import DragTask, InvertTask
from studio.features.latent.ui.widgets.seed_map import SeedMap
from studio.ml.load.gan import load_generator, save_generator
from studio.ml.nets.stylegan2 import Config, Generator
from studio.ui.pixels import inside, to_qimage
from tests.configuring import change_config
from tests.recording import RecordingContext

WIDE = (64, 32)
"""Width and height."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    config = Config(
        z_dim=8, w_dim=8, resolution=32, channels=(8, 8, 8, 8), mapping_layers=2, img_channels=4, base=(4, 8)
    )
    folder = tmp_path_factory.mktemp("shapes") / "wide"
    save_generator(Generator(config), folder)
    return folder


@pytest.fixture
def context(folder: Path, one_thread: None) -> RecordingContext:
    change_config(device="cpu")
    return RecordingContext(address=str(folder))


def test_pictures_are_wide_and_transparent(context: RecordingContext, folder: Path) -> None:
    render(LatentTask(seeds=(3,), psi=0.5), context)
    (asset,) = context.assets
    assert (asset.width, asset.height, asset.mode) == (*WIDE, "RGBA")
    generator = load_generator(folder)
    z = context.assets[0].notes["seed"]
    assert z == 3
    shown = to_qimage(asset)
    assert (shown.width(), shown.height(), shown.hasAlphaChannel()) == (*WIDE, True)
    seen = [shown.pixelColor(5, 7).getRgb(), shown.pixelColor(60, 30).getRgb()]
    image = Image.frombytes("RGBA", WIDE, asset.data)
    assert seen == [image.getpixel((5, 7)), image.getpixel((60, 30))]
    assert generator.extent == WIDE[::-1]


@pytest.mark.parametrize(
    ("form", "size", "extent", "mode"), [("gif", 0, WIDE, "RGB"), ("png", 0, WIDE, "RGBA"), ("mp4", 64, (128, 64), "")]
)
def test_films_are_wide_too(
    context: RecordingContext, form: str, size: int, extent: tuple[int, int], mode: str
) -> None:
    walk(WalkTask(seeds=(1, 2), seconds=0.5, format=form, size=size, rate=8), context)
    (clip,) = context.assets
    assert (clip.width, clip.height) == extent
    if form == "mp4":
        with av.open(io.BytesIO(clip.data)) as film:
            assert (film.streams.video[0].width, film.streams.video[0].height) == extent
    else:
        with Image.open(io.BytesIO(clip.data or clip.frames[0])) as frame:
            assert frame.size == extent
            assert frame.convert("RGB").mode == "RGB"
            assert mode in ("RGB", frame.mode)


def test_what_is_searched_and_pulled_is_wide(context: RecordingContext, tmp_path: Path) -> None:
    Image.new("RGB", (300, 90), (10, 200, 30)).save(tmp_path / "given.png")
    invert(InvertTask(image=str(tmp_path / "given.png"), steps=2, fine=1, starts=1), context)
    drag_points(DragTask(pulls=((0.9, 0.5, 0.8, 0.5),), steps=2), context)
    assert [(asset.width, asset.height, asset.mode) for asset in context.assets] == [(*WIDE, "RGBA")] * 2
    ((x, y),) = context.assets[1].notes["handles"]
    assert x == pytest.approx(0.9, abs=0.2)
    assert y == pytest.approx(0.5, abs=0.4)


def test_a_picture_stands_whole_in_its_place(qapp: object) -> None:
    wide, place = QPixmap(64, 32), QRectF(10, 20, 50, 50)
    assert inside(place, wide) == QRectF(10, 32.5, 50, 25)
    assert inside(place, QPixmap(32, 64)) == QRectF(22.5, 20, 25, 50)
    assert inside(place, QPixmap()) == place


def test_the_map_shows_wide_pictures_wide(qtbot: QtBot) -> None:
    seeds = SeedMap()
    qtbot.addWidget(seeds)
    seeds.resize(400, 300)
    seeds.show()
    red = bytes((255, 0, 0)) * (64 * 32)
    seeds.set_picture(0, Asset(kind="pixels", data=red, width=64, height=32))
    image = seeds.grab().toImage()
    rows = [
        y for y in range(image.height()) if image.pixelColor(seeds._rect(0, 0).center().toPoint().x(), y).red() > 250
    ]
    assert len(rows) == pytest.approx(seeds._rect(0, 0).height() / 2, abs=2)


def test_the_file_is_transparent(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["latent", "--seeds", "3", "--model", str(folder), "--out", str(tmp_path / "out")]) == 0
    with Image.open(capsys.readouterr().out.strip()) as image:
        assert (image.size, image.mode) == (WIDE, "RGBA")
