"""Fuzzing targets for the settings and tokenizers of whole models; see ``fuzz.py``. No program of theirs may run."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from studio.core.errors import StudioError
from studio.families.rules.settings_files import check_settings
from studio.ml.load.bounds import check_files
from studio.ml.load.clip_score import load_clip
from studio.ml.load.folder import read_folder
from studio.ml.load.image import load_pipeline
from studio.ml.load.text import load_language_model
from studio.ml.load.vae import load_autoencoder
from studio.models import tokens
from studio.models.catalogue import Model, ModelCatalogue, inspect_model
from studio.models.own_settings import own_settings, schedulers_of
from tests import tiny_models, tiny_writer
from tests.hostile.templates import tokenizers
from tests.models import folders
from tests.torture.fuzz_target import Refusing, Target, put, watched
from tests.torture.mutators import json_behind

_JUDGED = ("picture/model_index.json", "writer/config.json", "picture/scheduler/scheduler_config.json",
           "picture/unet/config.json", "card/triptych.json", "card/generator.json", "vae/config.json",
           "writer/model.safetensors.index.json", "writer/tokenizer_config.json", "writer/README.md",
           "match/config.json", "picture/vae/config.json")  # fmt: skip
_WRITER = ("config.json", "generation_config.json", "tokenizer_config.json", "tokenizer.json",
           "special_tokens_map.json")  # fmt: skip
_PIPELINE = ("model_index.json", "unet/config.json", "vae/config.json", "scheduler/scheduler_config.json",
             "text_encoder/config.json", "tokenizer/tokenizer_config.json")  # fmt: skip
_MATCH = ("config.json", "preprocessor_config.json", "tokenizer_config.json", "tokenizer.json")
_VOCABULARY = b'{"a": 0, "b": 1, "ab": 2, "<|endoftext|>": 3, "t": 4, "h": 5, "th": 6}\0#version: 0.2\na b\nt h\n'
_SENTENCE = "the cat sat on the mat"


def targets(room: Path) -> dict[str, Target]:
    def loaded(
        files: tuple[str, ...], make: Callable[[Path], Path], load: Callable[[str], object], kind: str
    ) -> Target:
        """A whole model, one of whose settings is changed, as the engine loads it."""
        home = room / "whole" / kind
        read = watched(partial(_load, home, files, make, load), room / "canary")
        return Target(read, lambda: _wholes(home, files, make), json_behind(1), 40_000, slow=True)

    vocabularies = [_VOCABULARY, _VOCABULARY.replace(b'"a": 0', b'"<|startoftext|>": 0')]
    return {
        "folder": Target(watched(partial(judged, room), room / "canary"), lambda: _settings(room), json_behind(1)),
        "tokenizer": Target(partial(tokenizer, room / "counted"), _tokenizers, json_behind(), 60_000),
        "vocabulary": Target(partial(vocabulary, room / "older"), lambda: vocabularies),
        "writer": loaded(_WRITER, tiny_writer.save_writer, load_language_model, "writer"),
        "pipeline": loaded(_PIPELINE, tiny_models.save_stable_diffusion, load_pipeline, "picture"),
        "autoencoder": loaded(("vae/config.json",), tiny_models.save_stable_diffusion, load_autoencoder, "vae"),
        "match": loaded(_MATCH, tiny_models.save_clip, load_clip, "match"),
    }


def judged(room: Path, data: bytes) -> None:
    """The settings of a folder, one of those that decide: whatever they say, the folder is judged."""
    with _changed(room / "judged", _JUDGED, _to_judge, data) as file:
        folder = next(path for path in file.parents if path.parent.name == "judged")
        model = inspect_model(folder)
        assert model.usable or model.reason
        for found in ModelCatalogue(room / "nothing", [str(folder.parent)], room / "memory.json").scan():
            assert len(found.name) + len(found.licence) + len(found.summary) < 4000
            assert len(found.reason.replace(found.path, "")) < 1000
        own_settings(folder, "StableDiffusionPipeline")
        schedulers_of(folder)
        for check in (read_folder, check_settings):
            with Refusing(folder):
                check(folder)


def tokenizer(folder: Path, data: bytes) -> None:
    """As the window counts tokens, with what the engine would take too."""
    put(folder / "tokenizer.json", data)
    with suppress(StudioError):
        check_files(folder)
        _count(folder)


def vocabulary(folder: Path, data: bytes) -> None:
    """The two files of older tokenizers, with a zero byte between them."""
    words, _, merges = data.partition(b"\0")
    put(folder / "vocab.json", words)
    put(folder / "merges.txt", merges)
    _count(folder)


def _count(folder: Path) -> None:
    tokens._tokenizer.cache_clear()
    tokens.count_tokens(Model(address=str(folder), path=str(folder), name="a", family="causal_lm"), _SENTENCE)


def _load(
    home: Path, files: tuple[str, ...], make: Callable[[Path], Path], load: Callable[[str], object], data: bytes
) -> None:
    with _changed(home, files, make, data), Refusing(home):
        load(str(home))


@contextmanager
def _changed(home: Path, files: tuple[str, ...], make: Callable[[Path], Path], data: bytes) -> Iterator[Path]:
    """While this lasts, the file that the first byte chooses holds the rest of ``data``."""
    if not home.exists():
        make(home)
    path = home / files[data[0] % len(files) if data else 0]
    before = path.read_bytes() if path.exists() else None
    put(path, data[1:])
    try:
        yield path
    finally:
        path.unlink() if before is None else path.write_bytes(before)


# -- seeds -------------------------------------------------------------------------------------------------------------


def _wholes(home: Path, files: tuple[str, ...], make: Callable[[Path], Path]) -> Iterator[bytes]:
    if not home.exists():
        make(home)
    for number, name in enumerate(files):
        yield bytes([number]) + ((home / name).read_bytes() if (home / name).exists() else b"{}")


def _to_judge(path: Path) -> Path:
    folders.picture_model(path / "picture", vae=["diffusers", "AutoencoderKL"])
    shutil.copytree(path / "picture" / "unet", path / "picture" / "vae")
    folders.language_model(path / "writer")
    folders.generator(path / "card")
    folders.language_model(path / "match", architectures=["CLIPModel"])
    folders.language_model(path / "vae", _class_name="AutoencoderKL")
    return path


def _settings(room: Path) -> Iterator[bytes]:
    home = room / "judged"
    samples = [sample[1:] for sample in _wholes(home, _JUDGED, _to_judge)]
    samples += [
        json.dumps({"kind": "write", "name": "a 2", "steps": 3, "licence": None, "summary": "x"}).encode(),
        json.dumps({"weight_map": {"a": "model.safetensors", "b": "../../x"}}).encode(),
        json.dumps({"_class_name": "DDIMScheduler", "block_out_channels": [1, 2], "sample_size": 64}).encode(),
        b"---\nlicense: other\nlicense_name: 'mine'\n---\n",
    ]
    for place in range(len(_JUDGED)):
        yield from (bytes([place]) + sample for sample in dict.fromkeys(samples))


def _tokenizers() -> Iterator[bytes]:
    whole = json.loads(tiny_writer.train_tokenizer().backend_tokenizer.to_str())
    known = {word: number for word, number in whole["model"]["vocab"].items() if number < 40}
    whole["model"] |= {"vocab": known, "merges": []}
    yield json.dumps(whole).encode()
    for parts in tokenizers().values():
        if len(small := json.dumps({**whole, **parts}).encode()) < 20_000:
            yield small
    steps = [{"type": "NFKC"}, {"type": "Lowercase"}, {"type": "Strip", "strip_left": True, "strip_right": True}]
    other = {"pre_tokenizer": {"type": "Whitespace"}, "normalizer": {"type": "Sequence", "normalizers": steps},
             "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True}}  # fmt: skip
    for model in (
        {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
         "max_input_chars_per_word": 100, "vocab": {"[UNK]": 0, "the": 1}},
        {"type": "WordLevel", "unk_token": "[UNK]", "vocab": {"[UNK]": 0, "the": 1}},
        {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["the", -1.5]], "byte_fallback": False},
    ):  # fmt: skip
        yield json.dumps({**whole, **other, "model": model}).encode()
