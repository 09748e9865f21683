"""Marks of other programs in prompts are known."""

import pytest

from studio.core.prompt_marks import has_marks


@pytest.mark.parametrize("prompt", ["a (red:1.4) boat", "((red)) boat", "[red:blue:0.5]", "x <lora:boats:0.8>", "(:1)"])
def test_marks_of_other_programs(prompt: str) -> None:
    assert has_marks(prompt)


@pytest.mark.parametrize(
    "prompt", ["", "a boat (red)", r"boat \(ship:1.2\)", "12:30 [at noon]", "a <b> c", "((", "(a" * 5000, ":1)" * 5000]
)
def test_words_that_are_no_marks(prompt: str) -> None:
    assert not has_marks(prompt)
