"""Fuzzing of all that reads a stranger's model: bytes made up by atheris, each held to "a StudioError or nothing".

    python tests/torture/fuzz_models.py TARGET FOLDER [options of libFuzzer, such as -max_total_time=3600]

TARGET is one of: pickle, generator, header, config. FOLDER keeps the corpus; it begins with what the tests have.
Atheris is no dependency of the tests: `pip install atheris` (Linux, macOS).
"""

import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[2]))
with atheris.instrument_imports(include=["studio"]):
    from studio.core.errors import StudioError
    from studio.ml.load import gan, pickle_reader
    from studio.models import headers, own_settings, schedulers, shelf

from tests.hostile.pickles import BOMBS, behind_facade, programs
from tests.models.folders import language_model, picture_model

ROOM = Path(tempfile.mkdtemp(dir=Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None))
CANARY = ROOM / "canary"
NETWORK = Path(__file__).parents[1] / "data" / "stylegan" / "sg2_64.pkl"


def _file(name: str, data: bytes) -> Path:
    path = ROOM / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def _names(error: StudioError, path: Path) -> None:
    if str(path) not in error.message:
        raise AssertionError(error.message)


def pickle(data: bytes) -> None:
    """The reader raises what it says, and its modules can be walked."""
    try:
        content, _ = pickle_reader.read_pickle(_file("a.pkl", data))
        for found in content.values() if isinstance(content, dict) else [content]:
            if isinstance(found, pickle_reader.Rebuilt):
                pickle_reader.tensors_of(found)
    except pickle_reader.BROKEN:
        pass


def generator(data: bytes) -> None:
    """A network pickle, or our own settings beside whole weights."""
    path = _file("network.pkl", data)
    if data[:1] == b"{":
        path = _file("ours/generator.safetensors", WEIGHTS)
        _file("ours/generator.json", data)
    try:
        gan.load_generator(path)
    except StudioError as error:
        _names(error, path.with_suffix(""))


def header(data: bytes) -> None:
    """The header of a safetensors file: judged by us as the library judges it, where it is read at all."""
    path = _file("a.safetensors", data)
    try:
        headers.check_safetensors(path)
    except StudioError as error:
        _names(error, path)
        return
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            file.keys()
    except SafetensorError:
        pass


def config(data: bytes) -> None:
    """The settings of a folder, one of those that decide: whatever they say, the folder is judged."""
    which = ("picture/model_index.json", "writer/config.json", "picture/scheduler/scheduler_config.json",
             "picture/unet/config.json", "card/triptych.json", "card/generator.json",
             "writer/model.safetensors.index.json")  # fmt: skip
    path = ROOM / which[data[0] % len(which)] if data else ROOM / which[0]
    before = path.read_bytes() if path.exists() else None
    _file(str(path.relative_to(ROOM)), data[1:])
    folder = ROOM / path.relative_to(ROOM).parts[0]
    try:
        model = shelf.look_at(folder)
        assert model.usable or model.reason
        own_settings.own_settings(folder, "StableDiffusionPipeline")
        schedulers.schedulers_of(model)
    finally:
        path.unlink() if before is None else path.write_bytes(before)


def _ours() -> tuple[bytes, bytes]:
    import torch

    from studio.ml.nets.stylegan2 import Config, Generator

    small = Config(z_dim=8, w_dim=8, resolution=8, channels=(8, 4), mapping_layers=2, clamp=256.0)
    torch.manual_seed(0)
    gan.save_generator(Generator(small), ROOM / "seed")
    return ((ROOM / "seed" / name).read_bytes() for name in (gan.WEIGHTS, gan.SETTINGS))  # type: ignore[return-value]


WEIGHTS, SETTINGS = _ours()
TARGETS: dict[str, Callable[[bytes], None]] = {
    "pickle": pickle, "generator": generator, "header": header, "config": config,
}  # fmt: skip


def _seeds(target: str) -> list[bytes]:
    shapes = programs(CANARY)
    if target in ("pickle", "generator"):
        small = [bomb for make in BOMBS.values() if len(bomb := make()) < 100_000]
        return [*shapes.values(), *map(behind_facade, shapes.values()), *small, SETTINGS, NETWORK.read_bytes()[:60_000]]
    if target == "header":
        return [WEIGHTS, WEIGHTS[:500], b"\x02\0\0\0\0\0\0\0{}"]
    picture_model(ROOM / "picture")
    language_model(ROOM / "writer")
    _file("card/generator.safetensors", WEIGHTS)
    samples = [
        (ROOM / "picture" / "model_index.json").read_bytes(),
        (ROOM / "writer" / "config.json").read_bytes(),
        SETTINGS,
        json.dumps({"kind": "write", "name": "a", "steps": 3, "licence": None}).encode(),
        json.dumps({"weight_map": {"a": "model.safetensors", "b": "../../x"}}).encode(),
        json.dumps({"_class_name": "DDIMScheduler", "block_out_channels": [1, 2], "sample_size": 64}).encode(),
    ]
    return [bytes([place]) + sample for place in range(7) for sample in samples]


def main() -> None:
    target, corpus = sys.argv[1], Path(sys.argv[2])
    corpus.mkdir(parents=True, exist_ok=True)
    logging.disable(logging.CRITICAL)
    for place, seed in enumerate(_seeds(target)):
        (corpus / f"seed{place}").write_bytes(seed)

    def once(data: bytes) -> None:
        TARGETS[target](data)
        assert not CANARY.exists(), "a program of the file's was run"

    atheris.Setup([sys.argv[0], str(corpus), "-timeout=5", "-rss_limit_mb=2500", "-max_len=70000", *sys.argv[3:]], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
