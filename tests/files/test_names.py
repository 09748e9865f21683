"""File names from prompts: whatever these hold, one safe name in the folder comes out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.given_names import is_name
from studio.files.names import LONGEST_BYTES, fill_pattern, safe_name

ANY_TEXT = st.text() | st.text(alphabet='./\\ -~:*?"<>|\x00\n\tCONaux19$😀猫e\u0301\u202e\u200b\ud800')
RESERVED = {"con", "prn", "aux", "nul", "conin$", "conout$", *(f"{n}{i}" for n in ("com", "lpt") for i in "0123456789")}


def check(name: str) -> None:
    assert name
    assert Path(name).name == name
    assert name not in (".", "..")
    assert not set(name) & set('<>:"/\\|?*')
    assert all(char.isprintable() for char in name)
    assert name[0] not in " ." and name[-1] not in " ."  # noqa: PT018
    assert len(name.encode("utf-8")) <= LONGEST_BYTES + 1
    assert name.split(".", maxsplit=1)[0].strip().lower() not in RESERVED


@given(ANY_TEXT)
def test_safe_names(text: str) -> None:
    check(safe_name(text))


@given(ANY_TEXT, ANY_TEXT)
def test_patterns_give_safe_names(pattern: str, prompt: str) -> None:
    check(fill_pattern(pattern + "{prompt}", {"prompt": prompt}))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a red balloon", "a red balloon"),
        ("../../etc/passwd", "etc passwd"),
        ("..", "untitled"),
        ("-..-", "untitled"),
        ("", "untitled"),
        ("con", "_con"),
        ("CON.txt", "_CON.txt"),
        ("COM¹", "_COM¹"),
        ("nul .md", "_nul .md"),
        ("console", "console"),
        ("a\x00b\nc", "a b c"),
        ("abc\u202egnp.exe", "abc gnp.exe"),
        ("cafe\u0301", "café"),
        ("trailing... ", "trailing"),
        ("the sea at sunset, ", "the sea at sunset"),
        ("👩‍🎨 paints", "👩 🎨 paints"),
        ("猫" * 300, "猫" * 40),
    ],
)
def test_known_cases(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_long_names_end_at_a_word() -> None:
    assert safe_name("balloon " * 50, 20) == "balloon balloon"


def test_empty_places_leave_no_gap() -> None:
    values = {"date": "2026-01-02", "prompt": "", "seed": 7}
    assert fill_pattern("{date}-{prompt}-{seed}", values) == "2026-01-02-7"
    assert fill_pattern("{what}", values) == "{what}"


@pytest.mark.parametrize("name", ["unet", "a b.c", "..a", ".hidden", "猫" * 85, "\udc80"])
def test_names_within_a_folder(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/a", "../a", "a/", "x" * 256, "猫" * 86])
def test_what_leads_elsewhere_or_fits_no_disk_is_no_name(name: str) -> None:
    assert not is_name(name)
