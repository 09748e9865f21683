"""Taking earlier requests over into the Write room: of files, of other rooms, of the list of earlier texts."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject

from studio.app.services import Item, Parcel, StudioServices, text_of
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.core.values import Job
from studio.features.write.tasks.write import WriteTask
from studio.features.write.ui.conversation import Conversation
from studio.room.model_picker import ModelChoice
from studio.room.request import MODEL, Request


class TakingOver(QObject):
    """Each is one step to undo, which brings the request, its chat and its texts back. ``say`` says what goes wrong."""

    def __init__(
        self, services: StudioServices, request: Request[WriteTask], models: ModelChoice, conversation: Conversation,
        say: Callable[[StudioError], None],
    ) -> None:  # fmt: skip
        super().__init__(request)
        self._services, self._request, self._models, self._say = services, request, models, say
        self._conversation = conversation

    def take_job(self, job: Job) -> None:
        """Show an earlier request; in a chat with the messages that came before it."""
        before = self._as_now()
        self._take(job)
        self._done(before)

    def take_file(self, path: str) -> None:
        """Take what the file says of its making to its room."""

        def take(found: Parcel | None) -> None:
            self._services.send(found) if found else self._services.notify(
                tr("This picture doesn't say how it was made.")
            )

        self._services.settings_of(path, take, self._say, self)

    def open(self, item: Item) -> None:
        """Show an earlier text with the request that it answers."""

        def show(text: str) -> None:
            before = self._as_now()
            if self._show(item, text):
                self._done(before)

        self._services.read(partial(text_of, item), show, self, self._say)

    def resume(self, item: Item, typed: str) -> None:
        """Go on with a chat of an earlier start, where the next question is ``typed`` already; no step to undo."""

        def show(text: str) -> None:
            if self._show(item, text):
                self._request.adopt({"prompt": typed})

        self._services.read(partial(text_of, item), show, self, self._say)

    def new_chat(self) -> None:
        """Forget the messages and the texts that stand here."""
        before, clear = self._as_now(), self._conversation.clear
        clear()
        self._services.undo.push(tr("New chat"), before, clear, self._request.room)

    def _show(self, item: Item, text: str) -> bool:
        """Show an earlier text. False where this release can't read its request, which is said."""
        try:
            job = self._services.job_of(item)
        except StudioError as error:
            self._say(error)
            return False
        task = self._take(job)
        self._conversation.show_text(task, item, text)
        if task.mode == "chat":
            self._request.adopt({"prompt": ""})
        return True

    def _take(self, job: Job) -> WriteTask:
        task, wanted = job.task, self._models.find(job.model)
        assert isinstance(task, WriteTask)
        self._services.say_missing(not job.model or wanted is not None)
        settings = {name: getattr(task, name) for name in task.__struct_fields__ if name not in ("history", "begin")}
        self._request.adopt(settings if wanted is None else {**settings, MODEL: wanted.address})
        if task.mode == "chat":
            self._conversation.clear()
            self._conversation.show_history(task.history)
        return task

    def _done(self, before: Callable[[], None]) -> None:
        self._services.undo.push(tr("Use settings"), before, self._as_now(), self._request.room)

    def _as_now(self) -> Callable[[], None]:
        """What shows again all that stands here now: the request, its chat and its texts."""
        values = self._request.values((*self._request.task.__struct_fields__, MODEL))
        standing = self._conversation.standing()

        def show() -> None:
            self._request.adopt(values)
            self._conversation.stand_again(standing)

        return show
