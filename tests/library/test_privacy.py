"""What a studio writes for others to see: nowhere where its person's files lie, and still all is found again."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from studio.app.finder import Finder, read_settings
from studio.app.messages import UseRequest
from studio.core.abilities import PICTURES
from studio.core.values import Asset, Job
from studio.features import task_types
from studio.features.image.tasks.image import ImageTask
from studio.features.latent.tasks.latent import WalkTask
from studio.features.latent.tasks.search import InvertTask
from studio.features.latent.tasks.vae import VaeTask
from studio.features.write.tasks.write import WriteTask
from studio.files.hashes import file_hash, model_hash
from studio.library.export import ExportOptions, export
from studio.library.index import Item, Query
from studio.library.library import Library
from studio.library.metadata import request
from studio.library.metadata.making import read_making
from studio.models.catalogue import Model
from tests.library import things

PERSON = "jane-roe-4711"


@pytest.fixture
def own(home: Path) -> Path:
    """The person's own folder, with a photo and a model in it."""
    folder = home / PERSON
    (folder / "models" / "My Model").mkdir(parents=True)
    (folder / "models" / "My Model" / "weights.safetensors").write_bytes(b"weights" * 1000)
    (folder / "photo 猫.png").write_bytes(b"a photo")
    return folder


@pytest.fixture
def library() -> Iterator[Library]:
    opened = things.library()
    yield opened
    opened.close()


def made(own: Path) -> list[tuple[Job, Asset]]:
    """A thing of every kind, by requests that name files in every field that can."""
    photo, model = str(own / "photo 猫.png"), str(own / "models" / "My Model")
    tuned = Asset(kind="pixels", data=bytes(12), width=2, height=2, notes={"model": str(own / "tuned"), "psnr": 9.0})
    return [
        (Job(task=ImageTask(prompt="a cat", image=photo), model=model), things.pixels()),
        (Job(task=InvertTask(image=photo, folder=str(own / "tuned"), encoder=model), model=model), tuned),
        (Job(task=VaeTask(first=photo, second=photo, more=(photo,), less=(photo, photo)), model=model),
         things.pixels(9)),
        (Job(task=WriteTask(prompt="Once"), model=model), things.text()),
        *((Job(task=WalkTask(), model=model), clip())
          for clip in (things.gif, things.mp4, things.webm, things.single_frames)),
    ]  # fmt: skip


def kept(library: Library, own: Path) -> list[Item]:
    digest = model_hash(str(own / "models" / "My Model"))
    return [library.keep(job, asset, "My Model", None, digest) for job, asset in made(own)]


def telling(folder: Path) -> list[str]:
    """The files in ``folder`` that name the person, in any code that text is written in."""
    wanted = [PERSON.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path.name for path in files if any(word in words_in(path) for word in wanted)]


def words_in(path: Path) -> bytes:
    """The file's bytes; a comment of a GIF, which comes in blocks of 255 bytes, once more in one piece."""
    if path.suffix != ".gif":
        return path.read_bytes()
    with Image.open(path) as image:
        return path.read_bytes() + bytes(image.info.get("comment", b""))


def export_all(items: list[Item], out: Path, **more: Any) -> None:
    for form in ("png", "jpeg", "webp", "tiff"):
        export(items, ExportOptions(folder=str(out), format=form, **more))  # type: ignore[arg-type]


def test_no_file_says_where_anything_lies(library: Library, own: Path, tmp_path: Path) -> None:
    items = kept(library, own)
    export_all(items, tmp_path / "out")
    assert telling(library.paths.pictures) == []
    assert telling(tmp_path / "out") == []
    making = read_making(Path(items[0].path))
    assert making is not None
    assert making.data is not None
    job = making.data["job"]
    assert (job["model"], job["task"]["image"]) == ("My Model", "photo 猫.png")
    assert job["inputs"] == {"image": [{"name": "photo 猫.png", "sha256": file_hash(str(own / "photo 猫.png"))}]}
    assert making.info.pairs["Model hash"] == job["model_hash"] == model_hash(str(own / "models" / "My Model"))


def test_what_release_0_1_0_wrote_is_exported_without_it(
    library: Library, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("studio.library.library.strip_local_paths", lambda data, digest: data)
        items = kept(library, own)
    assert len(telling(library.paths.pictures)) == len(items)
    export_all(items, tmp_path / "out")
    assert telling(tmp_path / "out") == []


def test_the_index_knows_where_everything_lies(library: Library, own: Path) -> None:
    finder = Finder(library.index, library.inputs, task_types(), lambda kind: [])
    for item, (job, _) in zip(kept(library, own), made(own), strict=True):
        row = library.index.get(item.id)
        assert row is not None
        found, missing = finder.job_of_row(row.job, row.model)
        assert (found.task, missing) == (msgspec.structs.replace(job.task, **_seed(found)), ())
        assert found.model == job.model


def _seed(job: Job) -> dict[str, Any]:
    return {"seed": job.task.seed} if isinstance(job.task, ImageTask) else {}


def models_of(own: Path) -> Callable[[str], list[Model]]:
    address = str(own / "models" / "My Model")
    return lambda kind: [Model(address=address, path=address, name="My Model", can=PICTURES)]


def test_a_file_finds_what_it_was_made_with(library: Library, own: Path, tmp_path: Path) -> None:
    """By the row of the thing, also as a copy; else by name and hash among what is here, or kept; else it says so."""
    item = kept(library, own)[0]
    copy = tmp_path / "copy.png"
    copy.write_bytes(Path(item.path).read_bytes())
    finder = Finder(library.index, library.inputs, task_types(), models_of(own))
    for path in (item.path, str(copy)):
        message = read_settings(path, finder)
        assert isinstance(message, UseRequest)
        assert message.job.task == msgspec.structs.replace(made(own)[0][0].task, seed=5)
        assert (message.job.model, message.missing) == (made(own)[0][0].model, ())
    (own / "photo 猫.png").write_bytes(b"another photo of that name")
    library.index.remove(item.id)
    (kept_copy,) = library.paths.inputs.iterdir()
    for found, missing in ((str(kept_copy), ()), ("", ("photo 猫.png",))):
        message = read_settings(str(copy), finder)
        assert isinstance(message, UseRequest)
        assert isinstance(message.job.task, ImageTask)
        assert (message.job.task.image, message.missing) == (found, missing)
        kept_copy.unlink(missing_ok=True)


def test_a_model_is_found_by_its_hash_where_it_is_called_otherwise(library: Library, own: Path) -> None:
    item = kept(library, own)[0]
    address = str(own / "models" / "My Model")
    here = Model(address=address, path=address, name="Renamed", can=PICTURES)
    message = read_settings(item.path, Finder(library.index, library.inputs, task_types(), lambda kind: [here]))
    assert isinstance(message, UseRequest)
    assert message.job.model == address
    (own / "models" / "My Model" / "weights.safetensors").write_bytes(b"others" * 1000)
    other = msgspec.structs.replace(here, path=str(own / "models"), address="elsewhere")
    library.index.remove(item.id)
    message = read_settings(item.path, Finder(library.index, library.inputs, task_types(), lambda kind: [other]))
    assert isinstance(message, UseRequest)
    assert message.job.model == "My Model"


def test_after_a_rebuild_start_pictures_of_the_library_are_found(library: Library) -> None:
    first = library.keep(things.image_job("first"), things.pixels(1), "m")
    second = library.keep(things.image_job("second", image=first.path), things.pixels(2), "m")
    for item in library.search(Query()):
        library.index.remove(item.id)
    assert library.rebuild() == 2
    row = library.index.at(second.path)
    assert row is not None
    assert row.job["task"]["image"] == Path(first.path).name
    job, missing = Finder(library.index, library.inputs, task_types(), lambda kind: []).job_of_row(row.job, row.model)
    assert isinstance(job.task, ImageTask)
    assert (job.task.image, missing) == (first.path, ())
    Path(first.path).unlink()
    shutil.rmtree(library.paths.inputs)
    job, missing = Finder(library.index, library.inputs, task_types(), lambda kind: []).job_of_row(row.job, row.model)
    assert isinstance(job.task, ImageTask)
    assert (job.task.image, missing) == ("", (Path(first.path).name,))


def test_what_is_written_twice_says_the_same(own: Path) -> None:
    data = request.record(*made(own)[0], "My Model", 1.0, "it")
    once = request.strip_local_paths(data, "0a1b2c3d4e")
    assert request.strip_local_paths(once) == once


@pytest.mark.parametrize("path", [r"C:\Users\jane\photo.png", r"\\nas\jane\photo.png", "//nas/jane/photo.png"])
def test_paths_of_other_systems_are_names_too(path: str) -> None:
    data = request.record(things.image_job(image=path), things.pixels(), path, 1.0, "it")
    assert "jane" not in request.record_to_json(request.strip_local_paths(data))


def test_paths_inside_a_part_of_a_request_are_names_too(own: Path) -> None:
    data = request.record(things.image_job(), things.pixels(), "m", 1.0, "it")
    photo = str(own / "photo 猫.png")
    data["job"]["task"] |= {"parts": [{"image": photo, "weight": 1}, {"image": [photo]}], "start": {"image": photo}}
    public = request.strip_local_paths(data)
    assert str(own) not in request.record_to_json(public)
    assert public["job"]["task"]["parts"] == [{"image": "photo 猫.png", "weight": 1}, {"image": ["photo 猫.png"]}]
    assert [row["name"] for row in public["job"]["inputs"]["image"]] == ["photo 猫.png"] * 3


def test_files_of_release_0_1_0_still_open(library: Library, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their whole paths are used where something lies there, else what is called so here."""
    with monkeypatch.context() as patched:
        patched.setattr("studio.library.library.strip_local_paths", lambda data, digest: data)
        item = kept(library, own)[0]
    finder = Finder(library.index, library.inputs, task_types(), models_of(own))
    library.index.remove(item.id)
    message = read_settings(item.path, finder)
    assert isinstance(message, UseRequest)
    assert (message.job.task, message.missing) == (msgspec.structs.replace(made(own)[0][0].task, seed=5), ())
    (own / "photo 猫.png").unlink()
    shutil.rmtree(library.paths.inputs)  # that release kept none
    message = read_settings(item.path, finder)
    assert isinstance(message, UseRequest)
    assert message.missing == ("photo 猫.png",)
