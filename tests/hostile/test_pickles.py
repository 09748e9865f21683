"""Pickles that mean harm: whatever they are called and whatever is around them, they are refused and do nothing."""

from pathlib import Path

import pytest

from tests.hostile.conftest import Opening
from tests.hostile.pickles import BOMBS, behind_facade, in_tar, in_zip, programs

SHAPES = tuple(programs(Path("nowhere")))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_network_that_is_a_program(shape: str, opening: Opening, canary: Path, tmp_path: Path) -> None:
    program = programs(canary)[shape]
    for name, data in (
        ("plain", program), ("facade", behind_facade(program)), ("zip", in_zip(program)), ("tar", in_tar(program)),
    ):  # fmt: skip
        path = tmp_path / f"{name}.pkl"
        path.write_bytes(data)
        assert opening("latent", path).refused
        opening("judge", path)


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_network_that_never_ends(bomb: str, opening: Opening, tmp_path: Path) -> None:
    path = tmp_path / "bomb.pkl"
    path.write_bytes(BOMBS[bomb]())
    assert opening("latent", path).refused
    opening("judge", path)


@pytest.mark.parametrize("name", ["a.ckpt", "a.pt", "a.bin", "a.pth", "a.safetensors", "a.pkl"])
@pytest.mark.parametrize("way", ["judge", "latent", "image", "write"])
def test_a_program_by_any_name(name: str, way: str, opening: Opening, canary: Path, tmp_path: Path) -> None:
    for data in (behind_facade(programs(canary)["STACK_GLOBAL"]), in_zip(programs(canary)["GLOBAL and REDUCE"])):
        (tmp_path / name).write_bytes(data)
        found = opening(way, tmp_path / name)
        assert found.refused or found.opened or (way == "judge" and name == "a.pkl")
