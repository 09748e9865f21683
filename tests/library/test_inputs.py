"""What requests bring along is kept once, while something names it, and is the file that it was."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.core.values import FileInput, Job
from studio.features.image.tasks.image import ImageTask
from studio.features.latent.tasks.vae import VaeTask
from studio.files.hashes import file_hash
from studio.library.index import Query
from studio.library.library import Library
from studio.library.paths import Paths
from tests.library import things


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(Paths(tmp_path / "pictures", tmp_path / "data", tmp_path / "cache", tmp_path / "logs"))
    library.rebuild()
    yield library
    library.close()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "own" / "Photo 猫.JPG"
    path.parent.mkdir()
    path.write_bytes(b"a photo")
    return path


def noted(library: Library, *paths: Path) -> Job:
    task = ImageTask(image=str(paths[0])) if len(paths) == 1 else VaeTask(more=tuple(map(str, paths)))
    refusals: list[StudioError] = []
    job = library.inputs.note(Job(task=task), refusals.append)
    assert not refusals
    return job


def image_of(job: Job) -> str:
    assert isinstance(job.task, ImageTask)
    return job.task.image


def copies(library: Library) -> list[Path]:
    return sorted(library.paths.inputs.glob("*"))


def test_a_file_is_kept_once_whatever_it_is_called(library: Library, photo: Path) -> None:
    other = photo.with_name("other.png")
    other.write_bytes(photo.read_bytes())
    job = noted(library, photo, other)
    (copy,) = copies(library)
    digest = file_hash(str(photo))
    assert (copy.name, copy.read_bytes()) == (f"{digest}.jpg", b"a photo")
    assert job.inputs == {
        "more": (
            FileInput(sha256=digest, name="Photo 猫.JPG", path=str(photo)),
            FileInput(sha256=digest, name="other.png", path=str(other)),
        )
    }
    assert noted(library, copy).inputs["image"][0].sha256 == digest
    assert copies(library) == [copy]


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such modes")
def test_copies_are_for_nobody_else(library: Library, photo: Path) -> None:
    noted(library, photo)
    assert [path.stat().st_mode & 0o077 for path in (library.paths.inputs, *copies(library))] == [0, 0]


def test_the_original_is_used_while_it_is_that_file(library: Library, photo: Path) -> None:
    job = noted(library, photo)
    (copy,) = copies(library)
    assert library.inputs.find(job) == job
    os.utime(photo, (1, 1))  # touched
    assert image_of(library.inputs.find(job)) == str(photo)
    photo.write_bytes(b"b photo")  # as long
    assert image_of(library.inputs.find(job)) == str(copy)
    assert library.inputs.note(job, print) == job
    photo.unlink()
    assert image_of(library.inputs.find(job)) == str(copy)
    copy.unlink()
    assert image_of(library.inputs.find(job)) == str(photo)


def test_a_copy_goes_when_nothing_names_it_any_more(library: Library, photo: Path, tmp_path: Path) -> None:
    """At a clean-up of a later start: one item, then a deleted one, then a waiting request names it."""
    first, second = (library.keep(things.image_job(name, image=str(photo)), things.pixels(), "m") for name in "ab")
    (copy,) = copies(library)
    library.index.remove(first.id)
    library.trash.put([second])

    def cleaned(waiting: tuple[str, ...] | None = ()) -> list[Path]:
        later = Library(library.paths)
        later.clean_up(waiting=waiting)
        later.close()
        return copies(library)

    assert cleaned() == [copy]
    library.index.remove(second.id)
    assert cleaned((copy.stem,)) == [copy]
    assert cleaned(None) == [copy]
    library.index.mark_stale()
    assert cleaned() == [copy]
    library.index.mark_complete()
    library.clean_up(waiting=())
    assert copies(library) == [copy]  # used since the start: it may be of what is being made
    assert cleaned() == []


def test_what_else_lies_there_stays(library: Library, photo: Path) -> None:
    library.index.remove(library.keep(things.image_job(image=str(photo)), things.pixels(), "m").id)
    (library.paths.inputs / "mine.jpg").write_bytes(b"")
    later = Library(library.paths)
    later.clean_up(waiting=())
    later.close()
    assert [path.name for path in copies(library)] == ["mine.jpg"]


def test_an_index_made_from_files_names_the_copies_too(library: Library, photo: Path) -> None:
    item = library.keep(things.image_job(image=str(photo)), things.pixels(), "m")
    known = library.index.inputs()
    assert known == {file_hash(str(photo))}
    library.index.remove(item.id)
    assert library.index.inputs() == set()
    library.rebuild()
    assert library.index.inputs() == known
    assert library.count(Query()) == 1


def test_what_the_disk_wont_keep_is_said_and_noted(
    library: Library, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StudioError("The disk is full")

    refusals: list[StudioError] = []
    job = Job(task=ImageTask(image=str(photo)))
    with monkeypatch.context() as patched:
        patched.setattr("studio.library.inputs.LARGEST", 3)
        whole = library.inputs.note(job, refusals.append)
    assert "too large to be kept" in refusals.pop().message
    assert [file.name for file in whole.inputs["image"]] == [photo.name]
    with monkeypatch.context() as patched:
        patched.setattr("studio.library.inputs.write_through", full)
        assert library.inputs.note(job, refusals.append) == whole
    assert refusals.pop().message == "The disk is full"
    assert copies(library) == []
    assert library.inputs.find(whole) == whole
