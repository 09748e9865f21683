"""Fuzzing targets for texts, what they say of their making, and names made of them; see ``fuzz.py``."""

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

from studio.app.messages import UseRequest
from studio.core.errors import StudioError
from studio.core.saved import job_from_data, job_to_data
from studio.core.values import Job
from studio.features import task_types
from studio.features.latent.points.point import PointFacts
from studio.files.names import LONGEST_BYTES, fill_pattern, safe_name
from studio.library.export import ExportOptions, preview_name
from studio.library.index import Query
from studio.library.library import Library
from studio.library.metadata.infotext import read_infotext, write_infotext
from studio.library.metadata.others import making_of
from studio.library.metadata.request import infotext_of, record
from studio.library.metadata.texts import read_text, write_text
from studio.library.paths import find_paths
from studio.library.read_item import read_item
from tests.hostile import bytes_of
from tests.hostile.dropping import asked, dropped
from tests.library import things
from tests.torture.fuzz_target import Target, put
from tests.torture.mutators import json_behind

TASKS = task_types()
RECORD = record(things.image_job("a cat"), things.pixels(), "m", 1.5, "it")
_TEXTS = (write_text("body", RECORD), b"---\ntriptych: {}\n---\n\nx", b"---\r\ntitle: x\r\n---\r\nx")
_INFOTEXTS = (bytes_of.LOUD, b'a\nNegative prompt: b\nSteps: 1, x: "a, b", y: {"z": [1]}, Seed: 2, Size: 64x64',
              b"a\r\nSteps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: -1, Size: 8x8, "
              b"Denoising strength: 0.5, Model hash: ab, Model: c, Version: v1.9")  # fmt: skip
_NAMES = (b"{date}-{prompt}-{seed}\na cat", "con.\u202e/..\\ é".encode(), b"{name}{number:03d}{}{prompt\n..")
_PATTERN = "{date}{time}{prompt}{seed}{model}{name}"
_LONGEST_OTHER = 10
"""Bytes that a name may have beside its text: an underscore, a pattern's rest."""


def targets(room: Path) -> dict[str, Target]:
    return {
        "text": Target(text, lambda: _TEXTS),
        "record": Target(partial(made, room), _records, json_behind()),
        "infotext": Target(infotext, lambda: _INFOTEXTS),
        "names": Target(partial(names, room), lambda: _NAMES),
    }


def text(data: bytes) -> None:
    body, found = read_text(data)
    if found is not None:
        infotext_of(found)
        assert read_text(write_text(body, found))[0] == body


def infotext(data: bytes) -> None:
    """What other tools wrote, as the fields of a request: each is refused in words, or taken."""
    info = read_infotext(data.decode("utf-8", "replace"))
    making = making_of(info)
    if making is not None and making.generation is not None:
        asked(making.generation)
    read_infotext(write_infotext(info))


def made(room: Path, data: bytes) -> None:
    """A text whose front matter says how it was made: dropped on the window, and listed in a library."""
    head = b"---\ntriptych: " + data.replace(b"\n", b" ")
    path = put(room / "Pictures" / "Triptych" / "a" / "a.md", head + b"\n---\n\nbody\n")
    with suppress(StudioError):
        message = dropped(path)
        if isinstance(message, UseRequest):
            job_from_data(json.loads(json.dumps(job_to_data(message.job))), TASKS)
    item = read_item(path)
    if item is not None:
        index = _library().index
        index.put(item)
        assert index.get(item.id) is not None
        index.search(Query(text="cat"), 5)
        PointFacts.of(item.notes)
        preview_name(ExportOptions(folder="x", pattern=_PATTERN), item, 1)
        index.remove(item.id)


def names(room: Path, data: bytes) -> None:
    """A pattern and a prompt in two lines: whatever they are, a file can be called what comes of them."""
    plain = data.decode("utf-8", "surrogatepass" if _has_surrogates(data) else "replace")
    pattern, _, prompt = plain.partition("\n")
    found = safe_name(plain), safe_name(plain, 48), fill_pattern(pattern, {"prompt": prompt, "seed": 5})
    for name in found:
        assert name
        assert name not in (".", "..")
        assert not set(name) & set('/\\:*?"<>|\0\n')
        assert len(name.encode()) <= LONGEST_BYTES + _LONGEST_OTHER
        put(room / "named" / name, b"").unlink()


def _has_surrogates(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


@cache
def _library() -> Library:
    return Library(find_paths())


def jobs() -> Iterator[Job]:
    """One request of each kind that has defaults for all it asks."""
    for kind in TASKS.values():
        with suppress(TypeError):
            yield Job(task=kind(), model="starter:latents", id="it")


def _records() -> Iterator[bytes]:
    notes: dict[str, Any] = {"point": {"seeds": [1]}, "seed": 3}
    for job in (things.image_job("a cat"), *jobs()):
        yield json.dumps(record(job, things.text(**notes), "m", 1.5, "it")).encode()
