"""Pickles that mean harm: whatever they are called and whatever is around them, they are refused and do nothing."""

import pickle
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
        ("module", in_zip(behind_facade(program))),
    ):  # fmt: skip
        for ending in ("pkl", "pt"):
            path = tmp_path / f"{name}.{ending}"
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


@pytest.mark.parametrize("climbs", ["../", "/", "C:\\", "..\\..\\"])
@pytest.mark.parametrize("way", ["judge", "latent", "image", "write"])
def test_an_archive_that_climbs_out_of_its_folder(
    climbs: str, way: str, opening: Opening, canary: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "a" / "b" / "c"
    folder.mkdir(parents=True)
    program, harmless = programs(canary)["GLOBAL and REDUCE"], pickle.dumps({"weight": [1.0]}, 2)
    for number, content in enumerate((program, harmless)):
        for ending in ("pkl", "pt", "ckpt", "bin"):
            for kind, packed in (
                ("zip", in_zip(content, f"{climbs}{tmp_path.name}/data.pkl")),
                ("tar", in_tar(content, f"{climbs}{tmp_path.name}/")),
            ):
                path = folder / f"{kind}{number}.{ending}"
                path.write_bytes(packed)
                found = opening(way, path)
                assert found.refused or found.opened or way == "judge"
    names = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert names == {f"{kind}{number}.{ending}" for kind in ("zip", "tar") for number in (0, 1)
                     for ending in ("pkl", "pt", "ckpt", "bin")}  # fmt: skip
