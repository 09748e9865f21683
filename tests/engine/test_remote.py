"""The child process: its death, its replacement, and that it never outlives the window."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from studio.core.events import Cancelled, Done, EngineState, Failed
from studio.engine.remote import RemoteEngine
from tests.engine.runners import HERE, Echo, Hang, Misbehave, Wait
from tests.engine.serving import Serving


@pytest.fixture
def serving() -> Iterator[Serving]:
    with Serving(RemoteEngine(f"{HERE}:Models", patience=0.2)) as serving:
        yield serving


def pid_of(serving: Serving) -> int:
    """The child's, once it is ready."""
    final = serving.final(serving.submit(Echo()))
    assert isinstance(final, Done)
    pid: int = final.result.notes["pid"]
    return pid


def test_jobs_run_in_the_main_thread_of_another_process(serving: Serving) -> None:
    final = serving.final(serving.submit(Echo()))
    assert isinstance(final, Done)
    assert final.result.notes["thread"] == "MainThread"
    assert final.result.notes["pid"] != os.getpid()


def test_the_death_of_the_child_fails_its_job_with_its_last_words_and_the_line_goes_on(serving: Serving) -> None:
    dying, next_one = serving.submit(Misbehave(how="die")), serving.submit(Echo())
    final = serving.final(dying)
    assert isinstance(final, Failed)
    assert final.trouble == "engine_died"
    assert "my last words" in final.detail
    assert "7" in final.message
    assert isinstance(serving.final(next_one), Done)
    assert serving.states() == ["starting", "ready", "died", "starting", "ready"]


def test_a_child_killed_from_outside_is_replaced(serving: Serving) -> None:
    running = serving.submit(Wait())
    serving.until(lambda: "Progress" in serving.kinds(running))
    pid = next(message.facts["pid"] for message in serving.said if isinstance(message, EngineState) and message.facts)
    os.kill(pid, signal.SIGKILL)
    assert isinstance(serving.final(running), Failed)
    assert pid_of(serving) != pid


def test_three_deaths_end_in_a_message_and_the_next_job_tries_again(serving: Serving) -> None:
    names = [serving.submit(Misbehave(how="kill")) for _ in range(3)]
    waiting = serving.submit(Echo())
    assert isinstance(serving.final(waiting), Failed)
    assert all(isinstance(serving.final(name), Failed) for name in names)
    assert serving.states()[-1] == "gone"
    assert isinstance(serving.final(serving.submit(Echo())), Done)


def test_a_child_that_cannot_start_says_why() -> None:
    with Serving(RemoteEngine(f"{HERE}:Unwarmable")) as serving:
        serving.until(lambda: "gone" in serving.states())
        gone = next(message for message in serving.said if isinstance(message, EngineState) and message.state == "gone")
        assert "the driver is broken" in gone.message


def test_a_stop_that_is_not_obeyed_is_said_and_asked_again_replaces_the_child(serving: Serving) -> None:
    name = serving.submit(Hang())
    serving.until(lambda: "Progress" in serving.kinds(name))
    serving.engine.cancel(name)
    serving.until(lambda: "stuck" in serving.states())
    serving.engine.cancel(name)
    assert isinstance(serving.final(name), Cancelled)
    assert isinstance(serving.final(serving.submit(Echo())), Done)


def test_what_cannot_be_pickled_fails_its_job(serving: Serving) -> None:
    final = serving.final(serving.submit(Misbehave(how="unpicklable")))
    assert isinstance(final, Failed)
    assert "can't be pickled" in final.message


def test_nothing_is_left_after_closing(serving: Serving) -> None:
    pid = pid_of(serving)
    serving.engine.close()
    serving.until(lambda: serving.states()[-1] == "gone")
    assert not psutil.pid_exists(pid)


def test_the_child_does_not_outlive_a_killed_parent() -> None:
    program = f"""
import threading
from studio.engine.remote import RemoteEngine
from studio.core.events import EngineState

def say(message):
    if isinstance(message, EngineState) and message.facts:
        print(message.facts["pid"], flush=True)

if __name__ == "__main__":
    RemoteEngine("{HERE}:Models").serve(say)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    child.wait(timeout=30)


def test_the_parent_imports_no_torch() -> None:
    program = "import sys, studio.engine.remote, studio.engine.local; print('torch' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "False"
