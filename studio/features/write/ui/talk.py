"""What stands in the middle of the room: the messages of a chat so far, and the texts that are being written."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from studio.core.override import override
from studio.core.text import tr
from studio.features.write.tasks.write import Turn
from studio.features.write.ui.variant import Variant
from studio.ui.empty import EmptyState
from studio.ui.layout import card, empty, label

BESIDE = 300
"""Pixels that a text needs; where two have them, they stand side by side."""


class Talk(QScrollArea):
    """Texts stand two and two, where there is room. One of several answers is the chosen one: the first, until the
    person goes into another.
    """

    chosen_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.variants: list[Variant] = []
        self.chosen: Variant | None = None
        self._follows = False
        sentence = tr(
            "Start a text on the left, or ask something in Chat, then press Ctrl+Enter. The words appear here as "
            "they are written."
        )
        self.empty = EmptyState("write", tr("Your text"), sentence)
        self.quiet = label(tr("What you write appears here. Earlier texts are on the right."), "dim", wrap=True)
        self.quiet.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._newcomer = True
        inner = QWidget()
        self._turns, self._texts = QVBoxLayout(), QVBoxLayout(inner)
        self._turns.setSpacing(10)
        self._texts.setContentsMargins(14, 12, 14, 12)
        self._texts.setSpacing(10)
        self._texts.addLayout(self._turns)
        self._texts.addWidget(self.empty, 100)
        self._texts.addWidget(self.quiet, 100)
        self._beside = QGridLayout()
        self._beside.setSpacing(10)
        self._texts.addLayout(self._beside)
        self._show_empty()
        self._texts.addStretch(1)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(lambda _, end: bar.setValue(end) if self._follows else None)
        bar.actionTriggered.connect(self._scrolled)

    def show_turns(self, turns: Sequence[Turn]) -> None:
        """Show the messages that came before what is being written."""
        empty(self._turns)
        who = {"user": tr("You"), "assistant": tr("Answer"), "system": tr("Instructions")}
        for turn in turns:
            said = card(label(turn.text, wrap=True), title=who[turn.role])
            said.setProperty("role", turn.role)
            self._turns.addWidget(said)
        self._show_empty(bool(turns))
        self._follows = bool(turns)

    def add_variant(self) -> Variant:
        """One more text, below the others."""
        variant = Variant(len(self.variants) + 1)
        variant.entered.connect(lambda: self._choose(variant))
        self.variants.append(variant)
        self._place()
        self._show_empty()
        if self.chosen is None:
            self._choose(variant)
        return variant

    def clear(self) -> None:
        """Take the texts away."""
        for variant in self.variants:
            variant.hide()  # it would be painted until it is really gone
            variant.deleteLater()
        self.variants.clear()
        self._across = 0
        self.chosen = None
        self._show_empty()

    def greet(self, newcomer: bool) -> None:
        """While nothing is here, say to a newcomer how to begin; to others, where their texts are."""
        self._newcomer = newcomer
        self._show_empty()

    def _show_empty(self, turns: bool | None = None) -> None:
        nothing = not self.variants and (self._turns.isEmpty() if turns is None else not turns)
        self.empty.setVisible(nothing and self._newcomer)
        self.quiet.setVisible(nothing and not self._newcomer)

    def mark_chosen(self, on: bool) -> None:
        """Show which answer is the chosen one, where there is a choice."""
        for variant in self.variants:
            variant.set_chosen(on and len(self.variants) > 1 and variant is self.chosen)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side where there is room."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """Put each text in its row and column."""
        across = 2 if len(self.variants) > 1 and self.viewport().width() >= 2 * BESIDE + 40 else 1
        if (across, len(self.variants)) == (self._across, self._beside.count()):
            return
        self._across = across
        for column in range(2):
            self._beside.setColumnStretch(column, int(column < across))
        for number, variant in enumerate(self.variants):
            self._beside.addWidget(variant, number // across, number % across, Qt.AlignmentFlag.AlignTop)

    _across = 0

    def _choose(self, variant: Variant) -> None:
        self.chosen = variant
        self.chosen_changed.emit()

    def _scrolled(self) -> None:
        """The person scrolls: what is written is followed only from the end."""
        bar = self.verticalScrollBar()
        self._follows = bar.sliderPosition() == bar.maximum()
