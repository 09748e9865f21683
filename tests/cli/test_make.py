"""Making things from the command line, with tiny real models."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from studio.cli import main
from studio.features.latent.tasks.latent import LatentTask
from studio.features.write.tasks.write import WriteTask
from studio.library.index import Query
from studio.library.library import Library
from studio.library.metadata.making import read_making
from studio.library.metadata.texts import read_text
from studio.library.paths import find_paths
from studio.ml.quiet import quiet
from tests import tiny_models, tiny_writer
from tests.small_project import ROOT

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> str:
    quiet()
    return str(tiny_writer.save_writer(tmp_path_factory.mktemp("models") / "writer", context=4096))


@pytest.fixture(scope="module")
def painter(tmp_path_factory: pytest.TempPathFactory) -> str:
    quiet()
    return str(tiny_models.save_stable_diffusion(tmp_path_factory.mktemp("models") / "painter"))


def paint(painter: str, *more: str) -> int:
    return main(["image", "a fox", "--model", painter, "--width", "32", "--height", "32", "--steps", "2", *more])


def test_pictures_are_kept_in_the_library_and_their_paths_told(painter: str, home: Path, capsys: Capture) -> None:
    assert paint(painter, "--count", "2", "--seed", "7") == 0
    said = capsys.readouterr()
    first, second = map(Path, said.out.splitlines())
    assert first.is_relative_to(home)
    making = read_making(first)
    assert making is not None
    assert making.data is not None
    assert making.data["job"]["task"]["prompt"] == "a fox"
    assert making.data["notes"]["seed"] == 7
    assert said.err.count("Picture 1 of 2") == said.err.count("Picture 2 of 2") == 1
    library = Library(find_paths())
    assert sorted(item.path for item in library.search(Query())) == sorted([str(first), str(second)])
    library.close()


def test_pictures_go_where_they_are_asked_for(painter: str, tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "my 画"
    assert paint(painter, "--out", str(folder)) == 0
    (path,) = map(Path, capsys.readouterr().out.splitlines())
    assert path.parent == folder
    assert path.exists()


def test_what_went_otherwise_than_asked_is_told_once(painter: str, tmp_path: Path, capsys: Capture) -> None:
    assert paint(painter, "--width", "33", "--count", "2", "--out", str(tmp_path)) == 0
    said = capsys.readouterr()
    assert said.err.count("33 × 32 was requested; the model needs other multiples.") == 1
    assert "multiples" not in said.out


def test_a_text_that_ends_with_what_the_model_sees_says_so(tmp_path: Path, capsys: Capture) -> None:
    small = tiny_writer.save_writer(tmp_path / "small", context=24)
    asked = ["--temperature", "2", "--top-p", "1", "--seed", "1", "--length", "500"]
    assert main(["write", "the cat", "--model", str(small), *asked]) == 0
    said = capsys.readouterr()
    assert "The text ends here: the model can't take more than 24 tokens." in said.err.splitlines()
    assert read_text(Path(said.err.splitlines()[-1]).read_bytes())[0] == said.out.removesuffix("\n")


def test_text_goes_to_stdout_and_its_path_to_stderr(writer: str, capsys: Capture) -> None:
    assert main(["write", "the cat", "--model", writer, "--length", "12", "--seed", "1"]) == 0
    said = capsys.readouterr()
    path = Path(said.err.splitlines()[-1])
    kept, record = read_text(path.read_bytes())
    assert record is not None
    assert said.out.removesuffix("\n") == kept
    assert kept.startswith("the cat")
    assert said.out.endswith("\n")
    assert record["job"]["task"]["length"] == 12


def test_several_texts_come_one_after_the_other(writer: str, capsys: Capture) -> None:
    assert main(["write", "the cat", "--model", writer, "--length", "5", "--variants", "2"]) == 0
    said = capsys.readouterr()
    assert len([line for line in said.err.splitlines() if line.endswith(".md")]) == 2
    assert said.out.count("the cat") == said.out.count("\n\n") == 2


def test_a_prompt_is_read_from_stdin(writer: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("the 猫 sat\n"))
    assert main(["write", "-", "--model", writer, "--length", "3"]) == 0
    said = capsys.readouterr()
    _, record = read_text(Path(said.err.splitlines()[-1]).read_bytes())
    assert record is not None
    assert record["job"]["task"]["prompt"] == "the 猫 sat"
    assert said.out.startswith("the 猫 sat")


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["image", "--model", "{folder}"], 1, "empty"),
        (["image", "--model", "starter:none"], 1, "no bundled model"),
        (["image", "--model", "nowhere"], 1, "no model at"),
        (["walk", "--seeds", "1", "--model", "{painter}"], 1, "is not made for this"),
        (["write", "a fox", "--model", "{painter}"], 1, "is not made for this"),
        (["latent", "--points", '[{"seeds": "b"}]'], 2, "Points has the wrong type"),
        (["image", "a fox", "--model", "{painter}", "--scheduler", "none such"], 1, "none such"),
        (["image", "a fox", "--model", "{painter}", "--image", "{folder}/none.png"], 1, "none.png"),
    ],
)
def test_what_cannot_be_done_is_told(
    words: list[str], status: int, sentence: str, painter: str, tmp_path: Path, capsys: Capture
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    assert main([word.format(folder=folder, painter=painter) if "[" not in word else word for word in words]) == status
    said = capsys.readouterr()
    assert said.out == ""
    assert sentence in said.err
    assert "Traceback" not in said.err


def test_the_bundled_model_is_one_that_can_do_it(tmp_path: Path, capsys: Capture) -> None:
    """The Latent room's walk between pictures needs the autoencoder of a picture model, and no GAN."""
    for name in ("a", "b"):
        Image.new("RGB", (32, 32), "red" if name == "a" else "blue").save(tmp_path / f"{name}.png")
    pictures = [str(tmp_path / f"{name}.png") for name in ("a", "b")]
    assert main(["vae", "--first", pictures[0], "--second", pictures[1], "--out", str(tmp_path / "out")]) == 0
    assert Path(capsys.readouterr().out.strip()).is_file()


def test_a_folder_that_takes_nothing(painter: str, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "file").touch()
    assert paint(painter, "--out", str(tmp_path / "file")) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        f"{tmp_path / 'file'} couldn't be written: there is a file where its folder should be."
    ]


def test_unknown_commands_and_flags(capsys: Capture) -> None:
    for words in (["paint"], ["image", "--lenght", "3"]):
        with pytest.raises(SystemExit) as exit_:
            main(words)
        assert exit_.value.code == 2
    capsys.readouterr()


def test_help_names_every_command(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    words = capsys.readouterr().out
    for kind in (WriteTask.kind, "image", LatentTask.kind, "walk", "doctor"):
        assert f"    {kind} " in words


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no such signal to one process")
def test_a_bug_is_told_in_a_sentence_and_its_traceback_is_in_the_log(
    writer: str, home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a thing that nobody thought of")

    monkeypatch.setattr("studio.features.write.runs.write.write", broken)
    assert main(["write", "once", "--model", writer]) == 1
    said = capfd.readouterr().err
    assert "a thing that nobody thought of" in said
    assert "Traceback" not in said
    (log,) = home.rglob("commands.log")
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_ctrl_c_stops_it_cleanly(writer: str, home: Path) -> None:
    command = [sys.executable, str(ROOT / "main.py"), "write", "the cat", "--model", writer, "--length", "4000"]
    command += ["--temperature", "0", "--repetition-penalty", "1"]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert run.stdout is not None
    run.stdout.read(1)
    run.send_signal(signal.SIGINT)
    words = run.communicate(timeout=60)[1].decode()
    assert run.returncode == 130
    assert words.splitlines()[-1] == "Stopped."
    assert "Traceback" not in words
    assert not list(home.rglob("*.md"))


def test_a_reader_who_leaves_ends_it(writer: str) -> None:
    command = [sys.executable, str(ROOT / "main.py"), "write", "the cat", "--model", writer, "--length", "4000"]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert run.stdout is not None
    run.stdout.read(1)
    run.stdout.close()
    assert run.stderr is not None
    with run.stderr:
        words = run.stderr.read().decode()
    assert run.wait(timeout=60) == 1
    assert "Traceback" not in words


def test_what_the_settings_say_of_the_device_holds_here_too(painter: str, home: Path, capsys: Capture) -> None:
    (home / "data").mkdir()
    (home / "data" / "settings.json").write_text('{"version": 1, "device": "xpu"}', encoding="utf-8")
    assert paint(painter) == 1
    assert "no device xpu" in capsys.readouterr().err


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    quiet()
    root = tmp_path_factory.mktemp("parts")
    tiny_models.save_stable_diffusion(root / "painter", 0.18215)
    tiny_models.save_vae(root / "soft", 0.18215)
    tiny_models.save_vae(root / "large", 0.13025)
    return root


def test_another_vae_is_used_and_named_in_the_file(parts: Path, tmp_path: Path, capsys: Capture) -> None:
    asked = [str(parts / "painter"), "--seed", "1", "--out"]
    assert paint(*asked, str(tmp_path / "own")) == 0
    assert paint(*asked, str(tmp_path / "other"), "--part", f"vae:path={parts / 'soft'}") == 0
    own, other = map(Path, capsys.readouterr().out.splitlines())
    assert Image.open(own).tobytes() != Image.open(other).tobytes()
    making = read_making(other)
    assert making is not None
    assert making.info.pairs["VAE"] == "soft"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("large", "large is no VAE for painter: its family is another one."),
        ("painter", "painter is no VAE."),
        ("nothing", "nothing was not found."),
    ],
)
def test_a_vae_that_does_not_fit_is_refused_before_anything_is_loaded(
    name: str, sentence: str, parts: Path, capsys: Capture
) -> None:
    assert paint(str(parts / "painter"), "--part", f"vae:path={parts / name}") != 0
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.out == ""
