"""What every engine promises, held against both."""

import threading
from collections.abc import Callable, Iterator

import pytest

from studio.core.events import Cancelled, Done, Failed, Words, is_final
from studio.core.values import Job
from studio.engine.local import LocalEngine
from studio.engine.remote import RemoteEngine
from tests.engine.runners import HERE, Absent, Echo, Misbehave, Models, Wait
from tests.engine.serving import Serving

ENGINES: dict[str, Callable[[], LocalEngine | RemoteEngine]] = {
    "local": lambda: LocalEngine(Models()),
    "remote": lambda: RemoteEngine(f"{HERE}:Models"),
}


@pytest.fixture(params=ENGINES)
def serving(request: pytest.FixtureRequest) -> Iterator[Serving]:
    with Serving(ENGINES[request.param]()) as serving:
        yield serving


def test_it_says_when_it_is_ready(serving: Serving) -> None:
    serving.until(lambda: serving.states() == ["starting", "ready"])


def test_events_come_in_order_and_end_in_one_final_event(serving: Serving) -> None:
    name = serving.submit(Echo(text="a b"))
    assert isinstance(serving.final(name), Done)
    assert serving.kinds(name) == ["Started", "Words", "Progress", "Words", "Progress", "Made", "Done"]


def test_jobs_run_in_the_order_of_their_submission(serving: Serving) -> None:
    names = [serving.submit(Echo(text=str(number))) for number in range(20)]
    serving.final(names[-1])
    assert [message.job for message in serving.said if isinstance(message, Done)] == names


@pytest.mark.parametrize(
    ("how", "trouble", "sentence"),
    [
        ("for people", "model_unusable", "The file x is cut off."),
        ("bug", "internal", "a bug"),
        ("memory", "out_of_memory", "smaller size"),
        ("device memory", "out_of_memory", "smaller size"),
        ("exit", "internal", "SystemExit"),
        ("interrupt", "internal", "KeyboardInterrupt"),
    ],
)
def test_errors_are_values_and_the_engine_goes_on(serving: Serving, how: str, trouble: str, sentence: str) -> None:
    final = serving.final(serving.submit(Misbehave(how=how)))
    assert isinstance(final, Failed)
    assert final.trouble == trouble
    assert sentence in final.message
    assert "runners.py" in final.detail
    assert isinstance(serving.final(serving.submit(Echo())), Done)


def test_a_runner_that_is_not_there_fails_its_job_only(serving: Serving) -> None:
    assert isinstance(serving.final(serving.submit(Absent())), Failed)
    assert isinstance(serving.final(serving.submit(Echo())), Done)


def test_a_flood_of_events_arrives_whole(serving: Serving) -> None:
    name = serving.submit(Misbehave(how="flood"))
    serving.final(name)
    text = "".join(message.text for message in serving.of(name) if isinstance(message, Words))
    assert text.split() == [str(number) for number in range(2000)]


def test_a_waiting_job_is_cancelled_unrun(serving: Serving) -> None:
    running, waiting = serving.submit(Wait()), serving.submit(Echo())
    serving.engine.cancel(waiting)
    assert isinstance(serving.final(waiting), Cancelled)
    assert serving.kinds(waiting) == ["Cancelled"]
    serving.engine.cancel(running)


@pytest.mark.parametrize("deaf", [False, True], ids=["obedient", "swallows the stop"])
def test_a_running_job_is_cancelled_and_makes_nothing_more(serving: Serving, deaf: bool) -> None:
    name = serving.submit(Wait(deaf=deaf))
    serving.until(lambda: "Progress" in serving.kinds(name))
    serving.engine.cancel(name)
    assert isinstance(serving.final(name), Cancelled)
    assert "Made" not in serving.kinds(name)
    assert isinstance(serving.final(serving.submit(Echo())), Done)


def test_an_early_cancel_is_never_lost(serving: Serving) -> None:
    """Between waiting and running lies an instant: with two locks, 4 of 200 cancels fell into it."""
    for _ in range(300):
        job = Job(task=Wait())
        thread = threading.Thread(target=serving.engine.cancel, args=(job.id,))
        serving.engine.submit(job)
        thread.start()
        assert isinstance(serving.final(job.id), Cancelled)
        thread.join()


def test_cancelling_what_is_over_or_unknown_does_nothing(serving: Serving) -> None:
    name = serving.submit(Echo())
    serving.final(name)
    serving.engine.cancel(name)
    serving.engine.cancel("nobody")
    assert isinstance(serving.final(serving.submit(Echo())), Done)
    assert sum(map(is_final, serving.of(name))) == 1


def test_of_the_frames_only_the_newest_runs_and_goes_first(serving: Serving) -> None:
    running = serving.submit(Wait())
    serving.until(lambda: "Progress" in serving.kinds(running))
    work = serving.submit(Echo())
    old, new = serving.submit(Echo(), lane="frames"), serving.submit(Echo(), lane="frames")
    serving.engine.cancel(running)
    serving.final(work)
    assert serving.kinds(old) == ["Cancelled"]
    finals = [message.job for message in serving.said if isinstance(message, Done)]
    assert finals == [new, work]


def test_an_urgent_job_goes_before_the_others_of_its_lane(serving: Serving) -> None:
    running = serving.submit(Wait())
    serving.until(lambda: "Progress" in serving.kinds(running))
    patient, urgent = serving.submit(Echo()), serving.submit(Echo(), urgent=True)
    serving.engine.cancel(running)
    serving.final(patient)
    assert [message.job for message in serving.said if isinstance(message, Done)] == [urgent, patient]


@pytest.mark.parametrize("make", ENGINES.values(), ids=ENGINES)
def test_closing_cancels_what_runs_and_what_waits(make: Callable[[], LocalEngine | RemoteEngine]) -> None:
    with Serving(make()) as serving:
        running, waiting = serving.submit(Wait()), serving.submit(Echo())
        serving.until(lambda: "Progress" in serving.kinds(running))
    assert isinstance(serving.final(running), Cancelled)
    assert isinstance(serving.final(waiting), Cancelled)


@pytest.mark.parametrize("make", ENGINES.values(), ids=ENGINES)
def test_it_can_be_closed_before_it_is_ready(make: Callable[[], LocalEngine | RemoteEngine]) -> None:
    with Serving(make()):
        pass
