"""What stands in the middle of the Write room: the texts that are written, and in a chat the messages before them."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from studio.app.job_handle import JobHandle
from studio.app.services import Item
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.write.tasks.write import Turn, WriteFacts, WriteTask
from studio.features.write.ui.about import facts_in_words
from studio.features.write.ui.talk import Talk
from studio.features.write.ui.variant import Variant


class Standing(NamedTuple):
    """All that stands there at one time, so that it can be shown again."""

    asked: WriteTask | None
    history: tuple[Turn, ...]
    texts: tuple[str, ...]


class Conversation(QObject):
    """``asked`` is the newest request, whose answer stands; ``history`` are the messages before its question."""

    changed = Signal()
    """Another request stands, or none."""
    continued = Signal(object)
    """With the card whose text is to go on."""
    sent = Signal(str)
    """With a text that a picture is to be made from."""
    dropped = Signal(list)
    """With paths of files that were dropped on a text."""
    seed_used = Signal(object)
    """The seed that the first text was written with."""
    unanswered = Signal(str)
    """With a question that nobody answered."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.talk = Talk()
        self.variants = self.talk.variants
        self.asked: WriteTask | None = None
        self.history: tuple[Turn, ...] = ()
        self._run: JobHandle | None = None
        self._cards: list[Variant] = []
        """Those of ``variants`` that the newest run writes into."""
        self.talk.chosen_changed.connect(self._mark_chosen)

    # -- what stands ---------------------------------------------------------------------------------------------------

    @property
    def empty(self) -> bool:
        """Whether nothing stands here."""
        return not (self.variants or self.history)

    def question(self) -> str:
        """The question of a chat that was asked last, "" when it is no chat."""
        return self.asked.prompt if self.asked is not None and self.asked.mode == "chat" else ""

    def answered(self) -> tuple[Turn, ...]:
        """The last question and its chosen answer, as far as it was written; nothing where none came."""
        question, answer = self.question(), self.talk.chosen.text() if self.talk.chosen is not None else ""
        return (Turn("user", question), Turn("assistant", answer)) if question and answer.strip() else ()

    def clear(self) -> None:
        """Begin anew."""
        self.asked = None
        self.show_history(())
        self.talk.clear()
        self.changed.emit()

    def show_history(self, history: Sequence[Turn]) -> None:
        """Show the messages that came before what is asked next."""
        self.history = tuple(history)
        self.talk.show_turns(self.history)

    def show_text(self, asked: WriteTask, item: Item, text: str) -> None:
        """Show an earlier ``text`` as the answer to ``asked``."""
        self.talk.clear()
        self._stand(asked)
        (variant,) = self._new_variants(1)
        variant.set_text(text, asked.opening)
        facts = WriteFacts.of(item.notes)
        variant.set_writing(False, facts_in_words(facts), " ".join(facts.remarks()))

    def standing(self) -> Standing:
        """What stands here now."""
        return Standing(self.asked, self.history, tuple(variant.text() for variant in self.variants))

    def stand_again(self, before: Standing) -> None:
        """Show what stood here."""
        self.clear()
        self.show_history(before.history)
        if before.asked is not None:
            self._stand(before.asked)
            for variant, text in zip(self._new_variants(len(before.texts)), before.texts, strict=True):
                variant.set_text(text, before.asked.opening)
                variant.set_writing(False)

    # -- a run ---------------------------------------------------------------------------------------------------------

    def write(self, run: JobHandle) -> None:
        """Show what ``run`` writes in place of what stands here."""
        self.talk.clear()
        self._stand(_task_of(run))
        self._connect(run, self._new_variants(_task_of(run).variants))

    def go_on(self, variant: Variant, run: JobHandle) -> None:
        """Show what ``run`` writes in the card of the text that it goes on from."""
        self._stand(_task_of(run))
        self._connect(run, [variant])

    def follow(self, run: JobHandle) -> None:
        """Show what ``run`` writes, in its own cards if it is tried again; without a card if something else stands."""
        if self._run is not None and self._run.job.id == run.job.id:
            self._connect(run, self._cards)
        elif self.empty:
            self.write(run)
        else:
            self._connect(run, [])

    def _connect(self, run: JobHandle, cards: list[Variant]) -> None:
        self._run, self._cards = run, cards
        task = _task_of(run)
        for variant in cards:
            variant.set_text(task.opening, task.opening)  # without what an attempt before this one has written
            variant.set_writing(True, tr("waiting in the queue…") if run.state == "waiting" else "")
        run.started.connect(partial(self._started, cards))
        run.words.connect(lambda words, index: self._add(cards, words, index))
        run.made.connect(lambda asset, item: self._made(cards, task.opening, asset, item))
        for end in (run.done, run.failed, run.cancelled):
            end.connect(partial(self._ended, cards, task))

    def _stands(self, cards: list[Variant], index: int) -> bool:
        """Whether the card is still here: an earlier run goes on after others took the place of its cards."""
        return index < len(cards) and cards[index] in self.variants

    def _started(self, cards: list[Variant]) -> None:
        for index, variant in enumerate(cards):
            if self._stands(cards, index):
                variant.set_writing(True)

    def _add(self, cards: list[Variant], words: str, index: int) -> None:
        if self._stands(cards, index):
            cards[index].add(words)

    def _made(self, cards: list[Variant], opening: str, asset: Asset, item: Item) -> None:
        facts = WriteFacts.of(asset.notes)
        index = facts.index or 0
        if self._stands(cards, index):
            cards[index].set_text(asset.text, opening)
            cards[index].set_writing(False, facts_in_words(facts), " ".join(facts.remarks()))
        if item.seed is not None and index == 0:
            self.seed_used.emit(item.seed)

    def _ended(self, cards: list[Variant], task: WriteTask, *_: object) -> None:
        for index, variant in enumerate(cards):
            if self._stands(cards, index) and variant.edit.isReadOnly():
                variant.set_writing(False, tr("stopped"))
        if task is self.asked and self.question() and not self.answered():
            self.unanswered.emit(task.prompt)

    # -- what is shown -------------------------------------------------------------------------------------------------

    def _stand(self, asked: WriteTask) -> None:
        """Let ``asked`` be the newest request; in a chat the messages up to its question are shown."""
        self.asked, self.history = asked, asked.history
        question = self.question()
        self.talk.show_turns([*self.history, *([Turn("user", question)] if question else [])])
        self.changed.emit()

    def _new_variants(self, count: int) -> list[Variant]:
        found = [self.talk.add_variant() for _ in range(count)]
        for variant in found:
            variant.continued.connect(partial(self.continued.emit, variant))
            variant.sent.connect(self.sent)
            variant.edit.dropped.connect(self.dropped)
        self._mark_chosen()
        return found

    def _mark_chosen(self) -> None:
        self.talk.mark_chosen(bool(self.question()))


def _task_of(run: JobHandle) -> WriteTask:
    task = run.job.task
    assert isinstance(task, WriteTask)
    return task
