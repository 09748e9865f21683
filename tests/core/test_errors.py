"""Errors as a person meets them: what is theirs to mend is told from what is a bug."""

import errno

import pytest

from studio.core.errors import StudioError, for_people


def test_one_for_people_stays_as_it_is() -> None:
    error = StudioError("The disk is full.", "model_missing")
    assert for_people(error) is error


@pytest.mark.parametrize(
    ("number", "why"),
    [(errno.EACCES, "Permission denied"), (errno.ENAMETOOLONG, "File name too long"), (errno.EIO, "I/O error")],
)
def test_what_the_system_says_of_a_file(number: int, why: str) -> None:
    told = for_people(OSError(number, why, "/a/b.png"))
    assert (told.message, told.trouble) == (f"/a/b.png can't be used: {why}.", "bad_request")


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(errno.ENOENT, "No such file or directory", "/a/b.png"),  # should have been asked before
        OSError(errno.EPIPE, "Broken pipe"),
        ValueError("shapes differ"),
        SystemExit(1),
    ],
)
def test_anything_else_is_a_bug(error: BaseException) -> None:
    told = for_people(error)
    assert told.trouble == "internal"
    assert type(error).__name__ in told.message


def test_a_bug_has_few_words() -> None:
    assert len(for_people(ValueError("x" * 10_000)).message) < 600
