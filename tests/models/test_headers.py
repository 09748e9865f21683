"""Untrusted headers: what is sound passes, what isn't says so, and nothing else ever happens."""

import contextlib
import json
import pickle
import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from studio.core.errors import StudioError
from studio.models.headers import check_checkpoint, check_network_pickle, check_safetensors, holds_generator
from tests.models.folders import network_pickle, write_safetensors


def tensor(begin: Any = 0, end: Any = 8, shape: Any = (2,), dtype: Any = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def test_sound_files_pass(tmp_path: Path) -> None:
    import numpy as np

    assert check_safetensors(write_safetensors(tmp_path / "a")) == 6
    assert check_safetensors(write_safetensors(tmp_path / "b", {}, 0)) == 0
    kinds = (np.float32, np.float16, np.int64, np.uint8, np.bool_)
    (tmp_path / "c").write_bytes(save({str(kind): np.ones((2, 3), kind) for kind in kinds}, {"format": "pt"}))
    assert check_safetensors(tmp_path / "c") == 30


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ({"a": tensor(0, 8)}, 7),
        ({"a": tensor(0, 8)}, 9),
        ({"a": tensor(0, 4)}, 4),
        ({"a": tensor(1, 9)}, 9),
        ({"a": tensor(8, 0)}, 8),
        ({"a": tensor(-8, 0)}, 8),
        ({"a": tensor(0, 8, (-2,))}, 8),
        ({"a": tensor(0, 8, ("2",))}, 8),
        ({"a": tensor(0, 8), "b": tensor(0, 8)}, 8),
        ({"a": tensor(0, 8), "b": tensor(16, 24)}, 24),
        ({"a": tensor(0, 8, (2**62, 2**62))}, 8),
        ({"a": {}}, 0),
        ({"a": []}, 0),
        ({"a": tensor("0", "8")}, 8),
    ],
)
def test_headers_that_lie(tmp_path: Path, header: dict[str, Any], body: int) -> None:
    path = write_safetensors(tmp_path / "a", header, body)
    with pytest.raises(StudioError, match=r"damaged|incomplete") as caught:
        check_safetensors(path)
    assert caught.value.trouble == "model_unusable"
    with pytest.raises(SafetensorError):  # the library agrees
        load_file(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"123", struct.pack("<Q", 2**63), struct.pack("<Q", 50) + b"{}", struct.pack("<Q", 4) + b"[1]\n",
     struct.pack("<Q", 3) + b"\xff\xff\xff", b"PK\x03\x04" + bytes(100), struct.pack("<Q", 9999) + b"[" * 9999],
)  # fmt: skip
def test_files_that_are_something_else(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(StudioError, match="safetensors file"):
        check_safetensors(tmp_path / "a")


def test_a_cut_off_file_says_how_much_is_missing(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "a")
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(StudioError, match=r"incomplete: 5 bytes are missing\. Download it again"):
        check_safetensors(path)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_changed_bytes(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever a file says, it passes or is refused with a sentence."""
    path = write_safetensors(tmp_path / "a")
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    with contextlib.suppress(StudioError):
        assert check_safetensors(path) >= 0


@pytest.mark.parametrize("place", range(8, 40))
def test_what_passes_the_library_can_open(tmp_path: Path, place: int) -> None:
    path = write_safetensors(tmp_path / "a")
    content = bytearray(path.read_bytes())
    for byte in (0, 32, 34, 128, 255):
        path.write_bytes(content[:place] + bytes([byte]) + content[place + 1 :])
        with contextlib.suppress(StudioError):
            check_safetensors(path)
            load_file(path)


def test_network_pickles(tmp_path: Path) -> None:
    assert check_network_pickle(network_pickle(tmp_path / "a.pkl")) == "stylegan2"
    with pytest.raises(StudioError, match="TensorFlow"):
        check_network_pickle(network_pickle(tmp_path / "b.pkl", b"dnnlib.tflib.network\nNetwork"))
    for name, content in (
        ("c", pickle.dumps({"a": 1})),
        ("d", b""),
        ("e", json.dumps({}).encode()),
        ("f", b"torch_utils.persistence"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(StudioError, match="is not a network of StyleGAN2-ADA or StyleGAN3"):
            check_network_pickle(tmp_path / name)
    with pytest.raises(StudioError, match="can't be read"):
        check_network_pickle(tmp_path)


@pytest.mark.parametrize(("name", "family"), [("sg2_64", "stylegan2"), ("sg3t_128", "stylegan3")])
def test_the_family_of_real_pickles_is_told(tmp_path: Path, name: str, family: str) -> None:
    whole = Path(__file__).parents[1] / "data" / "stylegan" / f"{name}.pkl"
    assert check_network_pickle(whole) == family
    (tmp_path / "cut.pkl").write_bytes(whole.read_bytes()[:300_000])
    with pytest.raises(StudioError, match="is incomplete"):
        check_network_pickle(tmp_path / "cut.pkl")


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize(
    ("classes", "sentence"),
    [
        (["Generator", "SynthesisInput", "Discriminator"], ""),
        (["training.dataset.ImageFolderDataset", "Discriminator"], "contains a discriminator"),
        (["training.dataset.ImageFolderDataset", "SuperresGenerator"], "StyleGAN-XL"),
    ],
)
def test_classes_in_a_network_pickle(tmp_path: Path, classes: list[str], sentence: str, protocol: int) -> None:
    content = [
        {"type": "class", "module_src": "torch_utils.persistence; class Discriminator", "class_name": name}
        for name in classes
    ]
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(content, protocol))
    if sentence:
        with pytest.raises(StudioError, match=sentence):
            check_network_pickle(tmp_path / "a.pkl")
    else:
        assert check_network_pickle(tmp_path / "a.pkl") == "stylegan3"


@pytest.mark.parametrize("legacy", [False, True])
def test_checkpoints(tmp_path: Path, legacy: bool) -> None:
    state = {"style.1.weight": torch.ones(2), "to_rgb1.conv.weight": torch.ones(2)}

    def saved(content: object) -> Path:
        torch.save(content, tmp_path / "a.pt", _use_new_zipfile_serialization=not legacy)
        return tmp_path / "a.pt"

    own = {"mapping.fc0.weight": torch.ones(2), "synthesis.b4.const": torch.ones(2)}
    contents = state, {"g_ema": state}, {"g": state, "d": {}, "g_ema": state}, {"g": state, "d": {}}, own, {"G": own}
    for content in contents:
        assert holds_generator(saved(content))
        assert check_checkpoint(tmp_path / "a.pt") == "stylegan2"
    assert check_checkpoint(saved({"synthesis.input.freqs": torch.ones(2)})) == "stylegan3"
    encoder = {f"encoder.body.{number}.weight": torch.ones(2) for number in range(3000)}
    assert holds_generator(saved({"state_dict": {**encoder, "decoder.to_rgb1.conv.weight": torch.ones(2)}}))
    assert not holds_generator(saved({"layer.weight": torch.ones(2)}))
    with pytest.raises(StudioError, match="is not a StyleGAN2"):
        check_checkpoint(tmp_path / "a.pt")
    assert not holds_generator(tmp_path / "none.pt")


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["shared.weight", "blocks.0.0.conv1.weight"], "a BigGAN"),
        (["g_ema.to_rgb1.conv.weight", "g_ema.to_rgbs.0.iwt.ll"], "a SWAGAN"),
        (["backbone.synthesis.b4.const", "superresolution.block0.conv0.weight"], "an EG3D"),
        (["quantize.embedding.weight", "decoder.conv_in.weight"], "a VQGAN"),
    ],
)
def test_other_networks_are_named(tmp_path: Path, names: list[str], kind: str, legacy: bool) -> None:
    torch.save(dict.fromkeys(names, torch.ones(2)), tmp_path / "a.pt", _use_new_zipfile_serialization=not legacy)
    with pytest.raises(StudioError, match=f"is {kind}, which Triptych can't use"):
        check_checkpoint(tmp_path / "a.pt")


def test_the_kind_of_file_counts_and_not_its_ending(tmp_path: Path) -> None:
    torch.save({"g_ema": {"to_rgb1.conv.weight": torch.ones(2)}}, tmp_path / "a.pkl")
    assert check_network_pickle(tmp_path / "a.pkl") == "stylegan2"
    network = Path(__file__).parents[1] / "data" / "stylegan" / "sg3t_128.pkl"
    (tmp_path / "b.pt").write_bytes(network.read_bytes())
    assert check_checkpoint(tmp_path / "b.pt") == "stylegan3"


def test_a_checkpoint_cut_off(tmp_path: Path) -> None:
    torch.save({"g_ema": {"to_rgb1.conv.weight": torch.ones(90_000)}}, tmp_path / "a.pt")
    (tmp_path / "a.pt").write_bytes((tmp_path / "a.pt").read_bytes()[:200_000])
    with pytest.raises(StudioError, match="is incomplete"):
        check_checkpoint(tmp_path / "a.pt")


def test_nothing_in_a_pickle_is_run(tmp_path: Path) -> None:
    target = tmp_path / "ran"

    class Bomb:
        def __reduce__(self) -> Any:
            return Path.touch, (target,)

    (tmp_path / "a.pkl").write_bytes(pickle.dumps(["torch_utils.persistence", Bomb()]))
    check_network_pickle(tmp_path / "a.pkl")
    assert not target.exists()
