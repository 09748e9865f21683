"""A room's request: always valid, each change a step that is taken back alone."""

from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from studio.app.undo import Undo
from studio.core.errors import StudioError
from studio.features.image.tasks.image import ImageTask
from studio.features.write.tasks.write import WriteTask
from studio.room.request import MODEL, Request


@pytest.fixture
def undo(qtbot: QtBot) -> Undo:
    return Undo()


@pytest.fixture
def request_(undo: Undo) -> Request[ImageTask]:
    return Request(ImageTask(), undo, "image")


def test_a_change_is_said_named_undone_and_redone(qtbot: QtBot, undo: Undo, request_: Request[ImageTask]) -> None:
    with qtbot.waitSignal(request_.changed):
        step = request_.change({"steps": 30})
    assert step is not None
    assert step.title == "Change steps"
    undo.undo("image")
    assert request_.task.steps == 20
    undo.redo("image")
    assert request_.task.steps == 30
    assert undo.next_undo("write") is None


def test_a_step_is_called_by_what_it_changes(request_: Request[ImageTask]) -> None:
    for values, title in (
        ({"width": 64, "height": 64}, "Change the size"),
        ({"width": 32}, "Change the size"),
        ({"guidance": 1.0}, "Change guidance"),
        ({"guidance": 2.0, "steps": 3}, "Change the settings"),
    ):
        step = request_.change(values)
        assert step is not None
        assert step.title == title


def test_a_step_takes_back_what_it_changed_and_nothing_else(undo: Undo, request_: Request[ImageTask]) -> None:
    first = request_.change({"steps": 30})
    request_.change({"prompt": "a kite"})
    assert first is not None
    undo.take_back(first)
    assert (request_.task.steps, request_.task.prompt) == (20, "a kite")


@pytest.mark.parametrize("bad", [{"steps": 0}, {"seed": 2**64}, {"prompt": 3}, {"guidance": float("nan")}], ids=str)
def test_what_is_out_of_bounds_changes_nothing(undo: Undo, request_: Request[ImageTask], bad: dict[str, Any]) -> None:
    with pytest.raises(StudioError):
        request_.change({"negative": "fog", **bad})
    assert request_.task == ImageTask()
    assert undo.next_undo("image") is None


def test_a_gesture_is_one_step_and_none_when_it_leads_back(undo: Undo, request_: Request[ImageTask]) -> None:
    for steps in (21, 25, 30):
        request_.change({"steps": steps}, "steps")
    request_.settle()
    request_.change({"steps": 40}, "steps")
    undo.undo("image")
    assert request_.task.steps == 30
    undo.undo("image")
    assert request_.task.steps == 20
    for steps in (21, 20):
        request_.change({"steps": steps}, "steps")
    assert undo.next_undo("image") is None


def test_a_gesture_ends_where_something_else_is_done_meanwhile(undo: Undo, request_: Request[ImageTask]) -> None:
    request_.change({"steps": 30}, "steps")
    undo.push("Delete a thing", lambda: None)
    request_.change({"steps": 40}, "steps")
    undo.undo("image")
    assert request_.task.steps == 30


def test_typing_is_one_step_and_the_fields_own_undo_takes_it_off(undo: Undo, request_: Request[ImageTask]) -> None:
    request_.change({"steps": 30})
    for text in ("a", "a k", "a kite"):
        request_.type_text({"prompt": text})
    request_.settle()  # a picture is made
    request_.type_text({"prompt": "a kite flies"})
    request_.type_text({"prompt": "a k"}, went_back=True)
    assert request_.task.prompt == "a k"
    undo.undo("image")
    assert request_.task.prompt == ""
    undo.redo("image")
    assert request_.task.prompt == "a k"
    request_.type_text({"prompt": ""}, went_back=True)
    step = undo.next_undo("image")
    assert step is not None
    assert step.title == "Change steps"


def test_the_model_is_a_part_of_it(undo: Undo, request_: Request[ImageTask]) -> None:
    request_.change({MODEL: "starter:scenes"})
    step = request_.change({MODEL: "/models/other", "steps": 4}, title="Choose a model")
    assert step is not None
    undo.undo("image")
    assert (request_.model, request_.task.steps) == ("starter:scenes", 20)


def test_what_nobody_did_is_no_step_and_keeps_to_the_bounds(undo: Undo, request_: Request[ImageTask]) -> None:
    request_.adopt({"steps": 7, "guidance": 99.0, "unheard": 1, MODEL: "x"})
    assert (request_.task.steps, request_.task.guidance, request_.model) == (7, 4.0, "x")
    assert undo.next_undo("image") is None


def test_it_is_found_again_after_a_restart_as_far_as_it_fits(undo: Undo, tmp_path: Path) -> None:
    before = Request(WriteTask(), undo, "write")
    before.change({"stop": ["\n"], "seed": 2**64 - 1, MODEL: "starter:writer"})
    after = Request(WriteTask(), undo, "write")
    after.from_data(before.to_data())
    assert (after.task, after.model) == (before.task, "starter:writer")
    assert undo.next_undo("write") is None
    after.from_data({"task": {"length": 7, "temperature": "hot", "odd": []}, "model": 3})
    assert (after.task.length, after.task.temperature, after.model) == (7, 0.8, "")


def test_a_remembered_path_on_another_machine_is_dropped(undo: Undo, request_: Request[ImageTask]) -> None:
    request_.from_data({"task": {"image": "//attacker.example/share/x.png", "steps": 3}})
    assert (request_.task.image, request_.task.steps) == ("", 3)
