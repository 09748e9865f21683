"""Films that say how they were made, on disks that are full or not."""

import contextlib
import errno
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from studio.core.errors import StudioError
from studio.core.values import Asset
from studio.files.unfinished import temporary_folder
from studio.library.metadata import clips
from studio.library.metadata.clips import with_metadata, without_metadata
from studio.library.metadata.making import read_making
from tests.library import things
from tests.library.metadata.test_making import made


@pytest.mark.parametrize("clip", [things.gif(), things.mp4(), things.webm()], ids=["gif", "mp4", "webm"])
@pytest.mark.parametrize("prompt", ["", "猫 \0 and\n more", "x" * 100_000])
def test_films(tmp_path: Path, clip: Any, prompt: str) -> None:
    path, data = tmp_path / f"a.{clip.format}", made(prompt)
    path.write_bytes(with_metadata(clip.data, clip.format, data, tmp_path))
    making = read_making(path)
    assert making is not None
    assert making.data == data
    assert frames_of(path) == frames_of_bytes(clip.data)
    bare = tmp_path / f"bare.{clip.format}"
    bare.write_bytes(without_metadata(path, tmp_path))
    assert read_making(bare) is None
    assert b"starter:scenes" not in bare.read_bytes()
    assert frames_of(bare) == frames_of_bytes(clip.data)


def test_a_film_is_kept_even_if_nothing_can_be_added(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for form, data in (("mp4", b"no film"), ("webm", b"no film"), ("gif", b"GIF89a" + b"\0" * 7 + b"\x21\xff\x0b")):
        assert with_metadata(data, form, made(), tmp_path) == data
        assert "kept without its request" in caplog.text


@contextlib.contextmanager
def full(where: Path | None) -> Iterator[Path]:
    """A folder of a full disk: it can be made, but takes no file."""
    if where is None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with temporary_folder(where) as place:
        yield place


@pytest.mark.parametrize("clip", [things.mp4(), things.webm()], ids=["mp4", "webm"])
def test_a_full_folder_of_temporary_files_costs_a_film_nothing(
    tmp_path: Path, clip: Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clips, "temporary_folder", full)
    path, data = tmp_path / f"a.{clip.format}", made()
    path.write_bytes(with_metadata(clip.data, clip.format, data, tmp_path / "new"))
    making = read_making(path)
    assert making is not None
    assert making.data == data
    assert frames_of_bytes(without_metadata(path, tmp_path / "new")) == frames_of_bytes(clip.data)
    assert list((tmp_path / "new").iterdir()) == []


def test_a_full_disk_is_no_damaged_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(things.mp4().data)
    monkeypatch.setattr(clips, "temporary_folder", lambda where: full(None))
    for work in (
        lambda: with_metadata(things.mp4().data, "mp4", made(), tmp_path),
        lambda: without_metadata(path, tmp_path),
    ):
        with pytest.raises(StudioError, match="The disk is full"):
            work()


def frames_of(path: Path) -> list[bytes]:
    return frames_of_bytes(path.read_bytes())


def frames_of_bytes(data: bytes) -> list[bytes]:
    with av.open(io.BytesIO(data)) as film:
        return [frame.to_ndarray(format="rgb24").tobytes() for frame in film.decode(video=0)]


def test_gifs_keep_their_loop(tmp_path: Path) -> None:
    clip = things.gif()
    data = with_metadata(with_metadata(clip.data, "gif", made("first"), tmp_path), "gif", made("second"), tmp_path)
    assert data.index(b"NETSCAPE2.0") < data.index(b"\x21\xfe")
    assert b"first" not in data
    (tmp_path / "a.gif").write_bytes(data)
    with Image.open(tmp_path / "a.gif") as image:
        assert (image.info["loop"], getattr(image, "n_frames", 0)) == (0, 4)
