"""Metadata in real files: in every container, from other tools, and in damaged ones."""

import contextlib
import io
import json
import tempfile
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from studio.core.errors import StudioError
from studio.core.saved import job_from_data
from studio.core.values import Asset
from studio.features import task_types
from studio.library.metadata.clips import with_metadata
from studio.library.metadata.making import read_making
from studio.library.metadata.pictures import exif_of, fits_in_jpeg, to_image, write_png
from studio.library.metadata.request import infotext_of, record
from studio.library.metadata.texts import read_text, write_text
from studio.pictures.opening import read_picture
from tests.library import things

PARAMETERS = "a café at night, 猫\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, Seed: 5, Size: 64x64"


def made(prompt: str = "a café, 猫 and 🎈\nsecond  line") -> dict[str, Any]:
    job = msgspec.structs.replace(things.image_job(prompt, negative="no"), id="j")
    return record(job, things.pixels(), "m", 1.5, "it")


def save_png(path: Path, **texts: str) -> Path:
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    Image.new("RGB", (4, 4)).save(path, pnginfo=info)
    return path


# -- ours --------------------------------------------------------------------------------------------------------------


def test_png(tmp_path: Path) -> None:
    path, data = tmp_path / "a.png", made()
    with path.open("wb") as file:
        write_png(file, to_image(things.pixels()), data)
    making = read_making(path)
    assert making is not None
    assert making.data == data
    assert making.info == infotext_of(data)
    assert job_from_data(making.data["job"], task_types()).model == "starter:scenes"
    with Image.open(path) as image:
        assert image.tobytes() == things.pixels().data
        assert image.info["parameters"].startswith("a café, 猫 and 🎈\nsecond  line\nNegative prompt: no\nSteps: 20")
        assert "srgb" in image.info


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_exif(tmp_path: Path, form: str) -> None:
    path, data = tmp_path / "a.bin", made()
    Image.new("RGB", (4, 4)).save(path, form, exif=exif_of(data))
    making = read_making(path)
    assert making is not None
    assert making.data is None
    assert making.info == infotext_of(data)
    raw = path.read_bytes()
    assert b"UNICODE\0" + "a café".encode("utf-16-be") in raw
    with Image.open(path) as image:
        exif = image.getexif()
        assert 0x9286 not in exif
        assert 0x9286 in exif.get_ifd(0x8769)


def test_exif_too_long_for_a_jpeg(tmp_path: Path) -> None:
    assert fits_in_jpeg(exif_of(made("x" * 30_000)))
    assert not fits_in_jpeg(exif_of(made("x" * 40_000)))
    Image.new("RGB", (4, 4)).save(tmp_path / "a.jpg", exif=exif_of(made("x" * 32_000)))
    Image.new("RGB", (4, 4)).save(tmp_path / "a.webp", exif=exif_of(made("x" * 150_000)))
    making = read_making(tmp_path / "a.webp")
    assert making is not None
    assert len(making.info.prompt) == 150_000


@pytest.mark.parametrize("text", ["plain", "", "---\nprompt: x\n---\n", "a\r\nb\n\n---\n", "\n\nend\n", "猫🎈"])
def test_texts(tmp_path: Path, text: str) -> None:
    data = made("line one\n---\nline: two")
    content = write_text(text, data)
    assert read_text(content) == (text, data)
    (tmp_path / "a.md").write_bytes(content)
    making = read_making(tmp_path / "a.md")
    assert making is not None
    assert making.data == data
    assert content.split(b"\n")[0] == b"---"


@given(st.text(), st.text())
def test_any_text(text: str, prompt: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    assert read_text(write_text(text, made(prompt)))[0] == clean


def test_front_matter_of_others_is_text() -> None:
    for content in ("---\ntitle: mine\n---\nbody", "---\n", "---\ntriptych: {}\n---\nbody", "--- \n"):
        assert read_text(content.encode()) == (content, None)


def test_front_matter_that_an_editor_touched() -> None:
    content = write_text("body", made()).replace(b"\n", b"\r\n")
    assert read_text(b"\xef\xbb\xbf" + content) == ("body", made())


# -- others' -----------------------------------------------------------------------------------------------------------


def test_parameters_of_others(tmp_path: Path) -> None:
    making = read_making(save_png(tmp_path / "a.png", parameters=PARAMETERS))
    assert making is not None
    assert making.data is None
    assert (making.info.prompt, making.info.negative) == ("a café at night, 猫", "dog")


def test_utf8_where_latin1_belongs(tmp_path: Path) -> None:
    wrong = "café\nSteps: 1".encode().decode("latin-1")
    making = read_making(save_png(tmp_path / "a.png", parameters=wrong))
    assert making is not None
    assert making.info.prompt == "café"
    info = PngImagePlugin.PngInfo()
    info.add_itxt("parameters", wrong)  # here it says what it means
    Image.new("RGB", (4, 4)).save(tmp_path / "b.png", pnginfo=info)
    making = read_making(tmp_path / "b.png")
    assert making is not None
    assert making.info.prompt == "cafÃ©"


def test_compressed_and_behind_the_pixels(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", PARAMETERS, zip=True)
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png", pnginfo=info)
    assert read_making(tmp_path / "a.png") is not None
    plain = save_png(tmp_path / "b.png").read_bytes()
    text = save_png(tmp_path / "c.png", parameters="cat\nSteps: 3, Seed: 1").read_bytes()
    chunk = text[text.index(b"tEXt") - 4 : text.index(b"IDAT") - 4]
    end = plain.index(b"IEND") - 4
    (tmp_path / "d.png").write_bytes(plain[:end] + chunk + plain[end:])
    making = read_making(tmp_path / "d.png")
    assert making is not None
    assert making.info.prompt == "cat"


@pytest.mark.parametrize(
    "comment",
    [
        b"UNICODE\0" + PARAMETERS.encode("utf-16-be"),
        b"UNICODE\0" + PARAMETERS.encode("utf-16-le"),
        b"UNICODE\0" + PARAMETERS.encode("utf-16"),
        b"UNICODE\0" + PARAMETERS.encode(),
        b"ASCII\0\0\0" + PARAMETERS.encode(),
        PARAMETERS.encode(),
    ],
)
@pytest.mark.parametrize("in_its_own", [True, False])
def test_comments_of_any_code(tmp_path: Path, comment: bytes, in_its_own: bool) -> None:
    exif = Image.Exif()
    (exif.get_ifd(0x8769) if in_its_own else exif)[0x9286] = comment
    Image.new("RGB", (4, 4)).save(tmp_path / "a.jpg", exif=exif)
    making = read_making(tmp_path / "a.jpg")
    assert making is not None
    assert making.info.prompt == "a café at night, 猫"


CHINESE = "红色的风筝，沙丘，夕阳" * 9
LETTERS = f"{CHINESE}\nSteps: 20, Sampler: Euler a, Seed: 5, Size: 64x64"


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "AVIF"])
@pytest.mark.parametrize("coding", ["utf-16-be", "utf-16-le"])
def test_letters_that_have_no_zeros(tmp_path: Path, form: str, coding: str) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + LETTERS.encode(coding)
    Image.new("RGB", (16, 16)).save(tmp_path / "a.bin", form, exif=exif.tobytes())
    making = read_making(tmp_path / "a.bin")
    assert making is not None
    assert making.info.prompt == CHINESE


def test_a_gifs_comment(tmp_path: Path) -> None:
    Image.new("P", (4, 4)).save(tmp_path / "a.gif", comment=PARAMETERS.encode())
    making = read_making(tmp_path / "a.gif")
    assert making is not None
    assert making.info.negative == "dog"


def test_text_beside_the_picture(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "a.jpg")
    assert read_making(tmp_path / "a.jpg") is None
    (tmp_path / "a.txt").write_text(PARAMETERS, encoding="utf-8")
    for name in ("a.jpg", "a.txt"):
        making = read_making(tmp_path / name)
        assert making is not None
        assert making.info.pairs["Seed"] == "5"


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"parameters": "just some words"},
        {"triptych": "{"},
        {"triptych": '{"triptych": 99, "job": {"task": {}}}'},
        {"triptych": json.dumps({"triptych": 1, "job": None})},
        {"Comment": json.dumps({"uc": "x", "steps": 28})},
    ],
)
def test_files_that_say_nothing(tmp_path: Path, texts: dict[str, str]) -> None:
    assert read_making(save_png(tmp_path / "a.png", **texts)) is None


def test_ours_that_is_broken_still_has_parameters(tmp_path: Path) -> None:
    making = read_making(save_png(tmp_path / "a.png", triptych="{", parameters=PARAMETERS))
    assert making is not None
    assert (making.data, making.info.pairs["Steps"]) == (None, "20")


# -- damaged -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.mp4", "a.webm", "a.md", "a.txt", "a.unknown", "a"])
def test_missing_files(tmp_path: Path, name: str) -> None:
    with pytest.raises(StudioError, match="is no longer there"):
        read_making(tmp_path / name)


@pytest.mark.parametrize("name", ["a.png", "a.gif", "a.mp4", "a.webm", "a.unknown"])
@pytest.mark.parametrize("content", [b"", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\0" * 100])
def test_files_that_are_something_else(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(StudioError, match=r"can read(, or it is damaged|\. Use|: its format)|read: it is damaged"):
        read_making(tmp_path / name)


def test_a_folder_that_may_not_be_looked_into(tmp_path: Path, forbid: Callable[[Path], None]) -> None:
    (tmp_path / "film").mkdir()
    forbid(tmp_path / "film")
    with pytest.raises(StudioError, match="film"):
        read_making(tmp_path / "film")


def test_folders(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="is a folder"):
        read_making(tmp_path)


def test_pictures_that_would_fill_the_memory(tmp_path: Path) -> None:
    content = bytearray(save_png(tmp_path / "a.png").read_bytes())
    for edge in (10_000, 60_000):
        header = b"IHDR" + edge.to_bytes(4) * 2 + bytes(content[24:29])
        content[12:33] = header + zlib.crc32(header).to_bytes(4)
        (tmp_path / "a.png").write_bytes(content)
        with pytest.raises(StudioError, match="too large"):
            read_making(tmp_path / "a.png")


def test_texts_that_would_fill_the_memory(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "x" * 5_000_000, zip=True)
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png", pnginfo=info)
    with pytest.raises(StudioError, match="damaged"):
        read_making(tmp_path / "a.png")


def test_a_million_characters_in_a_picture(tmp_path: Path) -> None:
    path, data = tmp_path / "a.png", made("猫" * 1_000_000)
    with path.open("wb") as file:
        write_png(file, to_image(things.pixels()), data)
    making = read_making(path)
    assert making is not None
    assert making.data == data


def samples() -> dict[str, bytes]:
    found = {}
    for form in ("png", "jpeg", "webp", "gif", "mp4", "webm"):
        file = io.BytesIO()
        if form == "png":
            write_png(file, to_image(things.pixels()), made())
        elif form in ("gif", "mp4", "webm"):
            clip: Asset = getattr(things, form)()
            file.write(with_metadata(clip.data, form, made(), Path(tempfile.gettempdir())))
        else:
            to_image(things.pixels()).save(file, form.upper(), exif=exif_of(made()))
        found[form] = file.getvalue()
    return found


SAMPLES = samples()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_cut_off_and_changed_files(tmp_path: Path, form: str, data: st.DataObject) -> None:
    """A damaged file is read, or refused with a sentence; nothing else ever comes out."""
    content = bytearray(SAMPLES[form])
    length = data.draw(st.integers(0, len(content)))
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / f"a.{form}"
    path.write_bytes(content[:length])
    with contextlib.suppress(StudioError):
        read_making(path)


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "TIFF"])
def test_pixels_that_can_say_nothing_are_not_decoded(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "photo"
    Image.new("RGB", (8, 8)).save(path, form)
    with Image.open(path) as image:
        monkeypatch.setattr(type(image), "load", lambda _: pytest.fail("decoded"))
    assert read_making(path) is None


def test_damaged_exif_is_read_as_far_as_it_goes_without_a_warning(tmp_path: Path) -> None:
    tag = (0x9286).to_bytes(2, "big") + (1).to_bytes(2, "big")
    where = SAMPLES["jpeg"].index(tag)
    content = bytearray(SAMPLES["jpeg"])
    content[where + 4 : where + 8] = b"\x0f\xff\xff\xff"  # so many bytes
    path = tmp_path / "a.jpeg"
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_making(path) is None


def test_pixels_that_are_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(SAMPLES["png"][:-1500])
    making = read_making(path)
    assert making is not None
    assert making.data == made()
    with pytest.raises(StudioError, match="can't be read: it is damaged"):
        read_picture(path)
