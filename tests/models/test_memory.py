"""What the last scan found, for the next start, as this and the first release wrote it."""

import json
import shutil
from pathlib import Path

import pytest

from studio.core.abilities import PICTURES
from studio.models.catalogue import ModelCatalogue
from tests.models.folders import picture_model


def test_the_next_start_knows_what_the_last_scan_found_without_touching_the_folders(tmp_path: Path) -> None:
    folder, memory = tmp_path / "models", tmp_path / "cache" / "models.json"
    picture_model(folder / "one")
    (tmp_path / "starters").mkdir()
    found = ModelCatalogue(tmp_path / "starters", [str(folder)], memory).scan()
    shutil.rmtree(folder)
    assert ModelCatalogue(tmp_path / "starters", [str(folder)], memory).models() == found
    assert ModelCatalogue(tmp_path / "starters", [str(tmp_path / "other")], memory).models() == []


OF_0_1_0 = {
    "/m": [
        {"address": f"/m/{name}", "path": f"/m/{name}", "real": f"/m/{name}", "name": name, "kind": kind, "bytes": 9,
         "family": family, "licence": "mit", "summary": "", "usable": usable, "reason": "", "bundled": False,
         "begins": name != "refiner", "schedulers": ["DDIM"], "defaults": {"steps": 4}}
        for name, kind, family, usable in (
            ("base", "image", "StableDiffusionXLImg2ImgPipeline", True),
            ("refiner", "image", "StableDiffusionXLPipeline", True),
            ("tomorrow", "image", "", False), ("llama", "write", "LlamaForCausalLM", True),
            ("faces", "latent", "StyleGAN2", True), ("tiny", "vae", "AutoencoderTiny", True),
            ("clip", "match", "CLIPModel", True), ("detail", "other", "a LoRA", False),
        )
    ]
}  # fmt: skip
"""The file of the last scan as version 0.1.0 wrote it."""


def test_what_0_1_0_found_is_known_until_the_folders_were_looked_through_again(tmp_path: Path) -> None:
    (tmp_path / "memory.json").write_text(json.dumps({"found": OF_0_1_0}), encoding="utf-8")
    found = {model.name: model for model in ModelCatalogue(tmp_path, ["/m"], tmp_path / "memory.json").models()}
    between = "image>latents"
    assert {name: (model.family, model.part, model.can, model.usable) for name, model in found.items()} == {
        "base": ("sdxl", "whole", (*PICTURES, between), True),
        "refiner": ("sdxl", "whole", ("image>image", between), True),
        "tomorrow": ("", "whole", (*PICTURES, between), False),
        "llama": ("causal_lm", "whole", ("text>text",), True),
        "faces": ("stylegan2", "whole", ("latent>image",), True),
        "tiny": ("", "vae", (between,), True),
        "clip": ("clip", "whole", ("text+image>score",), True),
        "detail": ("", "", (), False),
    }
    assert found["detail"].architecture == "a LoRA"
    assert (found["base"].schedulers, found["base"].defaults) == (("DDIM",), {"steps": 4})
    assert found["base"].begins
    assert not found["refiner"].begins


@pytest.mark.parametrize("content", [b"", b"no JSON", b'{"folders": 3}', b"[1]"])
def test_a_memory_of_the_last_scan_that_is_damaged_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "memory.json").write_bytes(content)
    assert ModelCatalogue(tmp_path, [str(tmp_path / "models")], tmp_path / "memory.json").models() == []
