"""What every engine promises, held against both."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from studio.core.engine_config import EngineConfig
from studio.core.events import Cancelled, Done, EngineState, Failed, ModelsState, TextDelta, is_final
from studio.core.values import Job
from studio.engine.local import LocalEngine
from studio.engine.remote import RemoteEngine
from tests.engine.runners import HERE, TASKS, Absent, Echo, Host, Leave, Load, Misbehave, Models, Settings, Wait, left
from tests.engine.serving import Serving

ENGINES: dict[str, Callable[[], LocalEngine | RemoteEngine]] = {
    "local": lambda: LocalEngine(Models()),
    "remote": lambda: RemoteEngine(f"{HERE}:Models", TASKS),
}


@pytest.fixture(params=ENGINES)
def serving(request: pytest.FixtureRequest) -> Iterator[Serving]:
    with Serving(ENGINES[request.param]()) as serving:
        yield serving


def done(serving: Serving) -> list[str]:
    """The jobs that were done, in order."""
    return [message.job for message in list(serving.said) if isinstance(message, Done)]


def test_it_says_when_it_is_ready(serving: Serving) -> None:
    serving.until(lambda: serving.states() == ["starting", "ready"])
    facts = [message.facts for message in serving.said if isinstance(message, EngineState)]
    assert facts[1]["device"] == "cpu"


def test_events_come_in_order_and_end_in_one_final_event(serving: Serving) -> None:
    name = serving.submit(Echo(text="a b"))
    assert isinstance(serving.final(name), Done)
    assert serving.kinds(name) == ["Started", "TextDelta", "Progress", "TextDelta", "Progress", "Made", "Done"]


def test_jobs_run_in_the_order_of_their_submission(serving: Serving) -> None:
    names = [serving.submit(Echo(text=str(number))) for number in range(20)]
    serving.final(names[-1])
    assert done(serving) == names


ERRORS = [
    ("for people", "model_unusable", "The file x is cut off."),
    ("bug", "internal", "a bug"),
    ("nameless", "internal", "NamelessError"),
    ("memory", "out_of_memory", "smaller size"),
    ("device memory", "out_of_memory", "smaller size"),
    ("cpu memory", "out_of_memory", "smaller size"),
    ("system memory", "out_of_memory", "smaller size"),
    ("exit", "internal", "SystemExit"),
    ("interrupt", "internal", "KeyboardInterrupt"),
    ("made of objects", "internal", "lock"),
    ("counts in halves", "internal", "Expected `int`"),
]


def test_errors_are_values_and_the_engine_goes_on(serving: Serving) -> None:
    for how, trouble, sentence in ERRORS:
        final = serving.final(serving.submit(Misbehave(how=how)))
        assert isinstance(final, Failed)
        assert (how, final.trouble) == (how, trouble)
        assert sentence in final.message
        assert "runners.py" in final.detail
    assert isinstance(serving.final(serving.submit(Echo())), Done)
    assert serving.states() == ["starting", "ready"]


def test_a_result_that_is_none_fails_its_job(serving: Serving) -> None:
    for how in ("ends in objects", "ends in a number"):
        final = serving.final(serving.submit(Misbehave(how=how)))
        assert isinstance(final, Failed)
        assert final.trouble == "internal"


def test_errors_that_a_runner_swallows_are_its_own_affair(serving: Serving) -> None:
    name = serving.submit(Misbehave(how="swallow"))
    assert isinstance(serving.final(name), Done)
    assert serving.kinds(name) == ["Started", "TextDelta", "Done"]


def test_a_runner_that_is_not_there_fails_its_job_only(serving: Serving) -> None:
    assert isinstance(serving.final(serving.submit(Absent())), Failed)
    assert isinstance(serving.final(serving.submit(Echo())), Done)


def test_a_flood_of_events_arrives_whole(serving: Serving) -> None:
    name = serving.submit(Misbehave(how="flood"))
    serving.final(name)
    text = "".join(message.text for message in serving.of(name) if isinstance(message, TextDelta))
    assert text.split() == [str(number) for number in range(2000)]


def test_a_thread_that_a_job_left_behind_is_not_heard(serving: Serving) -> None:
    name = serving.submit(Leave())
    serving.final(name)
    for thread in left:  # those of this process; in the child the next job's end comes after anything it could say
        thread.join()
    serving.final(serving.submit(Echo()))
    assert is_final(serving.of(name)[-1])


def test_the_empty_address_is_the_jobs_own_model_and_what_is_loaded_is_told(serving: Serving) -> None:
    final = serving.final(serving.submit(Load(), model="a"))
    assert isinstance(final, Done)
    assert final.result.notes == {"model": "A"}
    serving.final(serving.submit(Load(), model="a"))
    serving.final(serving.submit(Load(free=True), model="a"))
    serving.final(serving.submit(Echo()))
    told = [message.loaded for message in serving.said if isinstance(message, ModelsState)]
    assert told == [{"a": 1}, {}]


def test_a_waiting_job_is_cancelled_unrun_while_another_runs(serving: Serving) -> None:
    running = serving.begin(Wait())
    waiting = serving.submit(Echo())
    serving.engine.cancel(waiting)
    assert isinstance(serving.final(waiting), Cancelled)
    assert serving.kinds(waiting) == ["Cancelled"]
    serving.engine.cancel(running)
    assert isinstance(serving.final(running), Cancelled)


@pytest.mark.parametrize("then", ["obey", "return", "raise"])
def test_a_running_job_is_cancelled_and_makes_nothing_more(serving: Serving, then: str) -> None:
    name = serving.begin(Wait(then=then))
    serving.engine.cancel(name)
    assert isinstance(serving.final(name), Cancelled)
    assert serving.kinds(name) == ["Started", "Progress", "Cancelled"]
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
    assert sum(map(is_final, serving.said)) == 300


def test_a_cancel_at_any_instant_of_a_short_job_leaves_one_final_event(serving: Serving) -> None:
    names = []
    for _ in range(200):
        job = Job(task=Echo(text="a"))
        thread = threading.Thread(target=serving.engine.cancel, args=(job.id,))
        thread.start()
        serving.engine.submit(job)
        names.append(job.id)
        thread.join()
    serving.final(serving.submit(Echo()))
    for name in names:
        events = serving.of(name)
        assert list(map(is_final, events)) == [False] * (len(events) - 1) + [True]
        assert "Made" not in serving.kinds(name) or serving.kinds(name).index("Made") < len(events) - 1


def test_cancelling_what_is_over_or_unknown_does_nothing(serving: Serving) -> None:
    name = serving.submit(Echo())
    serving.final(name)
    serving.engine.cancel(name)
    serving.engine.cancel("nobody")
    assert isinstance(serving.final(serving.submit(Echo())), Done)
    assert sum(map(is_final, serving.of(name))) == 1


def test_of_the_frames_only_the_newest_runs_and_goes_first(serving: Serving) -> None:
    running = serving.begin(Wait())
    work = serving.submit(Echo())
    old, new = serving.submit(Echo(), lane="frames"), serving.submit(Echo(), lane="frames")
    assert isinstance(serving.final(old), Cancelled)
    serving.engine.cancel(running)
    serving.final(work)
    assert serving.kinds(old) == ["Cancelled"]
    assert done(serving) == [new, work]


def test_frames_that_no_step_lets_in_are_overtaken_by_the_newest(serving: Serving) -> None:
    """However far each has come on its way to the runner when the next one is asked for."""
    running = serving.begin(Wait())
    frames = []
    for _ in range(20):
        frames.append(serving.submit(Echo(), lane="frames"))
        time.sleep(0.005)
    for overtaken in frames[:-1]:
        assert isinstance(serving.final(overtaken), Cancelled)
    serving.engine.cancel(running)
    assert isinstance(serving.final(frames[-1]), Done)
    assert done(serving) == [frames[-1]]


def test_frames_are_made_in_the_middle_of_a_job_that_lets_them_in(serving: Serving) -> None:
    host = serving.begin(Host())
    work = serving.submit(Echo())
    for _ in range(30):
        frame = serving.submit(Load(), lane="frames", model="a")
        assert isinstance(serving.final(frame), Done)
        assert serving.kinds(frame) == ["Started", "Done"]
    assert [message.loaded for message in serving.said if isinstance(message, ModelsState)] == [{"a": 1}]
    failed = serving.final(serving.submit(Misbehave(how="exit"), lane="frames"))
    assert isinstance(failed, Failed)
    steps = len(serving.of(host))
    serving.until(lambda: len(serving.of(host)) > steps)
    assert serving.of(work) == []
    serving.engine.cancel(host)
    assert isinstance(serving.final(host), Cancelled)
    assert isinstance(serving.final(work), Done)
    assert sum(map(is_final, serving.of(host))) == 1


def test_a_flood_of_frames_does_not_keep_the_job_from_going_on(serving: Serving) -> None:
    host, ended = serving.begin(Host()), threading.Event()

    def flood() -> None:
        while not ended.is_set():
            serving.final(serving.submit(Echo(), lane="frames"))

    thread = threading.Thread(target=flood)
    thread.start()
    steps = len(serving.of(host))
    serving.until(lambda: len(serving.of(host)) > steps + 1)
    serving.engine.cancel(host)
    assert isinstance(serving.final(host), Cancelled)
    ended.set()
    thread.join()


def test_every_frame_has_its_end_whenever_the_job_that_let_it_in_ends(serving: Serving) -> None:
    for _ in range(40):
        host = serving.submit(Host())
        frames = [serving.submit(Echo(text="a"), lane="frames") for _ in range(3)]
        serving.engine.cancel(host)
        frames.append(serving.submit(Echo(text="a"), lane="frames"))
        assert isinstance(serving.final(host), Cancelled)
        for frame in frames:
            serving.final(frame)
            assert sum(map(is_final, serving.of(frame))) == 1


def test_other_settings_hold_at_once_for_an_engine_without_a_job(serving: Serving) -> None:
    serving.final(serving.submit(Load(), model="a"))
    serving.until(lambda: any(isinstance(message, ModelsState) for message in serving.said))
    serving.engine.configure(EngineConfig(device="another", memory_mb=7))
    serving.until(lambda: serving.states() == ["starting", "ready"] * 2)
    final = serving.final(serving.submit(Settings()))
    assert isinstance(final, Done)
    assert final.result.notes == {"device": "another", "memory": 7}
    facts = [message.facts for message in serving.said if isinstance(message, EngineState) and message.facts]
    assert [each["device"] for each in facts] == ["cpu", "another"]
    assert [message.loaded for message in serving.said if isinstance(message, ModelsState)] == [{"a": 1}, {}]


def test_other_settings_wait_for_the_end_of_the_running_job(serving: Serving) -> None:
    running = serving.begin(Host())
    serving.engine.configure(EngineConfig(device="another"))
    after = serving.submit(Settings())
    frame = serving.final(serving.submit(Settings(), lane="frames"))
    assert isinstance(frame, Done)
    assert frame.result.notes["device"] == ""
    serving.engine.cancel(running)
    assert isinstance(serving.final(running), Cancelled)
    final = serving.final(after)
    assert isinstance(final, Done)
    assert final.result.notes["device"] == "another"
    assert serving.states() == ["starting", "ready"] * 2


def test_the_same_settings_again_change_nothing(serving: Serving) -> None:
    serving.final(serving.submit(Load(), model="a"))
    serving.engine.configure(EngineConfig())
    serving.final(serving.submit(Load(), model="a"))
    assert serving.states() == ["starting", "ready"]
    assert [message.loaded for message in serving.said if isinstance(message, ModelsState)] == [{"a": 1}]


@pytest.mark.parametrize("make", ENGINES.values(), ids=ENGINES)
def test_closing_cancels_what_runs_and_what_waits(make: Callable[[], LocalEngine | RemoteEngine]) -> None:
    with Serving(make()) as serving:
        running, waiting = serving.submit(Wait()), serving.submit(Echo())
        serving.until(lambda: "Progress" in serving.kinds(running))
    for name in (running, waiting):
        assert isinstance(serving.final(name), Cancelled)
        assert sum(map(is_final, serving.of(name))) == 1
    assert serving.states() == ["starting", "ready", "gone"]


@pytest.mark.parametrize("make", ENGINES.values(), ids=ENGINES)
def test_it_can_be_closed_before_it_is_ready_and_twice(make: Callable[[], LocalEngine | RemoteEngine]) -> None:
    with Serving(make()) as serving:
        serving.engine.close()


@pytest.mark.parametrize("make", ENGINES.values(), ids=ENGINES)
def test_one_that_was_closed_before_it_served_returns_at_once(make: Callable[[], LocalEngine | RemoteEngine]) -> None:
    engine = make()
    engine.close()
    job = Job(task=Echo())
    engine.submit(job)
    said: list[object] = []
    engine.serve(said.append)
    assert Cancelled(job.id) in said
    engine.submit(Job(task=Echo()))
    engine.cancel(job.id)
    engine.close()
