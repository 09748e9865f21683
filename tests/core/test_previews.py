"""Previews end no job."""

import pytest

from studio.core.errors import Stopped
from studio.core.previews import Previews
from studio.core.values import Asset
from tests.recording import RecordingContext

SEEN = Asset(kind="pixels", data=b"abc", width=1, height=1)


def fail() -> Asset:
    raise MemoryError("not enough")


def test_one_that_fails_is_logged_once_and_none_is_tried_at_the_next_steps(caplog: pytest.LogCaptureFixture) -> None:
    context = RecordingContext()
    previews = Previews(context)
    previews.show(lambda: SEEN, 3)
    previews.show(lambda: None)
    for _ in range(3):
        previews.show(fail)
    previews.show(lambda: SEEN)
    assert context.previews == [(3, SEEN)]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_what_is_seen_once_in_a_while_is_tried_each_time(caplog: pytest.LogCaptureFixture) -> None:
    context = RecordingContext(previews_wanted=False)
    previews = Previews(context)
    previews.show(lambda: SEEN)
    for make in (fail, fail, lambda: SEEN):
        previews.show_always(make)
    assert context.previews == [(0, SEEN)]
    assert len(caplog.records) == 1


def test_a_stop_still_ends_the_job() -> None:
    with pytest.raises(Stopped):
        Previews(RecordingContext(cancelled=True)).show(lambda: SEEN)
