"""What the terminal shows, and where."""

import sys

import pytest

from studio.cli.terminal import Terminal

Capture = pytest.CaptureFixture[str]


def be_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)


def test_in_a_file_progress_is_a_line_for_each_stage(capsys: Capture) -> None:
    terminal = Terminal()
    for done in range(3):
        terminal.progress(done, 3, "Step")
    terminal.progress(0, 0, "Decoding")
    terminal.result("a.png")
    said = capsys.readouterr()
    assert said.err == "Step 0/3\nDecoding\n"
    assert said.out == "a.png\n"


def test_at_a_terminal_progress_is_one_line_that_goes(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    be_a_terminal(monkeypatch)
    terminal = Terminal()
    terminal.progress(10, 10, "Step")
    terminal.progress(0, 0, "Done")
    terminal.note("a remark")
    assert capsys.readouterr().err == "\rStep 10/10\rDone      " + "\r    \r" + "a remark\n"


def test_progress_does_not_run_into_the_text(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    be_a_terminal(monkeypatch)
    terminal = Terminal()
    terminal.stream("once upon")
    terminal.progress(3, 9, "Writing")
    terminal.stream(" a time")
    terminal.note("kept")
    said = capsys.readouterr()
    assert said.out == "once upon a time\n"
    assert said.err == "kept\n"


def test_text_in_a_file_is_as_it_was_written(capsys: Capture) -> None:
    terminal = Terminal()
    terminal.stream("a\x1b]0;title\x07\tb\n")
    terminal.end_stream()
    assert capsys.readouterr().out == "a\x1b]0;title\x07\tb\n"


def test_a_model_does_not_command_the_terminal(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    be_a_terminal(monkeypatch)
    Terminal().stream("a\x1b]0;title\x07\tb 猫\x9b2J\n")
    assert capsys.readouterr().out == "a]0;title\tb 猫2J\n"


def test_of_several_things_it_is_said_which(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    Terminal().progress(288, 9600, "Step", "Picture 2 of 64")
    assert capsys.readouterr().err == "\rPicture 2 of 64"
