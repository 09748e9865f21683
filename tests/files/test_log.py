"""The log: a file that is there at once, stays small, and takes every script."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.files.log import open_log, without_secrets

log = logging.getLogger("studio.somewhere")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    ours = logging.getLogger("studio")
    handlers, level = ours.handlers[:], ours.level
    yield
    for handler in ours.handlers:
        handler.close()
    ours.handlers = handlers
    ours.setLevel(level)


def test_what_is_logged_is_in_the_file_and_nowhere_else(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = open_log(tmp_path / "logs 画", "triptych")
    log.warning("the kite 🪁 flew away")
    log.debug("nobody needs this")
    lines = file.read_text(encoding="utf-8").splitlines()
    assert "Triptych" in lines[0]
    assert lines[1].endswith("WARNING studio.somewhere: the kite 🪁 flew away")
    assert len(lines) == 2
    assert capfd.readouterr() == ("", "")


def test_it_never_grows_beyond_three_files(tmp_path: Path) -> None:
    open_log(tmp_path / "logs", "triptych")
    for _ in range(40):
        log.info(f"{'x' * 99} " * 1000)  # not one long word, which takes the search for secrets a tenth of a second
    files = sorted((tmp_path / "logs").iterdir())
    assert [file.name for file in files] == ["triptych.log", "triptych.log.1", "triptych.log.2"]
    assert all(file.stat().st_size <= 1_000_000 for file in files)


def test_opened_again_it_goes_on_in_the_new_place_only(tmp_path: Path) -> None:
    first, second = open_log(tmp_path, "first"), open_log(tmp_path, "second")
    log.info("hello")
    assert "hello" not in first.read_text(encoding="utf-8")
    assert "hello" in second.read_text(encoding="utf-8")


def test_a_place_that_takes_no_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "logs").write_bytes(b"")
    with pytest.raises(StudioError, match="logs"):
        open_log(tmp_path / "logs", "triptych")


TOKEN = "hf_DontTellAnybodyThisToken012345"


def test_what_a_library_says_of_a_token_is_not_logged(tmp_path: Path) -> None:
    file = open_log(tmp_path, "triptych")
    try:
        raise ValueError(f"401 for {{'Authorization': 'Bearer {TOKEN}'}}, url https://x/?token={TOKEN}")
    except ValueError:
        log.exception("asked with %s", TOKEN)
    said = file.read_text(encoding="utf-8")
    assert "Traceback" in said
    assert TOKEN not in said


def test_words_that_only_look_like_secrets_stay() -> None:
    text = "line 3 of half_baked.py: 120 tokens, token limit reached at hf-mirror; skipped"
    assert "120 tokens" in without_secrets(text)


def test_where_somebody_keeps_what_is_not_logged(tmp_path: Path) -> None:
    file = open_log(tmp_path, "triptych")
    log.warning("%s can't be read: %s", "/home/ann/My Pictures/a private folder/letter.png", "Bearer s3cr3tt0k3n")
    said = file.read_text(encoding="utf-8")
    assert said.splitlines()[-1].endswith("«…».png can't be read: «…»")


def test_a_disk_that_takes_no_more_lines_is_not_told_on_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    open_log(tmp_path, "triptych")

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(logging.getLogger("studio").handlers[-1], "format", full)
    log.warning("anything")
    assert capfd.readouterr() == ("", "")
