"""A fuzzing target for each reader of files that are no models: ``python -m tests.torture.fuzz_files TARGET SECONDS``.

Atheris is no dependency of the tests: ``pip install atheris`` (Linux, macOS). A find is whatever a reader raises beside
its own sentence; atheris keeps the input and stops. The first examples are real files, made as the other tests do.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["studio", "PIL"]):
    from studio.app.line_file import read_line
    from studio.core.errors import StudioError
    from studio.core.reading import read_json
    from studio.core.saved import job_from_data
    from studio.features import task_types
    from studio.library.metadata.clips import first_frame, with_metadata, without_metadata
    from studio.library.metadata.infotext import read_infotext, write_infotext
    from studio.library.metadata.making import read_making
    from studio.library.metadata.request import image_fields, infotext_of, record, scheduler_of
    from studio.library.metadata.texts import read_text, write_text
    from studio.library.settings import SettingsFile
    from studio.library.thumbnails import make_thumbnail
from studio.core.saved import job_to_data
from studio.library.metadata.pictures import exif_of
from tests.hostile import bytes_of
from tests.library import things

TASKS = task_types()
RECORD = record(things.image_job("a cat"), things.pixels(), "m", 1.5, "it")
folder = Path(tempfile.mkdtemp(prefix="triptych-fuzz-"))


def _file(name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def picture(ending: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        path = _file(f"a.{ending}", data)
        for work in (read_making, lambda path: make_thumbnail(path, folder / "cache", 16).unlink()):
            with contextlib.suppress(StudioError):
                work(path)

    return read


def film(ending: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        path = _file(f"a.{ending}", data)
        for work in (read_making, first_frame, without_metadata):
            with contextlib.suppress(StudioError):
                work(path)

    return read


def gif(data: bytes) -> None:
    assert with_metadata(data, "gif", RECORD) or not data
    picture("gif")(data)


def text(data: bytes) -> None:
    body, found = read_text(data)
    if found is not None:
        infotext_of(found)
        assert read_text(write_text(body, found))[0] == body


def infotext(data: bytes) -> None:
    info = read_infotext(data.decode("utf-8", "replace"))
    image_fields(info)
    scheduler_of(info.pairs.get("Sampler", ""), info.pairs.get("Schedule type", ""))
    read_infotext(write_infotext(info))


def settings(data: bytes) -> None:
    path = _file("settings.json", data)
    SettingsFile(path).write()
    SettingsFile(path)
    for aside in folder.glob("settings.json.*"):
        aside.unlink()


def queue(data: bytes) -> None:
    read_line(_file("queue.json", data), TASKS)
    with contextlib.suppress(StudioError, ValueError):
        job_from_data(read_json(data), TASKS)


def _saved(job: object) -> bytes:
    return b'{"version": 1, "line": [{"job": %s}]}' % str(job).replace("'", '"').encode()


TARGETS: dict[str, tuple[Callable[[bytes], None], list[bytes]]] = {
    "png": (
        picture("png"),
        [
            bytes_of.ours(RECORD),
            bytes_of.png(before=bytes_of.texts(b"parameters", bytes_of.LOUD)),
            *(bytes_of.png(before=one) for one in bytes_of.packed_texts(b"parameters", bytes_of.blank(99))),
        ],
    ),
    "exif": (
        picture("jpg"),
        [
            bytes_of.jpeg(segments=bytes_of.segment(0xE1, b"Exif\0\0" + exif_of(RECORD)[6:])),
            bytes_of.jpeg(segments=bytes_of.segment(0xE1, bytes_of.exif_loop())),
        ],
    ),
    "webp": (picture("webp"), [bytes_of.webp_with(b"EXIF", bytes_of.exif_of(bytes_of.LOUD), 8)]),
    "tiff": (picture("tif"), [bytes_of.sized_tiff(4, 4, rest=b"\0" * 99)]),
    "gif": (gif, [things.gif().data, bytes_of.gif(comment=bytes_of.LOUD)]),
    "film": (film("mp4"), [things.mp4().data, with_metadata(things.mp4().data, "mp4", RECORD)]),
    "webm": (film("webm"), [things.webm().data, with_metadata(things.webm().data, "webm", RECORD)]),
    "text": (text, [write_text("body", RECORD)]),
    "infotext": (infotext, [bytes_of.LOUD, b'a\nNegative prompt: b\nSteps: 1, x: "a, b", y: {"z": [1]}, Seed: 2']),
    "settings": (
        settings,
        [b'{"version": 1, "theme": "light", "rooms": {"image": {"task": {"steps": 3}}}, "memory_mb": 5}'],
    ),
    "queue": (
        queue,
        [_saved(job_to_data(things.walk_job())).replace(b"True", b"true"), _saved(job_to_data(things.image_job()))],
    ),
}


def main() -> None:
    """Fuzz one target for some seconds."""
    name, seconds = sys.argv[1:3]
    target, examples = TARGETS[name]
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, example in enumerate(examples):
        (corpus / str(number)).write_bytes(example)
    os.environ["TRIPTYCH_HOME"] = str(folder)
    limits = [
        f"-max_total_time={seconds}",
        "-rss_limit_mb=2000",
        "-timeout=10",
        "-max_len=20000",
        f"-artifact_prefix={folder}/",
    ]
    atheris.Setup([sys.argv[0], *limits, str(corpus)], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
