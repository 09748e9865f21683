"""Hostile films and texts: cut off, with lying counts, with metadata without end, and what is no file at all."""

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.core.errors import StudioError
from studio.library.metadata.clips import with_metadata
from studio.library.metadata.making import read_making
from studio.library.metadata.request import record
from studio.library.metadata.texts import write_text
from tests.hostile import bytes_of as b
from tests.hostile.conftest import Opening
from tests.library import things

MB = b.MB
WAYS = ("settings of", "thumbnail", "export", "bare film")
MP4, WEBM, GIF = things.mp4().data, things.webm().data, things.gif().data


def commented(text: bytes) -> bytes:
    """The film with ``text`` as its comment, in a box behind all others."""
    data = b.atom(b"data", struct.pack(">II", 1, 0), text)
    handler = b.atom(b"hdlr", b"\0" * 8 + b"mdirappl" + b"\0" * 9)
    comment = b.atom(b"meta", b"\0" * 4, handler, b.atom(b"ilst", b.atom(b"\xa9cmt", data)))
    return MP4 + b.atom(b"moov", b.atom(b"udta", comment))


def one_size(count: int) -> bytes:
    """The film whose samples are ``count``, of one byte each: no table says how large each is."""
    return b.changed(b.changed(MP4, b"stsz", 4, 1), b"stsz", 8, count)


def ebml(name: int, *data: bytes) -> bytes:
    """An element of Matroska with its size in eight bytes."""
    body = b"".join(data)
    return name.to_bytes((name.bit_length() + 7) // 8) + (1 << 56 | len(body)).to_bytes(8) + body


def grown(more: bytes) -> bytes:
    """The WebM with ``more`` before its pictures, in a segment of unknown size, and without its table of contents."""
    start, contents, pictures = (WEBM.index(bytes.fromhex(name)) for name in ("18538067", "114d9b74", "1f43b675"))
    length = 5 + (WEBM[contents + 4] & 0x7F)
    void = bytes([0xEC, 0x80 | (length - 2)]) + b"\0" * (length - 2)
    body = WEBM[start + 12 : contents] + void + WEBM[contents + length : pictures]
    return WEBM[: start + 4] + b"\x01" + b"\xff" * 7 + body + more + WEBM[pictures:]


def tagged(comment: bytes) -> bytes:
    """The WebM with ``comment`` as its own."""
    simple = ebml(0x67C8, ebml(0x45A3, b"COMMENT"), ebml(0x4487, comment))
    return grown(ebml(0x1254C367, ebml(0x7373, ebml(0x63C0), simple)))


def nested(depth: int) -> bytes:
    """Simple tags in simple tags; each says that it takes all that follows."""
    return ebml(0x1254C367, ebml(0x7373, b"".join(b"\x67\xc8\x01" + (12 * n).to_bytes(7) for n in range(depth, 0, -1))))


def sized(edge: int) -> bytes:
    """The WebM whose picture claims to be ``edge`` wide."""
    at = WEBM.index(b"\xb0\x81" + bytes([things.SIZE]))
    return WEBM[:at] + b"\xb0\x84" + edge.to_bytes(4) + WEBM[at + 3 :]


FILMS: dict[str, Callable[[], bytes]] = {
    "a comment of 100 MB.mp4": lambda: commented(b"x" * 100 * MB),
    "b record of 60 MB.mp4": lambda: commented(b"[" + b"[]," * 20 * MB + b"0]"),
    "c record 100,000 deep.mp4": lambda: commented(b"[" * 100_000),
    "d no text.mp4": lambda: commented(b"\xff\xfe\xfd"),
    "e 2^32 sizes.mp4": lambda: b.changed(MP4, b"stsz", 8, 0xFFFFFFFF),
    "f 100 million of one byte.mp4": lambda: b.changed(one_size(100 * MB), b"stsc", 12, 100 * MB),
    "g 2^31 of one byte.mp4": lambda: b.changed(one_size(2**31), b"stsc", 12, 2**31),
    "h 2^32 times.mp4": lambda: b.changed(b.changed(MP4, b"stts", 4, 1), b"stts", 8, 0xFFFFFFFF),
    "i 2^32 chunks.mp4": lambda: b.changed(MP4, b"stco", 4, 0xFFFFFFFF),
    "an unknown codec.mp4": lambda: MP4.replace(b"avc1", b"zzzz"),
    "j boxes in boxes.mp4": lambda: (
        MP4 + b"".join(struct.pack(">I", 8 * (20_000 - n)) + b"moov" for n in range(20_000))
    ),
    "ja millions of empty boxes.mp4": lambda: MP4[:32] + struct.pack(">I4s", 8, b"free") * 20 * MB,
    "jb millions of empty boxes in one.mp4": lambda: (
        MP4[:32] + struct.pack(">I4s", 8 + 160 * MB, b"moov") + struct.pack(">I4s", 8, b"free") * 20 * MB
    ),
    "k a box without an end.mp4": lambda: MP4[: MP4.index(b"moov") - 4] + struct.pack(">I4sQ", 1, b"moov", 2**63 - 1),
    "l a playlist.mp4": lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "m a list.mp4": lambda: b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "r comment of 100 MB.webm": lambda: tagged(b"x" * 100 * MB),
    "s record of 60 MB.webm": lambda: tagged(b"[" + b"[]," * 20 * MB + b"0]"),
    "t record 100,000 deep.webm": lambda: tagged(b"[" * 100_000),
    "u no text.webm": lambda: tagged(b"\xff\xfe\xfd"),
    "v a million tags.webm": lambda: grown(ebml(0x1254C367, ebml(0x7373, b"") * MB)),
    "w tags in tags.webm": lambda: grown(nested(20_000)),
    "x a block of 2^55 bytes.webm": lambda: WEBM.replace(b"\xa3\xac\x81", b"\xa3\x01" + b"\x7f" * 7 + b"\x81", 1),
    "y 2^30 wide.webm": lambda: sized(2**30),
    "ya fifty million empty elements.webm": lambda: grown(b"\xec\x80" * 50 * MB),
    "z a playlist.webm": lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "za an attachment of 100 MB.webm": lambda: grown(
        ebml(0x1941A469, ebml(0x61A7, ebml(0x466E, b"x"), ebml(0x4660, b"text/plain"), ebml(0x465C, b"x" * 100 * MB)))
    ),
    "n cut off.gif": lambda: GIF[: len(GIF) // 2],
    "o comment that never ends.gif": lambda: b.gif(comment=b"x" * 10 * MB)[:-40],
    "p record of 60 MB.gif": lambda: b.gif(comment=b"[" + b"[]," * 20 * MB + b"0]"),
    "q record 100,000 deep.gif": lambda: b.gif(comment=b"[" * 100_000),
}


@pytest.mark.parametrize("name", [name for name in FILMS if " MB" not in name])
def test_films(tmp_path: Path, opening: Opening, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FILMS[name]())
    for way in WAYS:
        opening(way, path)


@pytest.mark.parametrize("form", ["mp4", "webm", "gif"])
def test_cut_off_at_every_kind_of_place(tmp_path: Path, opening: Opening, form: str) -> None:
    plain = {"mp4": MP4, "webm": WEBM, "gif": GIF}[form]
    whole = with_metadata(plain, form, record(things.walk_job(), things.gif(), "m", 1.0, "it"), tmp_path)
    for at in {*range(0, 64, 7), *range(64, len(whole), max(len(whole) // 6, 1)), len(whole) - 1}:
        path = tmp_path / f"{at}.{form}"
        path.write_bytes(whole[:at])
        for way in WAYS:
            opening(way, path)


def test_a_comment_that_is_no_text_hides_no_film(tmp_path: Path, opening: Opening) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(commented(b"\xff\xfe\xfd"))
    assert not opening("settings of", path).refused
    assert not opening("thumbnail", path).refused


def test_a_comment_of_ours_in_a_webm_that_others_made_is_found(tmp_path: Path) -> None:
    """The hostile ones are built like this one, so they reach the reader too."""
    data = record(things.walk_job(), things.webm(), "m", 1.0, "it")
    path = tmp_path / "a.webm"
    path.write_bytes(tagged(json.dumps(data).encode()))
    making = read_making(path)
    assert making is not None
    assert making.data == data


# -- texts -----------------------------------------------------------------------------------------------------------

TEXTS: dict[str, Callable[[], bytes]] = {
    "a 100 MB.md": lambda: b"x" * 100 * MB,
    "b 19 MB of lines.md": lambda: b"---\n" * (19 * MB // 4),
    "c record of 19 MB.md": lambda: b"---\ntriptych: [" + b"[]," * 6 * MB + b"0]\n---\nx",
    "d record 100,000 deep.md": lambda: b"---\ntriptych: " + b"[" * 100_000 + b"\n---\nx",
    "e a tag of Python.md": lambda: b'---\ntriptych: !!python/object/apply:os.system ["touch trap"]\n---\nx',
    "f aliases.md": lambda: (
        b"---\n" + b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (n + 1, n + 1, n, n) for n in range(60)) + b"---\n"
    ),
    "g pairs of 19 MB.txt": lambda: b"ab: [," * (19 * MB // 6) + b"\nSteps: 20, Seed: 1",
    "h pairs in one line.txt": lambda: b"Steps: 1, " + b"k%d: v, " * (19 * MB // 8),
    "i quotes.txt": lambda: b'Steps: 1, ab: "' + b'\\"' * 9 * MB,
    "j nothing but colons.txt": lambda: b":" * 19 * MB,
    "k prompts.txt": lambda: b"Negative prompt: x\n" * MB,
}


@pytest.mark.parametrize("name", ["a 100 MB.md", "d record 100,000 deep.md", "e a tag of Python.md", "f aliases.md"])
def test_texts(tmp_path: Path, opening: Opening, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(TEXTS[name]())
    for way in ("settings of", "export", "text") if path.suffix == ".md" else ("settings of",):
        opening(way, path)


# -- what is no file -------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are Unix's")
@pytest.mark.parametrize("ending", ["png", "md", "txt", "mp4", "webm", "gif"])
@pytest.mark.parametrize("kind", ["pipe", "zero", "loop", "folder"])
def test_what_never_ends_is_not_read(tmp_path: Path, opening: Opening, kind: str, ending: str) -> None:
    path = tmp_path / f"{kind}.{ending}"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero" if kind == "zero" else path)
    for way in ("settings of", "start picture", "preview", "thumbnail", "export", "text"):
        answer = opening(way, path)
        assert answer.refused or way == "preview" or kind == "folder"


# -- a whole library of them -----------------------------------------------------------------------------------------


def wrong_records() -> list[Any]:
    right = record(things.image_job("right"), things.pixels(), "m", 1.5, "it")
    wrong: list[Any] = [
        None,
        True,
        -1,
        10**4000,
        1e308,
        float("nan"),
        "",
        "\0",
        "\ud800",
        "x" * 9999,
        [],
        {},
        [[]],
        {"a": []},
    ]
    deep: Any = []
    for _ in range(45):
        deep = [deep]
    found = []
    for value in [*wrong, deep]:
        found += [{**right, key: value} for key in right if key != "triptych"]
        for part in ("job", "notes"):
            found += [{**right, part: {**right[part], key: value}} for key in (*right[part], "width", "begins")]
        task = right["job"]["task"]
        found += [{**right, "job": {**right["job"], "task": {**task, key: value}}} for key in task]
    return found


def test_a_library_of_hostile_files_is_filled_all_the_same(hostile_home: Path, opening: Opening) -> None:
    """The right ones are found among all that is wrong, and everything is found, shown and exported."""
    day = hostile_home / "Pictures" / "Triptych" / "2026-01-01"
    day.mkdir(parents=True)
    records = wrong_records()
    for number, data in enumerate(records):
        (day / f"{number}.png").write_bytes(b.ours(data))
    text = record(things.write_job(), things.text(), "m", 1.5, "text")
    (day / "a.md").write_bytes(write_text("mine", text))
    (day / "b.png").write_bytes(b.png(1, 1 << 31, pixels=b""))
    (day / "c.md").write_bytes(b"x" * 100 * MB)
    (day / "d.mp4").write_bytes(commented(b"[" * 100_000))
    os.mkfifo(day / "e.png")
    (day / "f.png").symlink_to("f.png")
    (day / "g.png").mkdir()
    (day / os.fsdecode(b"\xff\xfe.png")).write_bytes(b.ours(records[0]))
    answer = opening("rebuild", day)
    assert int(answer.opened.split(": ")[1]) > len(records) // 2


@pytest.mark.parametrize("number", range(0, 3))
def test_wrong_records_are_judged_one_by_one(tmp_path: Path, number: int) -> None:
    """Dropped on the window: every one is a request, other tools' parameters, nothing, or a sentence."""
    records = wrong_records()
    for data in records[number::3]:
        path = tmp_path / "a.png"
        path.write_bytes(b.ours(data))
        try:
            making = read_making(path)
        except StudioError:
            continue
        assert making is None or json.dumps(making.data)
