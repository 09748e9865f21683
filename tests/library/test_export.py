"""Export: ordinary files, under safe names, over nothing."""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from studio.core.errors import StudioError
from studio.core.values import Asset
from studio.library.export import ExportOptions, Format, export, preview_name, preview_names
from studio.library.index import Item
from studio.library.library import Library
from studio.library.metadata.making import read_making
from tests.library import things
from tests.library.things import contents
from tests.pictures.profiles import P3, rgb_profile

FORMATS: tuple[Format, ...] = ("png", "jpeg", "webp", "tiff")


@pytest.fixture
def library() -> Iterator[Library]:
    opened = things.library()
    yield opened
    opened.close()


@pytest.fixture
def picture(library: Library) -> Item:
    return library.keep(things.image_job("a café, 猫", negative="dog"), things.pixels(7, 64, scheduler="Euler a"), "m")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def options(out: Path, **changes: object) -> ExportOptions:
    return msgspec.convert({"folder": str(out), **changes}, ExportOptions)


@pytest.mark.parametrize("form", FORMATS)
def test_formats_keep_the_metadata(picture: Item, out: Path, form: Format) -> None:
    (path,) = export([picture], options(out, format=form))
    making = read_making(path)
    assert making is not None
    assert (making.info.prompt, making.info.negative) == ("a café, 猫", "dog")
    assert making.info.pairs["Seed"] == "7"
    assert (making.data is not None) == (form == "png")
    with Image.open(path) as image:
        assert image.format == form.upper()
        assert image.size == (64, 64)
        if form in ("png", "tiff"):
            assert image.tobytes() == things.pixels(7, 64).data


@pytest.mark.parametrize("form", FORMATS)
def test_formats_without_metadata(picture: Item, out: Path, form: Format) -> None:
    (path,) = export([picture], options(out, format=form, metadata=False))
    assert read_making(path) is None
    raw = path.read_bytes()
    for word in ("starter:scenes", "dog", "Steps"):
        assert word.encode() not in raw
        assert word.encode("utf-16-be") not in raw


@pytest.mark.parametrize(("edge", "size"), [(0, (64, 32)), (16, (16, 8)), (128, (128, 64)), (1, (1, 1))])
def test_sizes(library: Library, out: Path, edge: int, size: tuple[int, int]) -> None:
    asset = msgspec.structs.replace(things.pixels(), data=bytes(64 * 32 * 3), width=64, height=32)
    (path,) = export([library.keep(things.image_job(), asset, "m")], options(out, size=edge))
    with Image.open(path) as image:
        assert image.size == size


def test_quality(picture: Item, out: Path) -> None:
    low, high = (export([picture], options(out, format="jpeg", quality=q))[0].stat().st_size for q in (20, 95))
    assert low < high


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency(picture: Item, out: Path, form: Format, mode: str) -> None:
    """A picture that was edited in another program."""
    image = Image.new("RGBA", (8, 8), (200, 0, 0, 0)).convert(mode)
    options_of_mode: dict[str, Any] = {"transparency": 0} if mode == "P" else {}
    image.save(picture.path, **options_of_mode)
    (path,) = export([picture], options(out, format=form, size=4))
    with Image.open(path) as exported:
        pixel = exported.convert("RGBA").getpixel((0, 0))
    assert isinstance(pixel, tuple)
    assert pixel[:3] == (255, 255, 255) if form == "jpeg" else pixel[3] == 0


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("size", [0, 16])
def test_colours_keep_their_profile(picture: Item, out: Path, form: Format, size: int) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with Image.open(picture.path) as image:
        copy = image.copy()
    copy.save(picture.path, icc_profile=profile)
    for metadata in (True, False):
        (path,) = export([picture], options(out, format=form, size=size, metadata=metadata))
        with Image.open(path) as exported:
            assert exported.info["icc_profile"] == profile


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("profile", [b"", rgb_profile(P3, 2.2), b"no profile"], ids=["none", "P3", "broken"])
def test_exports_are_in_srgb_and_say_so(picture: Item, out: Path, form: Format, profile: bytes) -> None:
    Image.new("RGB", (32, 32), (200, 80, 60)).save(picture.path, icc_profile=profile)
    (path,) = export([picture], options(out, format=form, quality=100))
    with Image.open(path) as exported:
        pixel = exported.getpixel((16, 16))
        said = exported.info.get("icc_profile")
        assert exported.info.get("srgb") == 0 if form == "png" else said
    if said:
        assert ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(said))).startswith("sRGB")
    seen = (218, 67, 47) if b"RGB XYZ" in profile else (200, 80, 60)
    assert isinstance(pixel, tuple)
    assert all(abs(a - b) <= 4 for a, b in zip(pixel, seen, strict=True))


def test_exports_of_a_turned_photo_are_upright_and_claim_no_turn(picture: Item, out: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for form in FORMATS:
        Image.new("RGB", (40, 20)).save(picture.path, "TIFF", exif=exif)
        (path,) = export([picture], options(out, format=form))
        with Image.open(path) as exported:
            assert exported.size == (20, 40)
            assert exported.getexif().get(0x0112, 1) == 1


def test_the_index_knows_what_an_edited_file_forgot(picture: Item, out: Path) -> None:
    Image.new("RGB", (4, 4)).save(picture.path)
    (path,) = export([picture], options(out))
    making = read_making(path)
    assert making is not None
    assert making.data is not None
    assert making.data["job"] == picture.job


def test_a_prompt_too_long_for_a_jpeg_goes_beside_it(library: Library, out: Path) -> None:
    item = library.keep(things.image_job("balloon " * 10_000), things.pixels(), "m")
    out.mkdir()
    (out / "a.txt").write_text("mine", encoding="utf-8")
    (path,) = export([item], options(out, format="jpeg", pattern="b"))
    assert contents(out) == {"a.txt", "b.jpg", "b.txt"}
    making = read_making(path)
    assert making is not None
    assert len(making.info.prompt) > 70_000
    export([item], options(out, format="jpeg", pattern="a"))
    assert (out / "a.txt").read_text(encoding="utf-8") == "mine"


def test_texts(library: Library, out: Path) -> None:
    item = library.keep(things.write_job("Once"), things.text("upon\r\n---\n猫", seed=3), "m")
    kept, plain = (export([item], options(out, metadata=metadata))[0] for metadata in (True, False))
    assert (kept.suffix, plain.suffix) == (".md", ".txt")
    assert kept.read_bytes() == Path(item.path).read_bytes()
    assert plain.read_bytes() == "upon\r\n---\n猫".encode()


@pytest.mark.parametrize(
    "asset",
    [things.gif(), things.mp4(), things.webm(), things.single_frames()],
    ids=["gif", "mp4", "webm", "frames"],
)
def test_films(library: Library, out: Path, asset: Asset) -> None:
    item = library.keep(things.walk_job(), asset, "m")
    kept, plain = (export([item], options(out, metadata=metadata))[0] for metadata in (True, False))
    making = read_making(kept)
    assert making is not None
    assert making.data is not None
    if asset.format == "png":
        assert contents(plain) == {"00000.png", "00001.png", "00002.png", "00003.png"}
        assert (kept / "00002.png").read_bytes() == asset.frames[2]
    else:
        assert kept.read_bytes() == Path(item.path).read_bytes()
        assert read_making(plain) is None


def test_nothing_is_written_over(picture: Item, out: Path) -> None:
    names = [export([picture], options(out, pattern="same"))[0].name for _ in range(3)]
    assert names == ["same.png", "same-2.png", "same-3.png"]
    (first,) = export([picture], options(Path(picture.path).parent, pattern="{name}"))
    assert first != Path(picture.path)


def test_names(picture: Item, out: Path) -> None:
    pattern = "{number}_{model}_{seed}_{prompt}_{name}"
    name = preview_name(options(out, pattern=pattern, format="jpeg"), picture, 3)
    assert name.startswith("003_m_7_a café, 猫_")
    assert name.endswith(".jpg")
    assert preview_name(options(out, pattern=""), picture, 12) == "012.png"
    assert preview_name(options(out, pattern="../.."), picture, 12) == "012.png"
    written = export([picture, picture], options(out, pattern=pattern))
    assert [path.name[:3] for path in written] == ["001", "002"]


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(alphabet="./\\\x00{}promtCON-~ 😀\ud800\u202e"), st.text(max_size=100))
def test_no_pattern_leaves_the_folder(picture: Item, out: Path, pattern: str, prompt: str) -> None:
    item = msgspec.structs.replace(picture, prompt=prompt)
    chosen = options(out, pattern=pattern, size=2)
    (path,) = export([item], chosen)
    assert path.parent == out
    assert path.is_file()
    assert Path(preview_name(chosen, item, 1)).name == preview_name(chosen, item, 1)
    path.unlink()


def test_trouble_has_its_sentence(picture: Item, library: Library, out: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(StudioError, match="there is a file where its folder should be"):
        export([picture], options(tmp_path / "file"))
    other = library.keep(things.image_job(), things.pixels(), "m")
    content = Path(picture.path).read_bytes()
    Path(picture.path).write_bytes(content[: len(content) // 2])
    with pytest.raises(StudioError, match="damaged"):
        export([other, picture], options(out))
    assert len(contents(out)) == 1
    Path(picture.path).unlink()
    with pytest.raises(StudioError, match="no longer there"):
        export([picture], options(out))
    film = library.keep(things.walk_job(), things.mp4(), "m")
    Path(film.path).write_bytes(b"no film")
    with pytest.raises(StudioError, match="its video can't be read"):
        export([film], options(out, metadata=False))


def test_equal_names_are_numbered_without_trying_each_of_them_again(
    library: Library, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = library.keep(things.write_job(), things.text(), "m")
    for _ in range(2):  # beside those of an earlier export, too
        export([item] * 150, options(out, pattern="same"))
    assert contents(out) == {"same.md", *(f"same-{number}.md" for number in range(2, 301))}
    asked: list[object] = []
    real = os.path.lexists
    monkeypatch.setattr(os.path, "lexists", lambda path: (asked.append(path), real(path))[1])
    export([item] * 150, options(out, pattern="same"))
    assert len(asked) < 2 * 450


def test_a_name_that_somebody_else_takes_meanwhile_is_passed_over(library: Library, out: Path) -> None:
    items = [library.keep(things.write_job(), things.text(), "m")] * 3

    def meanwhile() -> bool:
        out.mkdir(exist_ok=True)
        (out / "same-2.md").touch()
        return False

    assert [path.name for path in export(items, options(out, pattern="same"), meanwhile)] == [
        "same.md",
        "same-3.md",
        "same-4.md",
    ]


def test_the_preview_tells_equal_names_apart_as_the_export_does(picture: Item, out: Path) -> None:
    pictures = [picture] * 3
    asked = options(out, pattern="same")
    assert preview_names(asked, pictures) == ["same.png", "same-2.png", "same-3.png"]
    assert [path.name for path in export(pictures, asked)] == ["same.png", "same-2.png", "same-3.png"]
