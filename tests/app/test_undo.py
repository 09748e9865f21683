"""The one undo: what was done last comes back first, in the place where one sees it."""

import pytest

from studio.app.undo import Undo


@pytest.fixture
def said() -> list[str]:
    return []


def push(undo: Undo, said: list[str], name: str, place: str = "", again: bool = True) -> None:
    undo.push(name, lambda: said.append(f"-{name}"), (lambda: said.append(f"+{name}")) if again else None, place)


def test_the_last_step_comes_back_first_and_goes_forth_again(said: list[str]) -> None:
    undo = Undo()
    for name in ("a", "b"):
        push(undo, said, name)
    for _ in range(3):
        undo.undo()
    for _ in range(3):
        undo.redo()
    assert said == ["-b", "-a", "+a", "+b"]


def test_what_is_seen_elsewhere_is_passed_over(said: list[str]) -> None:
    undo = Undo()
    push(undo, said, "delete")
    push(undo, said, "move", "latent")
    undo.undo("library")
    assert said == ["-delete"]
    undo.undo("latent")
    assert said == ["-delete", "-move"]


def test_a_new_step_ends_what_could_be_done_again_in_its_place_only(said: list[str]) -> None:
    undo = Undo()
    push(undo, said, "move", "latent")
    push(undo, said, "delete")
    undo.undo("latent")
    undo.undo("latent")
    push(undo, said, "star")
    step = undo.next_redo("latent")
    assert step is not None
    assert step.title == "move"


def test_a_step_that_cannot_be_done_again_is_gone_once_it_was_taken_back(said: list[str]) -> None:
    undo = Undo()
    push(undo, said, "a", again=False)
    undo.undo()
    assert undo.next_redo() is None
    assert undo.redo() is None


def test_the_button_of_a_message_takes_its_own_step_back_and_only_once(said: list[str]) -> None:
    undo = Undo()
    first = undo.push("first", lambda: said.append("-first"))
    push(undo, said, "second")
    undo.take_back(first)
    undo.take_back(first)
    assert said == ["-first"]
    undo.undo()
    assert said == ["-first", "-second"]


def test_what_is_done_while_a_step_is_taken_back_is_no_step_of_its_own(said: list[str]) -> None:
    undo = Undo()
    undo.push("outer", lambda: push(undo, said, "inner"))
    undo.undo()
    assert undo.next_undo() is None
