"""The line: who is next, and where a cancel finds a job."""

import threading

import pytest

from studio.core.values import Job, Lane
from studio.engine.job_queue import JobQueue
from tests.engine.runners import Echo


class Bell:
    """Counts how often the line woke its engine."""

    def __init__(self) -> None:
        self.rung = 0

    def ring(self) -> None:
        self.rung += 1


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def line(bell: Bell) -> JobQueue:
    return JobQueue(bell.ring)


def add(line: JobQueue, lane: Lane = "work") -> Job:
    job = Job(task=Echo(), lane=lane)
    line.add(job)
    return job


def rest(line: JobQueue) -> list[Job]:
    """All that waits, in the order in which it would run."""
    jobs = []
    while (job := line.take()) is not None:
        jobs.append(job)
        line.finish()
    return jobs


def test_frames_go_first_then_the_rest_in_its_order(line: JobQueue) -> None:
    first, second = add(line), add(line)
    frame, third = add(line, "frames"), add(line)
    assert rest(line) == [frame, first, second, third]


def test_of_the_frames_the_newest_stays(line: JobQueue) -> None:
    old, work, new = add(line, "frames"), add(line), add(line, "frames")
    assert line.unrun() == [old]
    assert line.unrun() == []
    assert rest(line) == [new, work]


def test_a_frame_that_runs_is_not_overtaken(line: JobQueue) -> None:
    running = add(line, "frames")
    line.take()
    add(line, "frames")
    assert line.unrun() == []
    assert not line.asked(running.id)


def test_a_job_that_waits_is_taken_out(line: JobQueue) -> None:
    stays, goes = add(line), add(line)
    line.cancel(goes.id)
    assert line.unrun() == [goes]
    assert rest(line) == [stays]


def test_the_running_job_is_asked_and_asked_again(line: JobQueue) -> None:
    job, other = add(line), add(line)
    line.take()
    assert line.asked(job.id) == 0
    line.cancel(job.id)
    line.cancel(job.id)
    assert (line.asked(job.id), line.asked(other.id)) == (2, 0)
    assert line.finish() is True
    assert line.asked(job.id) == 0
    line.take()
    assert line.finish() is False


def test_a_cancel_of_what_is_over_changes_nothing(line: JobQueue) -> None:
    job = add(line)
    line.take()
    line.finish()
    line.cancel(job.id)
    assert line.unrun() == []


def test_closing_takes_out_what_waits_and_asks_what_runs(line: JobQueue) -> None:
    running, waiting = add(line), add(line)
    line.take()
    line.close()
    late = add(line)
    assert line.closed
    assert not line.waits
    assert line.take() is None
    assert line.asked(running.id) == 1
    assert line.unrun() == [waiting, late]
    assert line.finish() is True


def test_emptying_leaves_what_runs(line: JobQueue) -> None:
    running, waiting = add(line), add(line)
    line.take()
    assert line.waits
    assert line.empty() == [waiting]
    assert not line.waits
    assert line.finish() is False
    assert line.asked(running.id) == 0


def test_the_engine_is_woken_by_every_change_from_outside(line: JobQueue, bell: Bell) -> None:
    job = add(line)
    line.cancel(job.id)
    line.close()
    assert bell.rung == 3


def test_a_cancel_meets_the_job_wherever_it_is(line: JobQueue) -> None:
    """One thread takes while another cancels: the job ends up cancelled in one of the two places, never in neither."""
    for _ in range(2000):
        job = add(line)
        barrier = threading.Barrier(2)

        def cancel(name: str = job.id, start: threading.Barrier = barrier) -> None:
            start.wait()
            line.cancel(name)

        thread = threading.Thread(target=cancel)
        thread.start()
        barrier.wait()
        taken = line.take()
        thread.join()
        if taken is None:
            assert line.unrun() == [job]
        else:
            assert line.unrun() == []
            assert line.finish() is True
