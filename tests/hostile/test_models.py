"""Model folders that mean harm: judged by the catalogue and opened by the loaders, they are refused or harmless."""

import json
from pathlib import Path

import pytest

from tests.hostile import pickles
from tests.hostile.conftest import Opening
from tests.hostile.folders import GENERATORS, SAFETENSORS, picture_harms, put, writer_harms
from tests.hostile.templates import ENDLESS, climbing, tokenizers, with_tokenizer
from tests.models.folders import write_json

NOWHERE = Path("nowhere")


def test_the_sound_ones_open(writer: Path, picture: Path, generator: Path, opening: Opening) -> None:
    for way, path in (("write", writer), ("chat", writer), ("image", picture), ("latent", generator)):
        assert not opening("judge", path).opened
        assert not opening(way, path).refused


@pytest.mark.parametrize("what", SAFETENSORS)
def test_safetensors(what: str, generator: Path, writer: Path, picture: Path, opening: Opening) -> None:
    for way, folder, name in (
        ("latent", generator, "generator.safetensors"),
        ("write", writer, "model.safetensors"),
        ("image", picture, "unet/diffusion_pytorch_model.safetensors"),
    ):
        SAFETENSORS[what](folder / name)
        opening("judge", folder)
        assert opening(way, folder).refused


@pytest.mark.parametrize("what", GENERATORS)
def test_settings_of_a_generator(what: str, generator: Path, opening: Opening) -> None:
    settings = json.loads((generator / "generator.json").read_text("utf-8"))
    write_json(generator / "generator.json", {**settings, "config": {**settings["config"], **GENERATORS[what]}})
    opening("judge", generator)
    assert opening("latent", generator).refused


@pytest.mark.parametrize("what", writer_harms(NOWHERE))
def test_a_language_model(what: str, writer: Path, canary: Path, opening: Opening) -> None:
    writer_harms(canary)[what](writer)
    opening("judge", writer)
    opening("write", writer)


@pytest.mark.parametrize("what", picture_harms(NOWHERE))
def test_a_picture_model(what: str, picture: Path, canary: Path, opening: Opening) -> None:
    picture_harms(canary)[what](picture)
    opening("judge", picture)
    opening("image", picture)


@pytest.mark.parametrize("what", [*pickles.programs(NOWHERE), *pickles.BOMBS])
def test_pickled_weights(what: str, writer: Path, picture: Path, canary: Path, opening: Opening) -> None:
    bombs = {name: make for name, make in pickles.BOMBS.items() if name == what}
    data = bombs[what]() if bombs else pickles.programs(canary)[what]
    (writer / "model.safetensors").unlink()
    (picture / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    for form in (lambda data: data, pickles.in_zip, pickles.in_tar):
        put("pytorch_model.bin", form(data))(writer)
        put("unet/diffusion_pytorch_model.bin", form(data))(picture)
        opening("judge", writer)
        assert opening("write", writer).refused
        assert opening("image", picture).refused


@pytest.mark.parametrize("what", ENDLESS)
def test_a_chat_template_without_an_end(what: str, writer: Path, opening: Opening) -> None:
    put("chat_template.jinja", ENDLESS[what].encode())(writer)
    said = opening("chat", writer).refused
    assert said or what in ("a long one", "loops within loops", "doubled text")


@pytest.mark.parametrize("what", climbing(NOWHERE, NOWHERE))
def test_a_chat_template_that_climbs_out(what: str, writer: Path, canary: Path, opening: Opening) -> None:
    secret = writer.parent / "secret"
    secret.write_text("the secret", encoding="utf-8")
    template = climbing(canary, secret)[what]
    if template.count("{{") == 1:  # say what it got
        template = template.replace("{{", "{{ raise_exception('got ' ~ (").replace("}}", ")) }}")
    put("chat_template.jinja", template.encode())(writer)
    said = opening("chat", writer).refused
    assert "the secret" not in said
    assert "<class" not in said


@pytest.mark.parametrize("what", tokenizers())
def test_a_tokenizer(what: str, writer: Path, opening: Opening) -> None:
    with_tokenizer(writer, **tokenizers()[what])
    opening("write", writer)
    opening("chat", writer)
