"""The Write room: the prompt on the left, the texts as they are written in the middle, earlier ones on the right."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from msgspec.structs import replace
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from studio.app.desk import Desk, Item, Model, Parcel, Query, text_of
from studio.app.run import Run
from studio.core.errors import StudioError
from studio.core.fields import describe
from studio.core.task import Task
from studio.core.text import tr
from studio.core.values import Asset, Job
from studio.features.write.tasks.write import Turn, WriteFacts, WriteTask
from studio.features.write.ui.about import facts_in_words
from studio.features.write.ui.earlier import EARLIER, Earlier
from studio.features.write.ui.talk import Talk
from studio.features.write.ui.variant import Variant
from studio.room.model_picker import ModelChoice
from studio.room.run_follower import Trouble, stop_run
from studio.ui.banner import Banner
from studio.ui.chips import ChipChoice, chip
from studio.ui.columns import Columns
from studio.ui.controls import Seed
from studio.ui.form import Form
from studio.ui.layout import card, label, primary, side
from studio.ui.prompt_box import PromptBox


class Panel(QWidget):
    """Holds one request and the texts that came of it. In a chat, an answered question becomes history."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._run: Run | None = None
        self._asked: WriteTask | None = None
        """The newest request, whose answer stands."""
        self._history: tuple[Turn, ...] = ()
        self.talk = Talk()
        self.variants = self.talk.variants
        self._cards: list[Variant] = []
        """Those of ``variants`` that the newest run writes into."""
        self.models = ModelChoice(desk, WriteTask.needs, self)
        self.head = self.models.box
        self._make_controls()
        self._lay_out()
        self.setFocusProxy(self.prompt.edit)
        self.trouble = Trouble(desk, self.banner, self.follow)
        self._connect()
        kept = desk.remembered("write")
        self.apply(desk.remembered("write", "task"))
        self.models.fill(str(kept.get("model", "")))
        self._resumes = kept.get("chat") is True
        """Until the earlier texts were read for the first time: the last of them is a chat that goes on."""
        self._refresh_earlier()

    # -- the request ---------------------------------------------------------------------------------------------

    def task(self) -> WriteTask:
        """The request as the controls show it. Raises StudioError when a value is out of its bounds."""
        task = WriteTask.from_values(self._values())
        return replace(task, history=self._history) if task.mode == "chat" else task

    def _values(self) -> dict[str, Any]:
        """What the controls show, whether it can be asked for or not."""
        return {**self.form.values(), "prompt": self.prompt.text(), "mode": self.mode.value()}

    def apply(self, fields: Mapping[str, Any]) -> None:
        """Show the values that ``fields`` names; the others stay."""
        if "prompt" in fields:
            self.prompt.set_text(str(fields["prompt"]))
        if "mode" in fields:
            self.mode.set_value(str(fields["mode"]))
        self.form.set_values(fields)
        self._mode_changed()

    def make(self) -> None:
        """Write what the controls ask for. In a chat the answer that stands becomes part of the history with it, and
        without another question the last one is answered once more.
        """
        try:
            task = self.task()
        except StudioError as error:
            self.trouble.say(error)
            return
        if task.mode == "chat" and self._question() and not task.prompt.strip():
            self._ask_again()
            return
        if task.mode == "chat":
            task = replace(task, history=(*self._history, *self._answered()))
        if self._ask(task, []) and task.mode == "chat":
            self.prompt.set_text("")

    def _ask_again(self) -> None:
        """Have the last question of the chat answered anew, with the settings as they are now."""
        try:
            task = replace(self.task(), mode="chat", prompt=self._question(), history=self._history)
        except StudioError as error:
            self.trouble.say(error)
            return
        self._ask(task, [])

    def _question(self) -> str:
        """The question of a chat that was asked last, "" when it is no chat."""
        return self._asked.prompt if self._asked is not None and self._asked.mode == "chat" else ""

    def _answered(self) -> tuple[Turn, ...]:
        """The last question and its chosen answer, as far as it was written; nothing where none came."""
        question, answer = self._question(), self.talk.chosen.text() if self.talk.chosen is not None else ""
        return (Turn("user", question), Turn("assistant", answer)) if question and answer.strip() else ()

    def _ask(self, task: WriteTask, cards: list[Variant]) -> bool:
        """Have ``task`` written into ``cards``, new ones if there are none. False: the reason is said."""
        model = self.models.current()
        if model is None:
            self.trouble.lacks_model(tr("There is no language model yet."), WriteTask.needs)
            return False
        try:
            run = self._desk.make(task, model.address)
        except StudioError as error:
            self.trouble.say(error)
            return False
        if not cards:
            focus = QApplication.focusWidget()
            if focus is not None and self.talk.isAncestorOf(focus):
                self.prompt.edit.setFocus()
            self.talk.clear()
        self._show_talk(task)
        self._follow(run, cards or self._new_variants(task.variants))
        self.remember()
        return True

    def _continue(self, variant: Variant) -> None:
        """Go on from the text as it stands, in its own card, with the settings as they are now."""
        try:
            task = self.task()
            asked = self._asked or task
            task = replace(task, prompt=asked.prompt, mode=asked.mode, history=asked.history).going_on(variant.text())
        except StudioError as error:
            self.trouble.say(error)
            return
        self._ask(task, [variant])

    def stop(self) -> None:
        """Stop what is being written, else what was asked for last; what is written stays."""
        stop_run(self._desk, "write", self._run)

    def remember(self) -> None:
        """Leave the request on the desk."""
        try:
            task = self.task()
        except StudioError:
            return
        data = {"task": replace(task, history=()).to_data(), "model": self.models.address()}
        self._desk.remember("write", {**data, "chat": task.mode == "chat" and bool(self.variants)})

    def drop_sentence(self) -> str:
        """What becomes of a file."""
        return tr("Use this file's settings in the room it came from")

    def receive(self, parcel: Parcel) -> None:
        """Take words, or an earlier request."""
        if parcel.model:
            self.models.choose(parcel.model)
        if parcel.job is not None:
            back = self._way_back()
            self._take_job(parcel.job)
            self._desk.undo.push(tr("Use settings"), back, place="write")
        elif parcel.text:
            self.prompt.set_text(parcel.text)
        elif parcel.path:
            self._take_file(parcel.path)

    def _take_job(self, job: Job) -> None:
        self._desk.say_missing(not job.model or self.models.choose(job.model))
        self._take_over(job.task)

    def _take_over(self, task: Task) -> None:
        """Show an earlier request; in a chat with the messages that came before it."""
        self.apply(task.to_data())
        if isinstance(task, WriteTask) and task.mode == "chat":
            self._new_chat()
            self._history = task.history
            self.talk.show_turns(self._history)

    def _way_back(self) -> Callable[[], None]:
        """What shows again all that stands here now: the request, its chat and its texts."""
        values, history, asked = self._values(), self._history, self._asked
        texts = [variant.text() for variant in self.variants]

        def back() -> None:
            self._new_chat()
            self.apply(values)
            self._history = history
            self.talk.show_turns(history)
            if asked is not None:
                self._show_talk(asked)
                for variant, text in zip(self._new_variants(len(texts)), texts, strict=True):
                    variant.set_text(text, asked.opening)
                    variant.set_writing(False)

        return back

    def _take_file(self, path: str) -> None:
        def take(found: Parcel | None) -> None:
            self._desk.send(found) if found else self._desk.notify(tr("This picture doesn't say how it was made."))

        self._desk.settings_of(path, take, self.trouble.say, self)

    # -- a run ---------------------------------------------------------------------------------------------------

    def follow(self, run: Run) -> None:
        """Show what comes of ``run``, in its own cards; without a card if those of something else stand here."""
        task = run.job.task
        if self._run is not None and self._run.job.id == run.job.id:
            cards = self._cards
        elif isinstance(task, WriteTask) and not (self.variants or self._history):
            self._show_talk(task)
            cards = self._new_variants(task.variants)
        else:
            cards = []
        self._follow(run, cards)

    def _follow(self, run: Run, cards: list[Variant]) -> None:
        self._run, self._cards = run, cards
        self.trouble.watch(run)
        task = run.job.task
        assert isinstance(task, WriteTask)
        for variant in cards:
            variant.set_text(task.opening, task.opening)  # without what an attempt before this one has written
            variant.set_writing(True)
        run.words.connect(lambda words, index: self._add(cards, words, index))
        run.made.connect(lambda asset, item: self._made(cards, task.opening, asset, item))
        for end in (run.done, run.failed, run.cancelled):
            end.connect(partial(self._ended, cards, task))

    def _stands(self, cards: list[Variant], index: int) -> bool:
        """Whether the card is still here: an earlier run goes on after others took the place of its cards."""
        return index < len(cards) and cards[index] in self.variants

    def _add(self, cards: list[Variant], words: str, index: int) -> None:
        if self._stands(cards, index):
            cards[index].add(words)

    def _made(self, cards: list[Variant], opening: str, asset: Asset, item: Item) -> None:
        facts = WriteFacts.of(asset.notes)
        index = facts.index or 0
        if self._stands(cards, index):
            cards[index].set_text(asset.text, opening)
            cards[index].set_writing(False, facts_in_words(facts), " ".join(facts.remarks()))
        seed = self.form.control("seed")
        if isinstance(seed, Seed) and item.seed is not None and index == 0:
            seed.show_used(item.seed)

    def _ended(self, cards: list[Variant], task: WriteTask, *_: object) -> None:
        for index, variant in enumerate(cards):
            if self._stands(cards, index) and variant.edit.isReadOnly():
                variant.set_writing(False, tr("stopped"))
        if task is self._asked and self._question() and not self._answered() and not self.prompt.text():
            self.prompt.set_text(task.prompt)  # nobody answered: it may be asked in other words

    # -- what is shown -------------------------------------------------------------------------------------------

    def _new_variants(self, count: int) -> list[Variant]:
        found = [self.talk.add_variant() for _ in range(count)]
        for variant in found:
            variant.continued.connect(partial(self._continue, variant))
            variant.sent.connect(lambda text: self._desk.send(Parcel(room="image", text=" ".join(text.split()))))
            variant.edit.dropped.connect(lambda paths: self._take_file(self._desk.one_of(paths)))
        self._mark_chosen()
        return found

    def _show_talk(self, asked: WriteTask) -> None:
        """Let ``asked`` be the newest request; in a chat the messages up to its question are shown."""
        self._asked, self._history = asked, asked.history
        question = self._question()
        self.talk.show_turns([*self._history, *([Turn("user", question)] if question else [])])
        self.anew.setEnabled(bool(question))

    def _mark_chosen(self) -> None:
        self.talk.mark_chosen(bool(self._question()))

    def _new_chat(self) -> None:
        self._history, self._asked = (), None
        self.talk.show_turns(())
        self.talk.clear()
        self.anew.setEnabled(False)

    def _forget(self) -> None:
        """Begin a new chat; a step to undo."""
        back = self._way_back()
        self._new_chat()
        self._desk.undo.push(tr("New chat"), back, self._new_chat, "write")

    def _mode_changed(self) -> None:
        chat = self.mode.value() == "chat"
        self.fresh.setVisible(chat)
        self.anew.setVisible(chat)
        hint = tr("an image prompt about a lighthouse keeper who collects moons") if chat else tr("A red balloon over")
        self.prompt.edit.setPlaceholderText(hint)

    def _refresh_earlier(self) -> None:
        def show(items: list[Item]) -> None:
            self.earlier.fill(items)
            self.talk.greet(newcomer=not items)
            if self._resumes and not self.variants:
                self._resume(items)
            self._resumes = False

        self._desk.search(Query(kinds=("text",)), EARLIER, show, self)

    def _resume(self, items: list[Item]) -> None:
        """Open the last chat; what is typed stays."""
        for chat in [item for item in items if item.job.get("task", {}).get("mode") == "chat"][:1]:
            self._open(chat, typed=self.prompt.text())

    def _open(self, item: Item, typed: str | None = None) -> None:
        """Show an earlier text with the request that it answers; at the start with what is ``typed`` already."""
        self._desk.read(partial(text_of, item), partial(self._show_earlier, item, typed), self, self.trouble.say)

    def _show_earlier(self, item: Item, typed: str | None, text: str) -> None:
        try:
            job = self._desk.job_of(item)
        except StudioError as error:
            self.trouble.say(error)
            return
        back = self._way_back()
        self._take_job(job)
        if typed is None:
            self._desk.undo.push(tr("Use settings"), back, place="write")
        self.talk.clear()
        if isinstance(job.task, WriteTask):
            self._show_talk(job.task)
            self._new_variants(1)[0].set_text(text, job.task.opening)
            facts = WriteFacts.of(item.notes)
            self.variants[0].set_writing(False, facts_in_words(facts), " ".join(facts.remarks()))
            if job.task.mode == "chat":
                self.prompt.set_text(typed or "")

    def _model_chosen(self, model: Model | None) -> None:
        if model is None:
            self.prompt.set_counter(None)
            return
        self.prompt.set_counter(partial(self._desk.count_tokens, model))
        if not self._desk.remembered("write"):
            self.form.set_values(model.defaults)

    # -- putting together ----------------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        fields = {field.name: field for field in describe(WriteTask)}
        prompt, mode = fields.pop("prompt"), fields.pop("mode")
        self.mode = ChipChoice([("draft", tr("Draft")), ("chat", tr("Chat"))], tr(mode.help))
        self.mode.set_value("draft")
        self.prompt = PromptBox(tr(prompt.title), tr(prompt.help), "", lines=6)
        self.fresh = chip(tr("New chat"), tr("Clear the earlier messages"), self._forget)
        self.anew = chip(tr("Regenerate"), tr("Answer the last question again"), self._ask_again)
        self.anew.setEnabled(False)
        self.prompt.foot.insertWidget(0, self.fresh)
        self.prompt.foot.insertWidget(1, self.anew)
        self.form = Form([field for field in fields.values() if not field.hidden])
        self.go = primary(tr("Write"), "Ctrl+Enter", tr("Write (Ctrl+Enter); Esc stops"))
        self.banner = Banner()
        self.earlier = Earlier()

    def _lay_out(self) -> None:
        left, content, foot = side("left", 312)
        content.addWidget(self.mode)
        content.addWidget(card(self.prompt))
        content.addWidget(card(self.form))
        content.addStretch(1)
        foot.addWidget(self.go)
        middle = QVBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        above = QVBoxLayout()
        above.setContentsMargins(14, 12, 14, 0)
        above.addWidget(self.banner)
        middle.addLayout(above)
        middle.addWidget(self.talk, 1)
        right, about, _ = side("right", 248)
        about.addWidget(label(tr("Earlier"), "title"))
        about.addWidget(self.earlier, 1)
        self.columns = Columns(self, left, middle, right)

    def _connect(self) -> None:
        self.go.clicked.connect(self.make)
        for go_on in (self.prompt.edit.textChanged, self.form.changed, self.models.changed):
            go_on.connect(lambda *_: self.trouble.settle())
        self.mode.chosen.connect(lambda _: self._mode_changed())
        self.talk.chosen_changed.connect(self._mark_chosen)
        self.models.changed.connect(self._model_chosen)
        self.earlier.opened.connect(self._open)
        self.prompt.take_drops(self.drop_sentence)
        self.prompt.dropped.connect(lambda paths: self._take_file(self._desk.one_of(paths)))
        self._desk.library_changed.connect(self._refresh_earlier)
