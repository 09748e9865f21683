"""What is told of a child's end."""

import pytest

from studio.engine.watched import summary


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("", ""),
        ("Traceback:\n  File x\nOSError: the driver is broken\n\n", "OSError: the driver is broken"),
        (
            "a warning\nFatal Python error: Segmentation fault\n\nCurrent thread:\n  File x",
            "Fatal Python error: Segmentation fault",
        ),
    ],
)
def test_the_line_that_says_most(words: str, line: str) -> None:
    assert summary(words) == line
