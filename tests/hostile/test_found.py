"""What the fuzzers found, each as a case of its own: refused with a sentence now, where it was a crash once."""

import json
import math
import sqlite3
import struct
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import torch
from safetensors.torch import save_file

from studio.app.line_file import read_line
from studio.core.errors import StudioError
from studio.core.saved import job_from_data
from studio.features import task_types
from studio.features.latent.ui.directions.notebook import Notebook, to_json
from studio.library.index import Index, Item, Query
from studio.ml.load.address import resolve
from studio.ml.training import saved
from studio.ml.training.folder import Pictures
from studio.ml.training.trainer import WIDTHS, Trainer, TrainingConfig
from studio.ml.training.training import Training
from studio.models.catalogue import ModelCatalogue
from tests.hostile import bytes_of
from tests.hostile.conftest import Opening
from tests.hostile.folders import edit
from tests.hostile.pickles import _storage
from tests.hostile.templates import with_tokenizer
from tests.ml.load import test_rosinality as stylegan
from tests.models.folders import write_safetensors
from tests.torture.fuzz_rooms import rooms
from tests.torture.fuzz_texts import RECORD

_MORE = {
    "seconds": 1.5,
    "snapshot_at": 1.0,
    "snapshot": "",
    "looked_at": -60.0,
    "losses": [[4, 1.0, 2.0, 0.5]],
    "kids": [],
}
HALF = "\ud800"
"""Half of a surrogate pair, which JSON can name and UTF-8 can't write."""


# -- half a surrogate pair where a name belongs ------------------------------------------------------------------------


def test_in_a_saved_request(tmp_path: Path) -> None:
    path = tmp_path / "queue.json"
    rows = [{"job": {"kind": "image", "task": task}} for task in ({HALF: 1}, {"prompt": "x"})]
    path.write_text(json.dumps({"version": 1, "line": rows}), encoding="utf-8")
    runs, notice = read_line(path, task_types())
    assert [run.job.task.prompt for run in runs] == ["x"]  # type: ignore[attr-defined]
    assert notice.startswith("1 ")


def test_in_what_a_text_says_of_its_making(tmp_path: Path, opening: Opening) -> None:
    asked = {**RECORD, "job": {**RECORD["job"], "task": {HALF: 1}}}
    path = tmp_path / "a.md"
    path.write_text(f"---\ntriptych: {json.dumps(asked)}\n---\n\nx", encoding="utf-8")
    assert opening("settings of", path).refused


def test_in_the_settings_of_a_generator(generator: Path, opening: Opening) -> None:
    settings = json.loads((generator / "generator.json").read_text("utf-8"))
    edit("generator.json", config={**settings["config"], HALF: 1})(generator)
    assert opening("latent", generator).refused


def test_as_the_kind_of_a_model(generator: Path, opening: Opening) -> None:
    edit("triptych.json", kind=HALF)(generator)
    assert opening("judge", generator).opened


def test_in_directions(tmp_path: Path, opening: Opening) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(to_json(Notebook(2, 3, {"pca 0": "HALF"})).replace(b"HALF", b"\\ud800"))
    assert opening("directions", path).refused


# -- too many digits, too many letters ---------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", [400, 5000])
def test_a_number_of_many_digits(tmp_path: Path, opening: Opening, digits: int) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"x\nSteps: {'1' * digits}, Seed: 1, Size: {'1' * digits}x8", encoding="utf-8")
    assert opening("settings of", path).opened


def test_values_that_begin_like_json(tmp_path: Path, opening: Opening) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x\nSteps: 1, " + 'ab:["x",' * 500_000, encoding="utf-8")
    assert opening("settings of", path).opened


@pytest.mark.parametrize("name", ["1" * 5000, "x" * 5000, HALF])
def test_a_name_on_a_models_card(name: str, generator: Path, opening: Opening) -> None:
    edit("triptych.json", name=name, licence=name, summary=name)(generator)
    opening("judge", generator)


def test_words_that_fill_the_sentence(generator: Path, writer: Path, picture: Path, opening: Opening) -> None:
    long = "x" * 5000
    edit("generator.json", architecture=long)(generator)
    edit("config.json", architectures=[long] * 9)(writer)
    edit("model_index.json", _class_name=long)(picture)
    for folder, way in ((generator, "latent"), (writer, "write"), (picture, "image")):
        assert len(opening("judge", folder).opened) < len(str(folder)) + 400
        assert opening(way, folder).refused


def test_a_request_that_quotes_endlessly() -> None:
    with pytest.raises(StudioError) as raised:
        job_from_data({"kind": "walk", "task": {"path": "x" * 5000}}, task_types())
    assert len(raised.value.message) < 400


# -- names that no file can have ---------------------------------------------------------------------------------------

ENDLESS = "x" * 5000


@pytest.mark.parametrize("part", [{ENDLESS: ["diffusers", "A"]}, {"unet": [ENDLESS, "A"]}], ids=["part", "library"])
def test_a_part_with_an_endless_name(part: dict[str, Any], picture: Path, opening: Opening) -> None:
    edit("model_index.json", **part)(picture)
    assert "never runs" in opening("judge", picture).opened
    assert "code that comes with the model" in opening("image", picture).refused


def test_weights_with_an_endless_name(picture: Path, opening: Opening) -> None:
    index = picture / "unet" / "diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": ENDLESS}}), encoding="utf-8")
    judged = opening("judge", picture).opened
    assert "is missing" in judged
    assert len(judged) < len(str(picture)) + 400
    assert opening("image", picture).refused


def test_a_models_place_with_an_endless_name(tmp_path: Path) -> None:
    path = tmp_path / ENDLESS
    (model,) = ModelCatalogue(tmp_path / "none", [str(path)]).scan()
    assert "was not found" in model.reason
    with pytest.raises(StudioError, match="no longer there"):
        resolve(str(path))


# -- numbers that take for ever to be multiplied -----------------------------------------------------------------------


def test_a_shape_of_many_large_sizes(generator: Path, opening: Opening) -> None:
    tensor = {"dtype": "F32", "shape": [2**62] * 500_000, "data_offsets": [0, 16]}
    write_safetensors(generator / "generator.safetensors", {"a": tensor}, 16)
    opening("judge", generator)
    assert opening("latent", generator).refused


@pytest.mark.parametrize(("digits", "count"), [(8, 200_000), (20_000_000, 1)])
def test_a_tensor_of_large_sizes(digits: int, count: int, tmp_path: Path, opening: Opening) -> None:
    number = b"\x8b" + struct.pack("<i", digits) + b"\x7f" * digits
    sizes = b"(" + b"h\x05" * count + b"K\x00t"
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + _storage(4) + b"K\x00" + sizes + sizes + b"\x89NtR"
    path = tmp_path / "a.pkl"
    path.write_bytes(b"\x80\x02" + number + b"q\x050" + tensor + b".")
    assert opening("latent", path).refused


def test_layers_that_take_no_number(tmp_path: Path, opening: Opening) -> None:
    """Tensors of no rows, as wide as sixty-four layers of a gigabyte each."""
    with mock.patch.multiple(stylegan, CHANNELS=(4, 4), W=4):
        state = stylegan.checkpoint()
    state |= {f"style.{i}.{part}": torch.empty(0, 16384) for i in range(1, 65) for part in ("weight", "bias")}
    state["conv1.conv.modulation.weight"] = torch.empty(0, 16384)
    torch.save({"g_ema": state}, tmp_path / "a.pt")
    assert opening("latent", tmp_path / "a.pt").refused


def test_a_tokenizer_of_many_replacements(writer: Path, opening: Opening) -> None:
    step = {"type": "Replace", "pattern": {"String": "a"}, "content": "x" * 9}
    with_tokenizer(writer, normalizer={"type": "Sequence", "normalizers": [step] * 300_000})
    assert opening("write", writer).refused


def test_a_tokenizer_nested_deeply(writer: Path, opening: Opening) -> None:
    deep: dict[str, Any] = {}
    for _ in range(400):
        deep = {"a": deep}
    with_tokenizer(writer, normalizer=deep)
    assert opening("write", writer).refused


# -- weights and tokenizers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_packed_archive(way: int, tmp_path: Path, opening: Opening) -> None:
    path = tmp_path / "a.pt"
    with zipfile.ZipFile(path, "w", way) as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02}." + bytes(1000))
        archive.writestr("archive/data/0", bytes(1000))
    data = bytearray(path.read_bytes())
    data[60:70] = b"\xff" * 10
    path.write_bytes(data + bytes(10_000) + data[data.rindex(b"PK\x05\x06") :])
    assert opening("latent", path).refused


@pytest.mark.parametrize(
    "parts",
    [
        {"model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": {"the": 0}}},
        {
            "post_processor": {
                "type": "TemplateProcessing",
                "single": [{"Sequence": {"id": "B", "type_id": 0}}],
                "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
                "special_tokens": {},
            }
        },
    ],
    ids=["without the word for unknown ones", "that looks for a second text"],
)
def test_a_tokenizer_that_fails_when_it_is_used(parts: dict[str, Any], writer: Path, opening: Opening) -> None:
    with_tokenizer(writer, **parts)
    assert opening("count", writer).opened == "None"


@pytest.mark.parametrize("text", ["%9999999999d", "%-.9999999999d", "x" * 100_000], ids=["wide", "precise", "long"])
def test_a_text_that_is_reckoned_with(text: str, picture: Path, opening: Opening) -> None:
    edit("vae/config.json", block_out_channels=[text] * 2, norm_num_groups=1)(picture)
    assert "is text, not a number" in opening("vae", picture).refused


def test_an_autoencoder_of_more_numbers_than_memory(picture: Path, opening: Opening) -> None:
    edit("config.json", block_out_channels=[2**22] * 3)(picture / "vae")
    assert "far larger" in opening("vae", picture / "vae").refused


# -- the index ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """An index of one picture."""
    path = tmp_path / "index.sqlite"
    with closing(Index(path)) as index:
        index.put(Item(id="it", path="/a.png", kind="image", created=1.0, job=RECORD["job"]))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return path


def test_a_schema_that_is_no_text(index: Path) -> None:
    data = index.read_bytes()
    assert b"TABLE items" in data
    index.write_bytes(data.replace(b"TABLE items", b"T\xceBLE items"))
    with closing(Index(index)) as made:
        assert made.fresh
        assert not made.search(Query())
    assert list(index.parent.glob("index.sqlite.broken-*"))


def test_a_schema_with_an_endless_row(index: Path) -> None:
    parts = {
        0: b"SQLite format 3\0\2\0", 21: b"\x40\x20\x20",  # pages of 512 bytes
        100: b"\5\0\0\0\3", 112: b"\1\xfb\1\xf6", 505: b"\7", 510: b"\5",  # the schema's root, and two of its leaves
        2048: b"\r\0\0\0\3", 3072: b"\r\0\0\0\4\0\0\0\1\x91",
        3473: b"\xff" * 7 + b"\x59\0\x4b",  # the row: SQLite says that there is no memory for it
    }  # fmt: skip
    data = bytearray(3496)
    for at, part in parts.items():
        data[at : at + len(part)] = part
    index.write_bytes(data)
    with closing(Index(index)) as made:
        assert made.fresh
        assert not made.search(Query())
    assert list(index.parent.glob("index.sqlite.broken-*"))


@pytest.mark.parametrize(
    ("column", "value"),
    [("created", 1e15), ("created", "x"), ("kind", "x"), ("job", "[" * 100_000), ("notes", "3"), ("prompt", b"x")],
)
def test_a_row_that_nobody_wrote(index: Path, column: str, value: object) -> None:
    with closing(sqlite3.connect(index)) as connection:
        connection.execute(f"UPDATE items SET {column} = ?", (value,))
        connection.commit()
    with closing(Index(index)) as found, pytest.raises(Exception, match="damaged"):
        found.search(Query())
    with closing(Index(index)) as again:
        assert again.fresh
        assert not again.search(Query())


# -- what a room remembers ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize(
    "kept", [{"mode": {}}, {"mode": []}, {"walk": {"path": "", "space": "x"}}, {"walk": {"size": 255}}]
)
def test_what_the_latent_room_never_wrote(kept: dict[str, Any]) -> None:
    rooms(json.dumps({"latent": kept}).encode())


# -- the state of a training -------------------------------------------------------------------------------------------


@pytest.fixture
def begun(tmp_path: Path) -> tuple[Trainer, Path]:
    """A training after one step, and what it saved."""
    with mock.patch.dict(WIDTHS, small=4):
        trainer = Trainer(
            TrainingConfig(resolution=8, batch=4),
            torch.randint(0, 255, (4, 3, 8, 8), dtype=torch.uint8),
            torch.device("cpu"),
        )
    trainer.step()
    saved.save(trainer, tmp_path / "state.safetensors", {})
    return trainer, tmp_path / "state.safetensors"


@pytest.mark.parametrize(
    ("name", "value"), [("steps", -1), ("steps", 1e300), ("p", 2), ("overfit_rt", math.nan), ("p", [])]
)
def test_numbers_that_no_training_comes_to(begun: tuple[Trainer, Path], name: str, value: object) -> None:
    trainer, path = begun
    text = json.dumps({"trainer": {**trainer.numbers(), name: value}, "more": {}})
    save_file({key: tensor.contiguous() for key, tensor in trainer.tensors().items()}, path, {"training": text})
    with pytest.raises(StudioError, match="can't continue"):
        saved.load(trainer, path)


@pytest.mark.parametrize("change", [lambda moment: moment[..., :1].contiguous(), torch.Tensor.double, None])
def test_moments_of_another_optimizer(begun: tuple[Trainer, Path], change: Any) -> None:
    trainer, path = begun
    tensors = {key: tensor.contiguous() for key, tensor in trainer.tensors().items()}
    moment = tensors.pop("optimizer.0.exp_avg")
    if change is not None:
        tensors["optimizer.0.exp_avg"] = change(moment)
    save_file(tensors, path, {"training": json.dumps({"trainer": trainer.numbers(), "more": {}})})
    with pytest.raises(StudioError, match="can't continue"):
        saved.load(trainer, path)


@pytest.mark.parametrize(
    "more", [{}, [], {**_MORE, "seconds": "x"}, {**_MORE, "losses": [[1]]}, {**_MORE, "snapshot": 1}]
)
def test_what_else_no_training_keeps(begun: tuple[Trainer, Path], more: Any) -> None:
    trainer, path = begun
    pictures = Pictures(8, trainer._pixels)
    with mock.patch.dict(WIDTHS, small=4):
        saved.save(trainer, path, _MORE)
        assert Training(trainer.config, pictures, path.parent, "x", trainer.device).shown == trainer.shown
        saved.save(trainer, path, more)
        with pytest.raises(StudioError, match="can't continue"):
            Training(trainer.config, pictures, path.parent, "x", trainer.device)


# -- a JPEG of many marks ----------------------------------------------------------------------------------------------

_EXIF = bytes_of.segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0") * 400_000


@pytest.mark.parametrize(
    "marks",
    [_EXIF, b"\xff" * 40_000_000, b"x" * 40_000_000, b"x" + _EXIF, b"\xff\xf0\xff\xff" + _EXIF],
    ids=["Exif", "fill bytes", "junk", "Exif behind junk", "Exif behind a mark without length"],
)  # fmt: skip
def test_a_jpeg_of_many_marks(marks: bytes, tmp_path: Path, opening: Opening) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(bytes_of.jpeg(segments=marks))
    for way in ("settings of", "start picture", "thumbnail"):
        assert opening(way, path).refused
