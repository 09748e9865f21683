"""The engine without a child: whose thread it uses, and models that can't be prepared."""

import threading

from studio.core.events import Done, EngineState
from studio.engine.local import LocalEngine
from tests.engine.runners import Echo, Models, Unwarmable
from tests.engine.serving import Serving


def test_jobs_run_in_the_thread_that_was_lent() -> None:
    with Serving(LocalEngine(Models())) as serving:
        final = serving.final(serving.submit(Echo()))
    assert isinstance(final, Done)
    assert final.result.notes["thread"] != threading.current_thread().name


def test_models_that_cannot_be_prepared_are_said_and_jobs_are_still_answered() -> None:
    with Serving(LocalEngine(Unwarmable())) as serving:
        assert isinstance(serving.final(serving.submit(Echo())), Done)
        state = next(message for message in serving.said if isinstance(message, EngineState) and message.message)
    assert state.state == "died"
    assert "the driver is broken" in state.message
