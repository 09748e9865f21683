"""What is known of families stands in their own files, and nobody else asks which one it is."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import diffusers
import pytest

import studio
from studio.core.abilities import fits, why_unable
from studio.families.rules.autoencoders import family_with
from studio.families.rules.known import FAMILIES
from studio.models.inspection import inspect_model
from tests.models.folders import picture_model, write_json, write_safetensors

STUDIO = Path(studio.__file__).parent
THEIRS = ("families", "ml/families", "ml/nets")
"""Where a family may be named."""
GENERIC = {"AutoPipelineForImage2Image", "AutoPipelineForText2Image"}


def elsewhere() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(STUDIO.rglob("*.py")):
        place = path.relative_to(STUDIO).as_posix()
        if not place.startswith(tuple(f"{folder}/" for folder in THEIRS)):
            yield place, ast.parse(path.read_text(encoding="utf-8"))


def test_no_class_of_a_family_is_named_elsewhere() -> None:
    def classes(kind: str) -> set[str]:
        return {name for name in dir(diffusers) if kind in name and inspect.isclass(getattr(diffusers, name))}

    named = {*classes("Pipeline"), *classes("Transformer2DModel"), *classes("UNet"), *classes("Autoencoder")} - GENERIC
    assert len(named) > 200
    found = [(place, word) for place, tree in elsewhere() for node in ast.walk(tree) if (word := _word(node)) in named]
    assert not found


def _word(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(word)) | ast.Name(id=word) | ast.Attribute(attr=word) | ast.alias(name=word):
            return word
    return ""


def test_nobody_compares_the_name_of_a_family() -> None:
    """Neither ``family == "flux"`` nor one of several, nor a part of a pipeline's name."""
    titles = {title for family in FAMILIES.values() for title in family.architectures.values()}
    names = {*FAMILIES, *titles} - {"clip"}  # which is also a film
    found = [
        (place, ast.unparse(node))
        for place, tree in elsewhere()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare | ast.MatchValue | ast.Subscript)
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "startswith")
        if any(isinstance(inner, ast.Constant) and inner.value in names for inner in ast.walk(node))
    ]
    assert not found


@pytest.mark.parametrize(
    ("channels", "scaling", "family"),
    [
        (4, 0.18215, "sd15"),
        (4, 0.13025, "sdxl"),
        (16, 1.5305, "sd3"),
        (16, 0.3611, "flux"),
        (8, 1.0, ""),
        (4, None, ""),
    ],
)
def test_whose_latents_an_autoencoder_has(channels: int, scaling: float | None, family: str) -> None:
    config = {"_class_name": "AutoencoderKL", "latent_channels": channels, "scaling_factor": scaling}
    assert family_with(config) == family
    assert family_with({**config, "_class_name": "AutoencoderTiny"}) == ""


def test_an_autoencoder_fits_the_models_with_the_same_latents(tmp_path: Path) -> None:
    own = {"_class_name": "AutoencoderKL", "latent_channels": 4, "scaling_factor": 0.13025}
    whole, other = picture_model(tmp_path / "a", "KolorsPipeline"), picture_model(tmp_path / "b")
    write_json(whole / "vae" / "config.json", own)
    write_json(other / "vae" / "config.json", {**own, "scaling_factor": 0.18215})
    write_json(tmp_path / "vae" / "config.json", own)
    write_safetensors(tmp_path / "vae" / "model.safetensors")
    part = inspect_model(tmp_path / "vae")
    assert (part.family, part.part, part.fits_as) == ("sdxl", "vae", "sdxl vae")
    assert part.fits_as in inspect_model(whole).takes
    assert part.fits_as not in inspect_model(other).takes
    assert inspect_model(whole).fits_as == ""


def test_what_a_model_can_do_is_held_against_what_is_needed() -> None:
    assert fits(("text>text",), ())
    assert fits(("text>image", "image>image"), ("image>image",))
    assert not fits((), ("text>text",))
    assert why_unable("m", ("text>image",), ("text>image",)) == ""
    assert "Choose a start picture" in why_unable("m", ("image>image",), ("text>image",))
    assert "can't start from a picture" in why_unable("m", ("text>image",), ("image>image",))
    assert why_unable("m", ("text>text",), ("text>image",)) == "m is not made for this. Choose another model."
