"""Fuzzing targets for the files of a model: pickles, archives, safetensors, generators; see ``fuzz.py``."""

import io
import pickle as pickles_of_python
import struct
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as tensors_in

from studio.ml.load import bounds, gan, pickle_reader, pickled_modules, pickled_weights
from studio.ml.nets.stylegan2 import Config, Generator
from studio.ml.training import saved
from studio.ml.training.trainer import WIDTHS, Trainer, TrainingConfig
from studio.models import headers
from tests.hostile import pickles
from tests.ml.load import test_rosinality as stylegan
from tests.ml.load.test_forms_of_generators import as_modules
from tests.ml.load.test_gan import reconstructed
from tests.torture.fuzz_target import Refusing, Target, put, watched
from tests.torture.mutators import archive, json_behind, safetensors

_NETWORK = Path(__file__).parents[1] / "data" / "stylegan" / "sg2_64.pkl"


def targets(room: Path) -> dict[str, Target]:
    canary = room / "canary"
    networks, checkpoints = partial(generator, room / "a.pkl"), partial(generator, room / "a.pt")
    return {
        "pickle": Target(watched(partial(pickle, room), canary), lambda: _pickles(canary), longest=70_000),
        "weights": Target(watched(partial(weights, room), canary), lambda: _weights(canary), archive),
        "network": Target(watched(networks, canary), lambda: _networks(canary), longest=70_000),
        "checkpoint": Target(watched(checkpoints, canary), _checkpoints, archive, 50_000),
        "generator": Target(partial(settings, room / "ours"), lambda: [_ours()[1]], json_behind()),
        "state": Target(partial(state, room), lambda: _states(room), safetensors, 100_000, slow=True),
        "header": Target(partial(header, room), lambda: [_ours()[0], _ours()[0][:500]], safetensors),
    }


def pickle(room: Path, data: bytes) -> None:
    """The reader raises what it says, and its modules can be walked."""
    path = put(room / "a.pkl", data)
    with suppress(*pickle_reader.BROKEN):
        content, _ = pickle_reader.read_pickle(path)
        for found in content.values() if isinstance(content, dict) else [content]:
            if isinstance(found, pickle_reader.Shell):
                pickled_modules.tensors_of(found)


def weights(room: Path, data: bytes) -> None:
    """What the check lets through, torch must read without running anything."""
    path = put(room / "a.bin", data)
    with suppress(pickles_of_python.UnpicklingError):
        pickled_weights.check_pickled(path)
        with suppress(*pickle_reader.BROKEN):
            torch.load(path, map_location="cpu", weights_only=True)


def generator(path: Path, data: bytes) -> None:
    """As the catalogue judges it, and as it is loaded."""
    put(path, data)
    with Refusing(path):
        headers.check_network_pickle(path) if path.suffix == ".pkl" else headers.check_checkpoint(path)
    with Refusing(path):
        gan.load_generator(path)


def settings(folder: Path, data: bytes) -> None:
    """Our own settings, beside whole weights."""
    path = put(folder / gan.SETTINGS, data)
    with Refusing(path.with_suffix("")):
        gan.load_generator(put(folder / gan.WEIGHTS, _ours()[0]))


def state(room: Path, data: bytes) -> None:
    """A training that is taken up again can go on."""
    path = put(room / "state.safetensors", data)
    with Refusing(path):
        saved.load(_trainer(), path)
        _trainer().step()


def header(room: Path, data: bytes) -> None:
    """What the catalogue takes for whole, the library must read."""
    path = put(room / "a.safetensors", data)
    with Refusing(path):
        bounds.check_header(path)
        headers.check_safetensors(path)
        with suppress(SafetensorError), safe_open(path, framework="numpy") as file:
            file.metadata()
            file.keys()


# -- seeds -------------------------------------------------------------------------------------------------------------


@cache
def _ours() -> tuple[bytes, bytes]:
    """Weights and settings of a small generator in our own form."""
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        gan.save_generator(Generator(Config(8, 8, 8, (8, 4), mapping_layers=2, clamp=256.0)), folder)
        weights, settings = ((Path(folder) / name).read_bytes() for name in (gan.WEIGHTS, gan.SETTINGS))
    return weights, settings


@cache
def _trainer() -> Trainer:
    """As small as can be."""
    with mock.patch.dict(WIDTHS, small=4):
        return Trainer(
            TrainingConfig(resolution=8, batch=4), torch.zeros(4, 3, 8, 8, dtype=torch.uint8), torch.device("cpu")
        )


def _states(room: Path) -> Iterator[bytes]:
    for _ in range(2):
        saved.save(_trainer(), room / "seed", {"seconds": 1.5})
        yield (room / "seed").read_bytes()
        _trainer().step()


def _pickles(canary: Path) -> Iterator[bytes]:
    shapes = pickles.programs(canary)
    yield from shapes.values()
    yield from map(pickles.behind_facade, shapes.values())
    yield from (bomb for make in pickles.BOMBS.values() if len(bomb := make()) < 70_000)


def _weights(canary: Path) -> Iterator[bytes]:
    tensors = {"a": torch.ones(2, 2), "b": torch.zeros(3, dtype=torch.float16)}
    yield from (_saved(tensors, as_zip) for as_zip in (True, False))
    yield from map(pickles.in_zip, pickles.programs(canary).values())
    yield pickles.in_tar(b"N.")


def _saved(content: Any, as_zip: bool) -> bytes:
    file = io.BytesIO()
    torch.save(content, file, _use_new_zipfile_serialization=as_zip)
    return file.getvalue()


def _checkpoints() -> Iterator[bytes]:
    with mock.patch.multiple(stylegan, CHANNELS=(4, 4), W=4):
        state = stylegan.checkpoint()
    own = tensors_in(_ours()[0])
    decoder = {f"decoder.{name}": tensor for name, tensor in state.items()}
    contents = (
        {"g_ema": state, "latent_avg": torch.zeros(4)}, state, {"g": state, "d": {}}, {"G_ema": own},
        {"state_dict": decoder, "latent_avg": torch.zeros(8, 4)}, {"shared.weight": torch.ones(2)},
    )  # fmt: skip
    for content in contents:
        yield from (_saved(content, as_zip) for as_zip in (True, False))
    with reconstructed():
        yield from (_saved(as_modules(own), as_zip) for as_zip in (True, False))


def _networks(canary: Path) -> Iterator[bytes]:
    yield _NETWORK.read_bytes()[:60_000]
    tree: dict[str, Any] = {}
    for name, tensor in tensors_in(_ours()[0]).items():
        *steps, last = name.split(".")
        at = tree
        for step in steps:
            at = at.setdefault(step, {})
        at[last] = tensor
    yield pickles.FACADE + _module(tree, "Generator") + b"s."
    yield from map(pickles.behind_facade, list(pickles.programs(canary).values())[:6])


def _module(inside: dict[str, Any], kind: str) -> bytes:
    """A module with its parameters and modules, as StyleGAN2-ADA saves it."""

    def entry(name: str, value: bytes) -> bytes:
        return pickles._text(name) + value + b"s"

    modules = b"".join(entry(name, _module(part, "Layer")) for name, part in inside.items() if isinstance(part, dict))
    numbers = b"".join(entry(name, _tensor(part)) for name, part in inside.items() if not isinstance(part, dict))
    state = b"}" + entry("_modules", b"}" + modules) + entry("_parameters", b"}" + numbers)
    meta = b"}" + entry("class_name", pickles._text(kind)) + entry("state", state)
    return pickles.PERSISTENT + meta + b"\x85R"


def _tensor(tensor: torch.Tensor) -> bytes:
    """A call that makes the tensor out of a storage of its own."""
    whole = tensor.contiguous()
    storage = _saved(torch.storage.TypedStorage(wrap_storage=whole.untyped_storage(), dtype=whole.dtype), False)
    sizes = (b"(" + b"".join(b"J" + struct.pack("<i", size) for size in part) + b"t"
             for part in (whole.shape, whole.stride()))  # fmt: skip
    made = b"ctorch.storage\n_load_from_bytes\nB" + struct.pack("<I", len(storage)) + storage + b"\x85R"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + made + b"K\x00" + b"".join(sizes) + b"\x89NtR"
