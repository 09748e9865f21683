"""The Write room: the prompt on the left, the texts as they are written in the middle, earlier ones on the right."""

from collections.abc import Callable
from functools import partial
from typing import Any

from msgspec.structs import replace
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from studio.app.job_handle import JobHandle
from studio.app.services import Model, Parcel, Query, StudioServices
from studio.core.errors import StudioError
from studio.core.fields import describe
from studio.core.text import tr
from studio.features.write.tasks.write import WriteTask
from studio.features.write.ui.conversation import Conversation
from studio.features.write.ui.earlier import EARLIER, Earlier
from studio.features.write.ui.taking_over import TakingOver
from studio.features.write.ui.variant import Variant
from studio.room.controls import Controls, Part, of_form, of_prompt
from studio.room.history import History
from studio.room.model_picker import ModelChoice
from studio.room.presets import Holds
from studio.room.presets_menu import Presets
from studio.room.request import Request
from studio.room.run_follower import RunFollower
from studio.ui.banner import Banner
from studio.ui.chips import ChipChoice, chip
from studio.ui.columns import Columns
from studio.ui.controls import Seed
from studio.ui.form import Form
from studio.ui.layout import card, label, primary, side
from studio.ui.prompt_box import PromptBox


class Panel(QWidget):
    """Holds one request and the texts that came of it. In a chat, an answered question becomes history."""

    def __init__(self, services: StudioServices) -> None:
        super().__init__()
        self._services = services
        self.request = Request(WriteTask(), services.undo, "write", parent=self)
        self.conversation = Conversation(self)
        self.models = ModelChoice(services, WriteTask.needs, self)
        self.head = self.models.box
        self._make_controls()
        self._lay_out()
        self.setFocusProxy(self.prompt.edit)
        self.runs = RunFollower(services, "write", self.banner, self.conversation.follow)
        self._taking = TakingOver(services, self.request, self.models, self.conversation, self.runs.say)
        self.history = History(services, Query(kinds=("text",)), EARLIER, self)
        self._connect()
        kept = services.remembered("write")
        self.request.from_data(kept)
        self.models.fill(self.request.model)
        self._resumes = kept.get("chat") is True
        """Until the earlier texts were read for the first time: the last of them is a chat that goes on."""
        self.history.refresh()

    @property
    def current(self) -> Variant | None:
        """The text that a chat goes on from."""
        return self.conversation.talk.chosen

    @property
    def handle(self) -> JobHandle | None:
        """What was asked for last."""
        return self.runs.handle

    # -- the request ---------------------------------------------------------------------------------------------

    def task(self) -> WriteTask:
        """The request as the controls show it. Raises StudioError when a value is out of its bounds."""
        self._controls.take_all()
        task = self.request.task
        return replace(task, history=self.conversation.history) if task.mode == "chat" else task

    def make(self) -> None:
        """Write what the controls ask for. In a chat the answer that stands becomes part of the history with it, and
        without another question the last one is answered once more.
        """
        self.request.settle()
        try:
            task = self.task()
        except StudioError as error:
            self.runs.say(error)
            return
        conversation = self.conversation
        if task.mode == "chat" and conversation.question() and not task.prompt.strip():
            self._ask_again()
            return
        if task.mode == "chat":
            task = replace(task, history=(*conversation.history, *conversation.answered()))
        if self._ask(task, self._write) and task.mode == "chat":
            self.prompt.set_text("")

    def _ask_again(self) -> None:
        """Have the last question of the chat answered anew, with the settings as they are now."""
        conversation = self.conversation
        try:
            task = replace(self.task(), mode="chat", prompt=conversation.question(), history=conversation.history)
        except StudioError as error:
            self.runs.say(error)
            return
        self._ask(task, self._write)

    def _continue(self, variant: Variant) -> None:
        """Go on from the text as it stands, in its own card, with the settings as they are now."""
        try:
            task = self.task()
            asked = self.conversation.asked or task
            task = replace(task, prompt=asked.prompt, mode=asked.mode, history=asked.history).going_on(variant.text())
        except StudioError as error:
            self.runs.say(error)
            return
        self._ask(task, partial(self.conversation.go_on, variant))

    def _ask(self, task: WriteTask, show: Callable[[JobHandle], None]) -> bool:
        """Have ``task`` written. False: the reason is said."""
        model = self.runs.model_of(self.models, tr("There is no language model yet."))
        if model is None or self.runs.ask(task, model.address, show) is None:
            return False
        self.remember()
        return True

    def _write(self, run: JobHandle) -> None:
        focus = QApplication.focusWidget()
        if focus is not None and self.conversation.talk.isAncestorOf(focus):
            self.prompt.edit.setFocus()  # the card that has the keyboard goes
        self.conversation.write(run)

    def follow(self, run: JobHandle) -> None:
        """Show what comes of ``run``."""
        self.runs.follow(run)

    def stop(self) -> None:
        """Stop what is being written, else what was asked for last; what is written stays."""
        self.runs.stop()

    def remember(self) -> None:
        """Leave the request with the services, for the next start."""
        try:
            task = self.task()
        except StudioError:
            return
        chat = task.mode == "chat" and bool(self.conversation.variants)
        self._services.remember("write", {**self.request.to_data(), "chat": chat})

    def drop_sentence(self) -> str:
        """What becomes of a file."""
        return tr("Use this file's settings in the room it came from")

    def receive(self, parcel: Parcel) -> None:
        """Take words, or an earlier request."""
        if parcel.model:
            self.models.choose(parcel.model)
        if parcel.job is not None:
            self._taking.take_job(parcel.job)
        elif parcel.text:
            self.prompt.set_text(parcel.text)
        elif parcel.path:
            self._taking.take_file(parcel.path)

    # -- what is shown -------------------------------------------------------------------------------------------

    def _show_mode(self) -> None:
        chat = self.request.task.mode == "chat"
        self.fresh.setVisible(chat)
        self.anew.setVisible(chat)
        hint = tr("an image prompt about a lighthouse keeper who collects moons") if chat else tr("A red balloon over")
        self.prompt.edit.setPlaceholderText(hint)

    def _show_used(self, seed: int) -> None:
        control = self.form.control("seed")
        assert isinstance(control, Seed)
        control.show_used(seed)

    def _ask_otherwise(self, question: str) -> None:
        """Nobody answered: it may be asked in other words."""
        if not self.prompt.text():
            self.prompt.set_text(question)

    def _show_earlier(self) -> None:
        items = list(self.history.items.values())
        self.earlier.fill(items)
        self.conversation.talk.greet(newcomer=not items)
        if self._resumes and not self.conversation.variants:
            for chat in [item for item in items if item.job.get("task", {}).get("mode") == "chat"][:1]:
                self._taking.resume(chat, self.prompt.text())
        self._resumes = False

    def _settings_of(self, model: Model) -> dict[str, Any]:
        """A newcomer begins with the model's own settings; who has chosen some keeps them."""
        return {} if self._services.remembered("write") else model.defaults

    def _count_for(self, model: Model | None) -> None:
        self.prompt.set_counter(partial(self._services.count_tokens, model) if model is not None else None)

    # -- putting together ----------------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        fields = {field.name: field for field in describe(WriteTask)}
        prompt, mode = fields.pop("prompt"), fields.pop("mode")
        self.mode = ChipChoice([("draft", tr("Draft")), ("chat", tr("Chat"))], tr(mode.help))
        self.prompt = PromptBox(tr(prompt.title), tr(prompt.help), "", lines=6)
        self.fresh = chip(tr("New chat"), tr("Clear the earlier messages"))
        self.anew = chip(tr("Regenerate"), tr("Answer the last question again"), self._ask_again)
        self.anew.setEnabled(False)
        self.prompt.foot.insertWidget(0, self.fresh)
        self.prompt.foot.insertWidget(1, self.anew)
        self.form = Form([field for field in fields.values() if not field.hidden])
        mode_part = Part(
            self.mode,
            self.mode.chosen,
            lambda: {"mode": self.mode.value()},
            lambda values: self.mode.set_value(values["mode"]),
        )
        self._controls = Controls(self.request, of_prompt("prompt", self.prompt), mode_part, of_form(self.form))
        self.presets = Presets(self._services, self.request, Holds(WriteTask(), model=False))
        self.go = primary(tr("Write"), "Ctrl+Enter", tr("Write (Ctrl+Enter); Esc stops"))
        self.banner = Banner()
        self.earlier = Earlier()

    def _lay_out(self) -> None:
        left, content, foot = side("left", 312)
        content.addWidget(self.mode)
        content.addWidget(card(self.prompt))
        content.addWidget(card(self.form, self.presets.button))
        content.addStretch(1)
        foot.addWidget(self.go)
        middle = QVBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        above = QVBoxLayout()
        above.setContentsMargins(14, 12, 14, 0)
        above.addWidget(self.banner)
        middle.addLayout(above)
        middle.addWidget(self.conversation.talk, 1)
        right, about, _ = side("right", 248)
        about.addWidget(label(tr("Earlier"), "title"))
        about.addWidget(self.earlier, 1)
        self.columns = Columns(self, left, middle, right)

    def _connect(self) -> None:
        conversation = self.conversation
        self.go.clicked.connect(self.make)
        self.fresh.clicked.connect(self._taking.new_chat)
        self.request.changed.connect(self.runs.settle)
        self.request.changed.connect(self._show_mode)
        self.models.serve(self.request, self._settings_of)
        self.models.changed.connect(self._count_for)
        self._controls.refused.connect(self.runs.say)
        self.presets.failed.connect(self.runs.say)
        conversation.changed.connect(lambda: self.anew.setEnabled(bool(conversation.question())))
        conversation.continued.connect(self._continue)
        conversation.sent.connect(lambda text: self._services.send(Parcel(room="image", text=" ".join(text.split()))))
        conversation.seed_used.connect(self._show_used)
        conversation.unanswered.connect(self._ask_otherwise)
        self.history.read.connect(self._show_earlier)
        self.earlier.opened.connect(self._taking.open)
        self.prompt.take_drops(self.drop_sentence)
        for dropped in (self.prompt.dropped, conversation.dropped):
            dropped.connect(lambda paths: self._taking.take_file(self._services.one_of(paths)))
