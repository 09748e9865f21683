"""The child process: its death, its replacement, and that it never outlives the window."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from studio.core.engine_config import EngineConfig
from studio.core.events import Cancelled, Done, EngineState, Failed, ModelsState
from studio.core.task import Task
from studio.engine import remote
from studio.engine.remote import RemoteEngine
from studio.engine.watched import Watched
from tests.engine.runners import (
    HERE,
    TASKS,
    Canary,
    Echo,
    Hang,
    Host,
    Load,
    Misbehave,
    Unknown,
    Unsendable,
    Wait,
    Wrong,
)
from tests.engine.serving import Serving


@pytest.fixture
def serving() -> Iterator[Serving]:
    with Serving(RemoteEngine(f"{HERE}:Models", TASKS)) as serving:
        yield serving


def pids_of(serving: Serving) -> list[int]:
    """Of all children that were ready so far."""
    return [message.facts["pid"] for message in serving.said if isinstance(message, EngineState) and message.facts]


def test_jobs_run_in_the_main_thread_of_another_process(serving: Serving) -> None:
    final = serving.final(serving.submit(Echo()))
    assert isinstance(final, Done)
    assert final.result.notes["thread"] == "MainThread"
    assert [final.result.notes["pid"]] == pids_of(serving) != [os.getpid()]


def test_the_child_speaks_the_language_that_it_is_told() -> None:
    with Serving(RemoteEngine(f"{HERE}:Models", TASKS, EngineConfig(language="zh_CN"))) as serving:
        final = serving.final(serving.submit(Misbehave(how="bug")))
    assert isinstance(final, Failed)
    assert final.message == "Triptych 内部出错：ValueError: a bug"


def test_the_child_imports_nothing_that_its_jobs_do_not(serving: Serving) -> None:
    final = serving.final(serving.submit(Misbehave(how="modules")))
    assert isinstance(final, Done)
    assert final.result.notes["large"] == []


def test_the_death_of_the_child_fails_its_job_with_its_last_words_and_the_line_goes_on(serving: Serving) -> None:
    dying, next_one = serving.submit(Misbehave(how="die")), serving.submit(Echo())
    final = serving.final(dying)
    assert isinstance(final, Failed)
    assert final.trouble == "engine_died"
    assert final.detail == "my last words"
    assert "exit code 7" in final.message
    assert isinstance(serving.final(next_one), Done)
    assert serving.states() == ["starting", "ready", "died", "starting", "ready"]


def test_a_crash_in_native_code_leaves_python_words(serving: Serving) -> None:
    final = serving.final(serving.submit(Misbehave(how="crash")))
    assert isinstance(final, Failed)
    assert final.trouble == "engine_died"
    assert "misbehave_crash" in final.detail


def test_a_child_killed_from_outside_is_replaced(serving: Serving) -> None:
    running = serving.begin(Wait())
    os.kill(pids_of(serving)[0], signal.SIGKILL)
    final = serving.final(running)
    assert isinstance(final, Failed)
    assert "killed" in final.message
    assert isinstance(serving.final(serving.submit(Echo())), Done)
    assert len(set(pids_of(serving))) == 2


def test_a_frame_that_takes_the_child_down_takes_the_job_that_let_it_in_along(serving: Serving) -> None:
    host = serving.begin(Host())
    frame = serving.submit(Misbehave(how="die"), lane="frames")
    for name in (host, frame):
        final = serving.final(name)
        assert isinstance(final, Failed)
        assert final.trouble == "engine_died"
    assert isinstance(serving.final(serving.submit(Echo())), Done)


def test_an_idle_child_is_replaced_ahead_of_need_and_its_models_are_gone(serving: Serving) -> None:
    serving.final(serving.submit(Load(), model="a"))
    serving.until(lambda: any(isinstance(message, ModelsState) for message in serving.said))
    os.kill(pids_of(serving)[0], signal.SIGKILL)
    serving.until(lambda: len(pids_of(serving)) == 2)
    told = [message.loaded for message in serving.said if isinstance(message, ModelsState)]
    assert told == [{"a": 1}, {}]


def test_what_was_made_before_a_death_is_not_lost(serving: Serving) -> None:
    name = serving.submit(Misbehave(how="make and die"))
    serving.final(name)
    assert serving.kinds(name) == ["Started", "Made", "Failed"]


def test_ctrl_c_in_the_terminal_does_not_reach_the_child(serving: Serving) -> None:
    running = serving.begin(Wait())
    os.kill(pids_of(serving)[0], signal.SIGINT)
    serving.engine.cancel(running)
    assert isinstance(serving.final(running), Cancelled)
    assert isinstance(serving.final(serving.submit(Echo())), Done)
    assert len(pids_of(serving)) == 1


def test_three_deaths_end_in_a_message_and_the_next_job_tries_again(serving: Serving) -> None:
    names = [serving.submit(Misbehave(how="kill")) for _ in range(3)]
    waiting = serving.submit(Echo())
    for name in (*names, waiting):
        final = serving.final(name)
        assert isinstance(final, Failed)
        assert final.trouble == "engine_died"
    assert serving.states()[-1] == "gone"
    assert isinstance(serving.final(serving.submit(Echo())), Done)


def test_that_it_is_gone_is_said_before_the_last_job_fails(serving: Serving) -> None:
    """Who feeds jobs one by one must not send the next to an engine that dies of each."""
    last = [serving.submit(Misbehave(how="kill")) for _ in range(3)][-1]
    serving.final(last)
    gone = next(at for at, said in enumerate(serving.said) if isinstance(said, EngineState) and said.state == "gone")
    failed = next(at for at, said in enumerate(serving.said) if isinstance(said, Failed) and said.job == last)
    assert gone < failed


def test_deaths_far_apart_are_no_reason_to_give_up(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "WITHIN_SECONDS", 0.0)
    for _ in range(3):
        assert isinstance(serving.final(serving.submit(Misbehave(how="kill"))), Failed)
    assert isinstance(serving.final(serving.submit(Echo())), Done)
    assert "gone" not in serving.states()


def test_a_child_that_cannot_start_says_why_and_fails_what_waits() -> None:
    with Serving(RemoteEngine(f"{HERE}:Unwarmable", TASKS)) as serving:
        name = serving.submit(Echo())
        final = serving.final(name)
        assert isinstance(final, Failed)
        assert "Traceback" in final.detail
        assert serving.kinds(name) == ["Failed"]
        gone = next(message for message in serving.said if isinstance(message, EngineState) and message.state == "gone")
        assert gone.message.endswith("OSError: the driver is broken")


def test_a_job_that_waits_for_the_child_to_be_ready_is_cancelled_at_once() -> None:
    with Serving(RemoteEngine(f"{HERE}:NeverWarm", TASKS)) as serving:
        name = serving.submit(Echo())
        serving.until(lambda: serving.states() == ["starting"])
        serving.engine.cancel(name)
        assert isinstance(serving.final(name), Cancelled)
        waiting = serving.submit(Echo())
    assert isinstance(serving.final(waiting), Cancelled)


def test_with_other_settings_a_child_that_kept_dying_is_started_anew() -> None:
    with Serving(RemoteEngine(f"{HERE}:Choosy", TASKS, EngineConfig(device="broken"))) as serving:
        serving.until(lambda: "gone" in serving.states())
        serving.engine.configure(EngineConfig(device="cpu"))
        serving.until(lambda: serving.states()[-1] == "ready")


def test_a_child_that_is_still_starting_makes_way_for_one_with_other_settings() -> None:
    with Serving(RemoteEngine(f"{HERE}:Choosy", TASKS, EngineConfig(device="slow"))) as serving:
        name = serving.submit(Echo())
        serving.until(lambda: serving.states() == ["starting"])
        serving.engine.configure(EngineConfig(device="cpu"))
        assert isinstance(serving.final(name), Done)
    assert serving.states() == ["starting", "starting", "ready", "gone"]


def test_a_system_that_starts_no_process_ends_in_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no process left")

    monkeypatch.setattr(remote, "Watched", refuse)
    with Serving(RemoteEngine(f"{HERE}:Models", TASKS)) as serving:
        serving.until(lambda: "gone" in serving.states())
        monkeypatch.undo()
        assert isinstance(serving.final(serving.submit(Echo())), Done)


def test_a_stop_that_is_not_obeyed_is_said_and_asked_again_replaces_the_child() -> None:
    with Serving(RemoteEngine(f"{HERE}:Models", TASKS, patience=0.05)) as serving:
        name = serving.begin(Hang())
        serving.engine.cancel(name)
        serving.until(lambda: "stuck" in serving.states())
        assert serving.kinds(name)[-1] == "Progress"
        serving.engine.cancel(name)
        assert isinstance(serving.final(name), Cancelled)
        assert isinstance(serving.final(serving.submit(Echo())), Done)
        assert serving.states() == ["starting", "ready", "stuck", "starting", "ready"]


def test_a_child_that_comes_to_itself_is_ready_again() -> None:
    with Serving(RemoteEngine(f"{HERE}:Models", TASKS, patience=0.0)) as serving:
        name = serving.begin(Hang(seconds=0.5))
        serving.engine.cancel(name)
        assert isinstance(serving.final(name), Cancelled)
        serving.until(lambda: serving.states() == ["starting", "ready", "stuck", "ready"])
        assert len(set(pids_of(serving))) == 1


def test_a_second_cancel_kills_at_once_and_counts_as_no_death(serving: Serving) -> None:
    for _ in range(3):
        name = serving.begin(Hang())
        serving.engine.cancel(name)
        serving.engine.cancel(name)
        assert isinstance(serving.final(name), Cancelled)
    assert isinstance(serving.final(serving.submit(Echo())), Done)
    assert {"died", "gone", "stuck"}.isdisjoint(serving.states())


@pytest.mark.parametrize(
    "task", [Unsendable(thing=threading.Lock()), Unsendable(thing=2**70), Unknown(), Wrong(number="x")],
    ids=["here", "too large", "there", "wrong"],
)  # fmt: skip
def test_a_job_that_cannot_cross_fails(serving: Serving, task: Task) -> None:
    final = serving.final(serving.submit(task))
    assert isinstance(final, Failed)
    assert final.trouble == ("bad_request" if isinstance(task, Wrong) else "internal")
    assert isinstance(serving.final(serving.submit(Echo())), Done)
    assert len(pids_of(serving)) == 1


def test_a_result_that_cannot_cross_fails_its_job(serving: Serving) -> None:
    final = serving.final(serving.submit(Misbehave(how="ends in too large a number")))
    assert isinstance(final, Failed)
    assert final.trouble == "internal"
    assert isinstance(serving.final(serving.submit(Echo())), Done)
    assert len(pids_of(serving)) == 1


def test_halves_of_surrogate_pairs_cross_both_ways(serving: Serving) -> None:
    """As in a file's name that is no UTF-8, or what is left of an emoji."""
    final = serving.final(serving.submit(Load(), model="/models/\udcff"))
    assert isinstance(final, Done)
    assert final.result.notes == {"model": "/MODELS/\udcff"}
    failed = serving.final(serving.submit(Misbehave(how="for people", words="The file \udcff is cut off.")))
    assert isinstance(failed, Failed)
    assert failed.message == "The file \udcff is cut off."


def test_a_child_that_says_what_nobody_understands_is_replaced_and_nothing_of_it_is_run() -> None:
    with Serving(RemoteEngine(f"{HERE}:Garbled", TASKS)) as serving:
        serving.until(lambda: "gone" in serving.states())
    died = next(message for message in serving.said if isinstance(message, EngineState) and message.state == "died")
    assert "it sent an invalid message" in died.message


def test_a_child_that_is_told_what_it_does_not_understand_ends_and_says_so(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    watched = Watched(f"{HERE}:Models", TASKS, EngineConfig(), tmp_path / "log")
    watched.pipe.send(Canary(str(canary)))  # a pickle
    watched.process.join(60)
    assert watched.process.exitcode == 1
    assert "can't be understood" in watched.last_words()
    watched.end()
    assert not canary.exists()


def test_the_log_keeps_what_earlier_children_said_but_last_words_are_of_one(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "engine.log"
    with Serving(RemoteEngine(f"{HERE}:Models", TASKS, EngineConfig(log=str(log)))) as serving:
        for _ in range(2):
            final = serving.final(serving.submit(Misbehave(how="die")))
            assert isinstance(final, Failed)
            assert final.detail == "my last words"
    assert log.read_text(encoding="utf-8") == "my last words\n" * 2


def test_a_log_that_has_grown_large_begins_anew(tmp_path: Path) -> None:
    log = tmp_path / "engine.log"
    log.write_bytes(b"x" * (2 << 20))
    with Serving(RemoteEngine(f"{HERE}:Models", TASKS, EngineConfig(log=str(log)))) as serving:
        final = serving.final(serving.submit(Misbehave(how="die")))
    assert isinstance(final, Failed)
    assert final.detail == "my last words"
    assert log.stat().st_size < 100


def test_it_works_without_a_log(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with Serving(
        RemoteEngine(f"{HERE}:Models", TASKS, EngineConfig(log=str(tmp_path / "file" / "engine.log")))
    ) as serving:
        assert isinstance(serving.final(serving.submit(Echo())), Done)
        final = serving.final(serving.submit(Misbehave(how="die")))
        assert isinstance(final, Failed)
        assert final.detail == ""


def test_nobody_waits_for_an_engine_that_does_not_serve_yet() -> None:
    """The pipe that wakes it holds some ten thousand calls."""
    engine = RemoteEngine(f"{HERE}:Models", TASKS)
    for _ in range(20_000):
        engine.cancel("nobody")
    with Serving(engine) as serving:
        assert isinstance(serving.final(serving.submit(Echo())), Done)


def test_closing_does_not_wait_for_a_runner_that_hangs() -> None:
    with Serving(RemoteEngine(f"{HERE}:Models", TASKS)) as serving:
        name = serving.begin(Hang())
    assert isinstance(serving.final(name), Cancelled)
    assert not psutil.pid_exists(pids_of(serving)[0])


def test_the_child_does_not_outlive_a_killed_parent() -> None:
    program = f"""
from studio.core.events import EngineState, Progress
from studio.core.values import Job
from studio.engine.remote import RemoteEngine
from tests.engine.runners import Hang

def say(message):
    if isinstance(message, EngineState) and message.facts:
        pids.append(message.facts["pid"])
    if isinstance(message, Progress):
        print(pids[0], flush=True)

if __name__ == "__main__":
    pids = []
    engine = RemoteEngine("{HERE}:Models", "{TASKS}")
    engine.submit(Job(task=Hang()))
    engine.serve(say)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    child.wait(timeout=30)


def test_the_parent_imports_no_torch() -> None:
    program = "import sys, studio.engine.remote, studio.engine.local; print({'torch', 'PySide6'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "set()"


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
def test_what_ends_a_session_is_left_to_the_window(serving: Serving) -> None:
    """A logout, a closed terminal and Ctrl+C send their signal to the child as well; the window keeps what is made."""
    assert isinstance(serving.final(serving.submit(Echo())), Done)
    (child,) = pids_of(serving)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(child, number)
    final = serving.final(serving.submit(Echo()))
    assert isinstance(final, Done)
    assert pids_of(serving) == [child]


def test_a_program_that_ends_without_closing_its_engine_ends() -> None:
    """Python asks children to terminate at its own end, and waits until they have."""
    program = f"""
import threading
from studio.core.engine_config import DEFAULTS
from studio.engine.watched import Watched
from pathlib import Path

if __name__ == "__main__":
    watched = Watched("{HERE}:Models", "{TASKS}", DEFAULTS, Path("/dev/null"))
    while not watched.messages():
        pass
    print(watched.process.pid, flush=True)
"""
    child = int(
        subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, timeout=60).stdout
    )
    assert not psutil.pid_exists(child)
