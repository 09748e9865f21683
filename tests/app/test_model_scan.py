"""Looking for models where a drive may not answer: nobody waits for it."""

import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from studio.app import model_scan
from studio.app.model_scan import ModelScan
from studio.models.catalogue import Model


class Drive:
    """Answers at once, but at the place "asleep" only when it was woken."""

    def __init__(self) -> None:
        self.awake = threading.Event()
        self.asked: list[str] = []

    def look(self, place: str, stopped: Callable[[], bool]) -> list[Model]:
        self.asked.append(place)
        if place == "asleep":
            assert self.awake.wait(60)
        return [] if stopped() else [Model(address=place, path=place, name=place)]


@pytest.fixture
def drive() -> Iterator[Drive]:
    drive = Drive()
    yield drive
    drive.awake.set()
    for thread in threading.enumerate():
        if thread.name.startswith("scan "):
            thread.join()


@pytest.fixture
def scan(qtbot: QtBot, drive: Drive) -> ModelScan:
    return ModelScan(drive.look)


def test_one_that_sleeps_holds_up_no_other(qtbot: QtBot, scan: ModelScan) -> None:
    with qtbot.waitSignal(scan.found, check_params_cb=lambda place, models: place == models[0].name == "other"):
        scan.look("asleep", "other")
    with qtbot.waitSignal(scan.found, check_params_cb=lambda place, _: place == "other"):
        scan.look("asleep", "other")


def test_it_is_said_when_one_has_not_answered_for_a_while(
    qtbot: QtBot, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_scan, "PATIENCE_MS", 0)
    scan = ModelScan(drive.look)
    with qtbot.waitSignal(scan.late, check_params_cb=lambda place: place == "asleep"):
        scan.look("asleep")
    with qtbot.waitSignal(scan.found):
        drive.awake.set()


def test_what_answers_after_it_was_removed_is_not_shown(qtbot: QtBot, scan: ModelScan, drive: Drive) -> None:
    found: list[str] = []
    scan.found.connect(lambda place, _: found.append(place))
    scan.look("asleep")
    scan.look()
    drive.awake.set()
    with qtbot.waitSignal(scan.found):
        scan.look("other")
    assert found == ["other"]


def test_one_that_is_added_again_is_not_asked_twice_at_once(qtbot: QtBot, scan: ModelScan, drive: Drive) -> None:
    for places in (["asleep"], [], ["asleep"], ["asleep"]):
        scan.look(*places)
    assert drive.asked == ["asleep"]
    with qtbot.waitSignals([scan.found, scan.found]):
        drive.awake.set()
    assert drive.asked == ["asleep", "asleep"]


def test_the_end_does_not_wait_for_it(scan: ModelScan) -> None:
    scan.look("asleep")
    scan.close()
    assert [thread.daemon for thread in threading.enumerate() if thread.name == "scan asleep"] == [True]


def test_a_fault_of_ours_is_logged_and_changes_nothing(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    def fail(place: str, _: Callable[[], bool]) -> list[Model]:
        if place == "one":
            raise RuntimeError(place)
        return []

    scan = ModelScan(fail)
    found: list[str] = []
    scan.found.connect(lambda place, _: found.append(place))
    with qtbot.waitSignal(scan.found):
        scan.look("one", "two")
    qtbot.waitUntil(lambda: "one can't be looked through" in caplog.text)
    assert found == ["two"]
