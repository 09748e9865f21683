"""Generators come from good files, and from bad ones comes a sentence and nothing else."""

import contextlib
import json
import os
import pickle
import sys
import tempfile
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.ml.load.gan import SETTINGS, WEIGHTS, load_generator, save_generator
from studio.ml.load.pickle_reader import Name, read_pickle
from studio.ml.nets import stylegan3
from studio.ml.nets.stylegan2 import Config, Generator

DATA = Path(__file__).parents[2] / "data" / "stylegan"
PICKLE = DATA / "sg2_64.pkl"
CANARY = Path(tempfile.gettempdir()) / "TRIPTYCH_CANARY_EXECUTED"


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    config = Config(z_dim=8, w_dim=8, resolution=16, channels=(8, 8, 4), mapping_layers=2, clamp=256.0)
    save_generator(Generator(config), tmp_path / "model")
    return tmp_path / "model"


@contextlib.contextmanager
def reconstructed() -> Iterator[None]:
    """While inside, `Saved` values are saved as objects that StyleGAN's own code would rebuild."""
    module = types.ModuleType("torch_utils.persistence")
    module._reconstruct_persistent_obj = _reconstruct_persistent_obj  # type: ignore[attr-defined]
    _reconstruct_persistent_obj.__module__ = "torch_utils.persistence"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "torch_utils", types.ModuleType("torch_utils"))
        patch.setitem(sys.modules, "torch_utils.persistence", module)
        yield


def persistent(path: Path, content: Any) -> Path:
    """A network pickle as StyleGAN writes it."""
    with reconstructed():
        path.write_bytes(pickle.dumps(content))
    return path


def _reconstruct_persistent_obj(meta: Any) -> None:
    raise AssertionError("only its name is used")


class Saved:
    def __init__(self, class_name: str, parameters: dict[str, torch.Tensor], **modules: Any) -> None:
        self.meta = {
            "type": "class",
            "version": 6,
            "module_src": f"open({str(CANARY)!r}, 'a')",
            "class_name": class_name,
            "state": {"_parameters": parameters, "_buffers": {}, "_modules": modules},
        }

    def __reduce__(self) -> Any:
        return _reconstruct_persistent_obj, (self.meta,)


def refused(path: Path) -> str:
    with pytest.raises(StudioError) as caught:
        load_generator(path)
    return caught.value.message


def test_a_pickle_is_read_and_not_run():
    CANARY.unlink(missing_ok=True)
    generator = load_generator(PICKLE)
    assert (generator.z_dim, generator.c_dim, generator.w_dim) == (64, 0, 64)
    assert (generator.num_ws, generator.resolution) == (10, 64)
    assert generator.config.clamp == 256
    assert not CANARY.exists()


def test_what_was_saved_comes_back(saved):
    generator = load_generator(saved)
    assert generator.config == Config(
        z_dim=8, w_dim=8, resolution=16, channels=(8, 8, 4), mapping_layers=2, clamp=256.0
    )
    picture = generator.synthesis(generator.mapping(torch.ones(1, 8)))
    again = load_generator(saved / WEIGHTS)
    assert torch.equal(picture, again.synthesis(again.mapping(torch.ones(1, 8))))
    assert picture.dtype == torch.float32


def test_saving_leaves_no_half_files(saved):
    assert sorted(path.name for path in saved.iterdir()) == [SETTINGS, WEIGHTS]


def test_a_folder_with_one_pickle_is_that_model(tmp_path):
    (tmp_path / "network.pkl").write_bytes(PICKLE.read_bytes())
    assert load_generator(tmp_path).resolution == 64


def test_a_missing_file_is_named(tmp_path):
    assert "There is no model at" in refused(tmp_path / "none.pkl")


def test_a_folder_without_a_model_is_named(tmp_path):
    assert "contains no generator" in refused(tmp_path)


@pytest.mark.parametrize("keep", [1, 1000, 200_000, -1])
def test_a_pickle_cut_off_is_named(tmp_path, keep):
    (tmp_path / "cut.pkl").write_bytes(PICKLE.read_bytes()[:keep])
    assert "it is incomplete" in refused(tmp_path / "cut.pkl")


def test_an_empty_file_is_no_pickle(tmp_path):
    (tmp_path / "empty.pkl").touch()
    assert "not a network pickle" in refused(tmp_path / "empty.pkl")


def test_weights_cut_off_are_named(saved):
    weights = (saved / WEIGHTS).read_bytes()
    (saved / WEIGHTS).write_bytes(weights[: len(weights) // 2])
    assert "incomplete" in refused(saved)


def test_missing_settings_are_named(saved):
    (saved / SETTINGS).unlink()
    assert SETTINGS in refused(saved)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "not valid JSON"),
        ("[]", "StyleGAN2"),
        ('{"architecture": "stylegan9"}', "stylegan9"),
        ('{"architecture": ["stylegan2"]}', "StyleGAN2"),
        ('{"architecture": "stylegan2", "config": {"z_dim": "many"}}', "settings are invalid"),
    ],
)
def test_wrong_settings_are_named(saved, text, sentence):
    (saved / SETTINGS).write_text(text, encoding="utf-8")
    assert sentence in refused(saved)


def test_settings_of_another_model_are_named(saved):
    content = json.loads((saved / SETTINGS).read_text(encoding="utf-8"))
    content["config"]["channels"] = [16, 8, 4]
    (saved / SETTINGS).write_text(json.dumps(content), encoding="utf-8")
    assert "don't match each other" in refused(saved)


def test_a_pickle_of_something_else_is_named(tmp_path):
    (tmp_path / "list.pkl").write_bytes(pickle.dumps([1, 2, 3]))
    assert "no generator" in refused(tmp_path / "list.pkl")


def test_a_picture_is_no_pickle(tmp_path):
    (tmp_path / "picture.pkl").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert "not a network pickle" in refused(tmp_path / "picture.pkl")


def test_a_tensorflow_pickle_is_named(tmp_path):
    (tmp_path / "old.pkl").write_bytes(b"\x80\x02cdnnlib.tflib.network\nNetwork\n)\x81}b.")
    assert "TensorFlow" in refused(tmp_path / "old.pkl")


def test_a_discriminator_is_named(tmp_path):
    critic = Saved("Discriminator", {"weight": torch.ones(2)})
    assert "discriminator" in refused(persistent(tmp_path / "d.pkl", critic))
    assert "discriminator" in refused(persistent(tmp_path / "only.pkl", {"G": None, "D": critic, "G_ema": None}))


@pytest.mark.parametrize(
    ("name", "modules", "sentence"),
    [
        ("SuperresGenerator", {"mapping": {"fc0": {}}}, "StyleGAN-XL"),
        ("Generator", {"mapping": {"embed_proj": {}}, "synthesis": {"input": {}}}, "StyleGAN-XL"),
        ("FastGenerator", {"init_big": {}}, "(FastGenerator) are not a StyleGAN2 or StyleGAN3"),
        ("Generator", {"mapping": {"fc0": {}}, "synthesis": {"input": {}}}, "(Generator) are not a StyleGAN2"),
        ("Generator", {"mapping": {"fc0": {}}, "synthesis": {"b8": {}}}, "(Generator) are not a StyleGAN2"),
    ],
)
def test_other_generators_are_named(tmp_path, name, modules, sentence):
    def saved(kind: str, parts: dict[str, Any]) -> Saved:
        return Saved(kind, {"weight": torch.ones(2, 2)}, **{part: saved(part, more) for part, more in parts.items()})

    assert sentence in refused(persistent(tmp_path / "other.pkl", {"G_ema": saved(name, modules)}))
    assert not CANARY.exists()


def test_a_stylegan3_pickle_is_read_and_not_run():
    CANARY.unlink(missing_ok=True)
    generator = load_generator(DATA / "sg3t_128.pkl")
    assert (generator.z_dim, generator.c_dim, generator.w_dim) == (64, 0, 64)
    assert (generator.num_ws, generator.resolution) == (16, 128)
    assert not CANARY.exists()


@torch.inference_mode()
@pytest.mark.parametrize("name", ["sg2_64", "sg3t_128"])
def test_any_generator_can_be_saved_in_our_form(tmp_path, name):
    """Every bit of the picture, with the numbers that only the pickle's attributes said."""
    generator = load_generator(DATA / f"{name}.pkl")
    save_generator(generator, tmp_path / "ours")
    again = load_generator(tmp_path / "ours")
    assert again.config == generator.config
    z = torch.randn(1, 64)
    assert torch.equal(again.synthesis(again.mapping(z)), generator.synthesis(generator.mapping(z)))


@torch.inference_mode()
@pytest.mark.parametrize("radial", [False, True])
def test_a_stylegan3_with_settings_of_its_own_comes_back(tmp_path, radial):
    config = stylegan3.Config(
        8, 8, 32, (16, 12, 10, 8), c_dim=3, img_channels=4, kernel=1, radial=radial, critical=1, margin=4, clamp=None,
        first_cutoff=1.5, first_stopband=5.0, last_stopband=1.5, output_scale=0.5, mapping_layers=3,
    )  # fmt: skip
    generator = stylegan3.Generator(config).freeze()
    save_generator(generator, tmp_path)
    again = load_generator(tmp_path)
    assert again.config == config
    w = again.mapping(torch.randn(1, 8), torch.eye(3)[1:2])
    assert torch.equal(again.synthesis(w), generator.synthesis(w))


class Hostile:
    """What a pickle that means harm says: call this, with that."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize("function", [os.system, exec, eval, __import__, getattr, print])
def test_a_hostile_pickle_calls_nothing(tmp_path, function):
    target = tmp_path / "touched"
    path = tmp_path / "hostile.pkl"
    path.write_bytes(pickle.dumps({"G_ema": Hostile(function, f"open({str(target)!r}, 'w').close()", "x")}))
    assert "no generator" in refused(path)
    assert not target.exists()


def test_the_reader_makes_names_that_share_nothing(tmp_path):
    path = tmp_path / "classes.pkl"
    path.write_bytes(b"\x80\x02(cos\nsystem\ncos\nsystem\nl.")
    (first, second), seen = read_pickle(path)
    assert first is not second
    assert isinstance(first, Name)
    assert seen == {("os", "system")}


def test_a_tensor_cannot_reach_beyond_its_numbers(tmp_path):
    tensor = torch.zeros(4)
    data = pickle.dumps(tensor.untyped_storage())
    assert data  # a storage pickles through torch.storage._load_from_bytes, as in the network files

    class Long:
        def __reduce__(self) -> Any:
            return torch._utils._rebuild_tensor_v2, (tensor.storage(), 0, (1000,), (1,), False, None)

    path = tmp_path / "long.pkl"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch says once in a process that storages have no type any more
        path.write_bytes(pickle.dumps({"G_ema": Long()}))
    assert "damaged" in refused(path)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 5000), value=st.integers(0, 255))
def test_a_damaged_byte_gives_a_sentence_or_a_generator(tmp_path, place, value):
    content = bytearray(PICKLE.read_bytes())
    content[place] = value
    path = tmp_path / "damaged.pkl"
    path.write_bytes(bytes(content))
    message = ""
    try:
        load_generator(path)
    except StudioError as error:
        message = error.message
    assert not message or str(path) in message
    assert not CANARY.exists()


NUMBERS = st.one_of(
    st.integers(-2, 70), st.sampled_from([128, 4096, 10**6, 2**70]), st.floats(), st.none(), st.booleans(),
    st.lists(st.integers(0, 9), max_size=3), st.text(max_size=3),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    family=st.sampled_from(["stylegan2", "stylegan3"]), changes=st.dictionaries(st.integers(0, 16), NUMBERS, min_size=1)
)
def test_whatever_settings_say_comes_a_sentence_or_a_generator(tmp_path, family, changes):
    folder = tmp_path / family
    if not folder.exists():
        small = {
            "stylegan2": Config(8, 8, 16, (8, 8, 4), clamp=256.0),
            "stylegan3": stylegan3.Config(8, 8, 16, (8,) * 4),
        }
        made = {"stylegan2": Generator, "stylegan3": stylegan3.Generator}[family](small[family])  # type: ignore[operator]
        save_generator(made, folder)
        (folder / SETTINGS).rename(folder / "sound.json")
    content = json.loads((folder / "sound.json").read_text(encoding="utf-8"))
    names = sorted(content["config"])
    content["config"] |= {names[place % len(names)]: value for place, value in changes.items()}
    (folder / SETTINGS).write_text(json.dumps(content), encoding="utf-8")
    message = ""
    try:
        generator = load_generator(folder)
        assert generator.synthesis(generator.mapping(torch.ones(1, 8))).shape[2:] == (16, 16)
    except StudioError as error:
        message = error.message
    assert not message or str(folder) in message


@pytest.mark.parametrize("name", ["x.pkl", "x.pt", "x.pth", "x.safetensors", WEIGHTS])
def test_a_pipe_is_no_file(tmp_path: Path, name: str) -> None:
    """Reading it would never end."""
    os.mkfifo(tmp_path / name)
    with pytest.raises(StudioError, match="it is not a file"):
        load_generator(tmp_path if name == WEIGHTS else tmp_path / name)
