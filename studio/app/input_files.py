"""The input files of queued requests: copied when a request is submitted, found again before it runs."""

from collections.abc import Callable

from studio.app.background_tasks import BackgroundTasks
from studio.app.job_handle import JobHandle
from studio.core.errors import StudioError
from studio.core.values import Job
from studio.library.inputs import Inputs, brings_files


class InputFiles:
    """Works in the background. ``changed`` is called when a run's job has changed or can be run; ``refused`` with the
    reason why a file can't be copied.
    """

    def __init__(
        self,
        inputs: Inputs,
        background_tasks: BackgroundTasks,
        changed: Callable[[], None],
        refused: Callable[[str], None],
    ) -> None:
        self._inputs, self._background_tasks = inputs, background_tasks
        self._changed, self._refused = changed, refused
        self._found: dict[str, Job] = {}
        self._looking = set[str]()

    def keep(self, run: JobHandle) -> None:
        """Copy the input files of the run's job and note them in it; it may run meanwhile."""
        job, refusals = run.job, list[StudioError]()

        def noted(whole: Job) -> None:
            for error in refusals:
                self._refused(error.message)
            if run.job is job and whole is not job:
                run.job = whole
                self._changed()

        if brings_files(job.task):
            self._background_tasks.do(lambda: self._inputs.note(job, refusals.append), noted)

    def found(self, run: JobHandle) -> Job | None:
        """The run's job with the current paths of its files; None while they are looked up."""
        job = run.job
        if not job.inputs:
            return job
        if (found := self._found.pop(job.id, None)) is not None:
            return found

        def take(found: Job) -> None:
            self._looking.discard(job.id)
            if run.job is job:
                self._found[job.id] = found
            self._changed()

        if job.id not in self._looking:
            self._looking.add(job.id)
            self._background_tasks.do(lambda: self._inputs.find(job), take, lambda _: take(job))
        return None

    def forget(self) -> None:
        """Look files up again next time: nothing can start now."""
        self._found.clear()
