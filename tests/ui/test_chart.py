"""The chart: its lines are where their numbers are, its ticks are round, and it says its newest values."""

import math

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from studio.ui.chart import Chart, thousands, ticks
from studio.ui.theme import token
from tests.ui.accessible import lacking


@pytest.fixture
def chart(qtbot: QtBot) -> Chart:
    chart = Chart("Loss", "What is lost", ("One", "Two"), ("danger", "ok"), "pictures")
    qtbot.addWidget(chart)
    chart.resize(400, 200)
    return chart


def near(image: QImage, spot: QPointF, colour: QColor) -> bool:
    """Whether a pixel beside ``spot`` has about this colour."""
    found = (image.pixelColor(round(spot.x()) + x, round(spot.y()) + y) for x in (-1, 0, 1) for y in (-1, 0, 1))
    return any(
        abs(one.red() - colour.red()) + abs(one.green() - colour.green()) + abs(one.blue() - colour.blue()) < 60
        for one in found
    )


def test_lines_are_painted_where_their_numbers_are(chart: Chart) -> None:
    empty = chart.grab().toImage()
    chart.set_lines([[(0, 1.0), (500, 2.0), (1000, 3.0)], [(0, 3.0), (1000, 3.0)]])
    image = chart.grab().toImage()
    assert near(image, chart._spot(500, 2.0), token("danger"))
    assert near(image, chart._spot(250, 1.5), token("danger"))
    assert near(image, chart._spot(400, 3.0), token("ok"))
    assert not near(empty, chart._spot(500, 2.0), token("danger"))
    low, high = chart._spot(0, 1.0), chart._spot(1000, 3.0)
    assert low.x() < high.x()
    assert low.y() > high.y()


def test_the_newest_values_are_said_and_those_under_the_mouse_shown(qtbot: QtBot, chart: Chart) -> None:
    chart.set_lines([[(0, 1.0), (1000, 3.25)], []])
    assert chart.accessibleDescription() == "One 3.25"
    assert chart._value(chart.lines()[0]) == 3.25
    chart.show()
    qtbot.mouseMove(chart, chart._spot(10, 1.0).toPoint())
    assert chart._value(chart.lines()[0]) == 1.0
    assert not lacking(chart)


def test_what_has_no_place_is_left_out(qtbot: QtBot) -> None:
    chart = Chart("KID", "How far", ("KID",), ("ok",), "pictures", logarithmic=True)
    qtbot.addWidget(chart)
    chart.set_lines([[(0, 100.0), (1, -0.5), (2, math.nan), (3, 1.0)]])
    assert chart.lines() == [[(0, 100.0), (3, 1.0)]]
    middle = chart._spot(1, 10.0).y()
    assert middle == pytest.approx((chart._spot(0, 100.0).y() + chart._spot(3, 1.0).y()) / 2)
    chart.grab()


@pytest.mark.parametrize("line", [[(0, 5.0)], [(0, 2.0), (10, 2.0)], [(0, 0.0), (9, 0.0)]])
def test_a_point_and_a_level_line_can_be_shown(chart: Chart, line: list[tuple[float, float]]) -> None:
    chart.set_lines([line, []])
    chart.grab()


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [(0, 10, 5, [0, 2, 4, 6, 8, 10]), (0.13, 0.52, 4, [0.2, 0.3, 0.4, 0.5]), (0, 12_800, 4, [0, 5000, 10_000])],
)
def test_ticks_are_round(low: float, high: float, most: int, expected: list[float]) -> None:
    assert ticks(low, high, most) == pytest.approx(expected)


def test_there_are_no_ticks_of_nothing() -> None:
    assert ticks(1, 1, 4) == []


@pytest.mark.parametrize(("count", "words"), [(0, "0"), (800, "800"), (12_500, "12.5k"), (1_500_000, "1.5M")])
def test_numbers_of_pictures_are_short(count: float, words: str) -> None:
    assert thousands(count) == words
