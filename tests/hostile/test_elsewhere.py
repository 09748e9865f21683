"""Model folders that name what lies elsewhere: nothing is looked up, whichever way they are opened."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.core.offline import SWITCHES
from tests.hostile.conftest import Opening
from tests.hostile.folders import edit
from tests.hostile.names import NO_OBJECTS, PROGRAMS, of_pictures, of_writers, opens_all_the_same, replaced
from tests.hostile.opener import ELSEWHERE, ROOT


@pytest.mark.parametrize("what", of_pictures())
def test_of_a_picture_model(what: str, picture: Path, opening: Opening) -> None:
    of_pictures()[what](picture)
    said = opening("judge", picture).opened
    assert opening("image", picture).refused
    assert said, "it was said to be ready"
    opening("encoder" if "vae" in what else "count", picture)


@pytest.mark.parametrize("what", of_writers())
def test_of_a_language_model(what: str, writer: Path, opening: Opening) -> None:
    of_writers()[what](writer)
    said = opening("judge", writer).opened
    assert opening("write", writer).refused
    assert said or what == "a name for tokenizer.json", "it was said to be ready"  # that is read when it is used
    opening("count", writer)


@pytest.mark.parametrize("what", opens_all_the_same(Path()))
def test_what_trainers_save(what: str, writer: Path, opening: Opening) -> None:
    (writer.parent / ELSEWHERE).mkdir()
    opens_all_the_same(writer)[what](writer)
    assert not opening("judge", writer).opened
    assert not opening("write", writer).refused
    opening("count", writer)


@pytest.mark.parametrize("named", ["flash_attention_2", {"": "flash_attention_3"}])
def test_what_trainers_save_in_parts(named: object, picture: Path, clip: Path, opening: Opening) -> None:
    edit("text_encoder/config.json", _attn_implementation=named)(picture)
    edit("config.json", attn_implementation=named)(clip)
    for way, path in (("image", picture), ("match", clip), ("encoder", clip)):
        assert not opening("judge", path).opened
        assert not opening(way, path).refused


@pytest.mark.parametrize("what", [*NO_OBJECTS, *PROGRAMS])
@pytest.mark.parametrize("way", ["match", "encoder"])
def test_of_a_clip(what: str, way: str, clip: Path, opening: Opening) -> None:
    harm = edit("config.json", **PROGRAMS[what]) if what in PROGRAMS else replaced("config.json", NO_OBJECTS[what])
    harm(clip)
    assert opening("judge", clip).opened
    assert opening(way, clip).refused


@pytest.mark.parametrize("what", NO_OBJECTS)
def test_of_an_autoencoder(what: str, picture: Path, opening: Opening) -> None:
    vae = picture / "vae"
    replaced("config.json", NO_OBJECTS[what])(vae)
    for way in ("vae", "encoder", "judge"):
        said = opening(way, vae)
        assert said.refused or said.opened
        assert way == "judge" or said.refused


@pytest.mark.parametrize("what", NO_OBJECTS)
def test_of_a_generator(what: str, generator: Path, opening: Opening) -> None:
    replaced("generator.json", NO_OBJECTS[what])(generator)
    assert opening("judge", generator).opened
    assert opening("latent", generator).refused


def test_the_sound_ones_look_nothing_up(clip: Path, picture: Path, opening: Opening) -> None:
    for way, path in (
        ("match", clip),
        ("encoder", clip),
        ("vae", picture),
        ("encoder", picture),
        ("count", picture),
    ):
        assert not opening(way, path).refused


PROCESSES = {
    "the command line": "from studio.cli import main; main(['doctor'])",
    "the counter of tokens": "from studio.models.tokens import serve; serve()",
    "whoever loads a model": "from studio.ml.quiet import quiet; quiet()",
    "the engine": (
        "import multiprocessing, studio.engine.child as child\n"
        "import types; child.os._exit = lambda _: None\n"
        "child.find = lambda _: (_ for _ in ()).throw(KeyError)\n"
        "ours, theirs = multiprocessing.Pipe()\n"
        "ours.send_bytes(child.encode(child.EngineConfig()))\n"
        "try: child.main(theirs, 'a:b', 'c:d', child.os.devnull)\n"
        "except KeyError: pass\n"
    ),
}


@pytest.mark.parametrize("what", PROCESSES)
def test_every_process_is_offline(what: str, tmp_path: Path) -> None:
    """Whatever the person's environment says, before huggingface_hub is imported."""
    code = f"{PROCESSES[what]}\nimport os, json, sys\nimport huggingface_hub.constants as hub\n" + (
        "found = [dict(os.environ), hub.is_offline_mode(), hub.HF_HUB_DISABLE_IMPLICIT_TOKEN]\n"
        "open(sys.argv[1], 'w').write(json.dumps(found))"
    )
    answer = tmp_path / "answer"
    others = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    subprocess.run(
        [sys.executable, "-c", code, str(answer)],
        cwd=ROOT,
        env={**others, "HF_HUB_OFFLINE": "0", "HF_TOKEN": "hf_secret", "USE_HUB_KERNELS": "YES"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    environment, is_offline, without_token = json.loads(answer.read_text("utf-8"))
    assert is_offline
    assert without_token
    assert {name: environment[name] for name in SWITCHES} == SWITCHES
