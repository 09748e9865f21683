"""The start picture: what image-to-image begins with, which part of it is used, and how far the result may leave it."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from studio.app.desk import Desk
from studio.app.undo import Step
from studio.core.crop import MIDDLE
from studio.core.errors import StudioError
from studio.core.fields import Field, fits
from studio.core.override import override
from studio.core.text import tr
from studio.features.image.ui.taking_over import PLACE
from studio.room.shown_items import Small, read_small
from studio.ui.chips import chip
from studio.ui.controls import Size
from studio.ui.crop import Crop
from studio.ui.files import FileDrop, choose_picture
from studio.ui.form import Form, make_control
from studio.ui.layout import label, tool
from studio.ui.plain import plain

EDGE = 560
"""Pixels of the small picture: sharp on a screen of two pixels a point."""


class StartPicture(FileDrop):
    """Empty until a picture is dropped on it or chosen; then the part of it that is used and ``strength`` are shown.

    A picture that the person brings is looked at first: one that can't be opened changes nothing, and a good one
    proposes its shape to ``form``.
    """

    refused = Signal(object)
    """The ``StudioError`` of a picture that the person brought and that can't be opened."""

    def __init__(self, desk: Desk, strength: Field, form: Form) -> None:
        super().__init__()
        control, size = make_control(strength), form.control("width")
        assert control is not None
        assert isinstance(size, Size)
        self._desk, self._size, self.strength = desk, size, control
        self.setObjectName("card")
        self.dropped.connect(lambda paths: self.choose(desk.one_of(paths)))
        self.path = ""
        self._small: Small | None = None
        self.crop = Crop()
        self._words = label("", "dim", wrap=True)
        self.pick = QPushButton(tr("Choose…"))
        self.pick.setToolTip(tr("Choose a picture to start from"))
        self.pick.setAccessibleName(tr("Choose a start picture"))
        self.pick.clicked.connect(self._ask)
        self.remove = tool("close", tr("Start without a picture again"))
        self.remove.clicked.connect(self._leave)
        self.shape = chip("", tr("Match the start picture's shape, so that nothing is cropped"), self._propose)
        row = QHBoxLayout()
        row.addWidget(self._words, 1)
        row.addWidget(self.pick)
        row.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.addWidget(self.crop)
        column.addLayout(row)
        column.addWidget(self.shape)
        column.addWidget(self.strength)
        size.shown.connect(self._show_shape)
        self._show()

    @override
    def drop_sentence(self) -> str:
        """What becomes of a file."""
        return tr("Start from this picture")

    # -- its part of the request ---------------------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """The fields of the request that are shown here."""
        x, y = self.crop.place()
        return {"image": self.path, "strength": self.strength.value(), "crop_x": x, "crop_y": y}

    def set_values(self, fields: Mapping[str, Any]) -> None:
        """Show those of ``fields`` that belong here. A picture that comes without a size is one that was brought."""
        if "image" in fields and (not fields["image"] or "width" in fields):
            self.set_path(str(fields["image"]))
        elif "image" in fields:
            self.choose(str(fields["image"]))
        if fits(self.strength.field, fields.get("strength")):
            self.strength.set_value(fields["strength"])
        x, y = (fields.get(name) for name in ("crop_x", "crop_y"))
        if isinstance(x, int | float) and isinstance(y, int | float) and 0 <= x <= 1 and 0 <= y <= 1:
            self.crop.set_place((x, y))

    def set_path(self, path: str) -> None:
        """Start from the picture at ``path``, of which the middle is used; "" starts from nothing."""
        self._begin(path)
        if path:
            read, taken = partial(read_small, path, EDGE), partial(self._take, path)
            self._desk.read(read, taken, self, partial(self._miss, path))

    def choose(self, path: str) -> None:
        """Start from the picture that the person brought, in a request of its shape; not if it can't be opened."""
        before = self._state()
        self._begin(path)

        def take(small: Small) -> None:
            if path == self.path:
                self._take(path, small)
                unshaped = self._state()
                shaped = self._take_shape()
                self._done(tr("Start from a picture"), before)
                if shaped:
                    self._desk.notify(shaped, tr("Undo"), partial(self._restore, unshaped), self)

        def refuse(error: StudioError) -> None:
            if path == self.path:
                self.set_values(before)
            self.refused.emit(error)

        self._desk.read(partial(read_small, path, EDGE), take, self, refuse)

    # -- what is shown -------------------------------------------------------------------------------------------------

    def _begin(self, path: str) -> None:
        self.path, self._small = path, None
        self.crop.set_place(MIDDLE)
        self._show()

    def _take(self, path: str, small: Small) -> None:
        if path != self.path:
            return
        self._small = small
        self.crop.set_picture(small.image, small.size)
        self._show()

    def _miss(self, path: str, error: StudioError) -> None:
        if path == self.path:
            self._words.setText(error.message)

    def _show(self) -> None:
        there = bool(self.path)
        for widget in (self.remove, self.strength):
            widget.setVisible(there)
        self.pick.setVisible(not there)
        self.crop.setVisible(self._small is not None)
        self.setToolTip(plain(self.path or tr("Drop a picture here, or choose one, to start from it")))
        self._show_shape()

    def _show_shape(self) -> None:
        self.crop.set_shape(*self._size.value())
        if not self.path:
            self._words.setText(tr("Or start from a picture"))
        elif self._small is not None:
            self._words.setText(self._sentence(self._small))
        else:
            self._words.setText(Path(self.path).name)
        self._offer()

    def _sentence(self, small: Small) -> str:
        words = [tr("Image to image: starts from this picture")]
        if small.pages > 1:
            words.append(tr("The file contains {count} pictures; the first one is used.", count=small.pages))
        if cut := self.crop.cut():
            words.append(
                tr("{percent} % of it is cropped: drag to choose which part is kept.", percent=max(round(100 * cut), 1))
            )
        return "\n".join(words)

    def _offer(self) -> None:
        """Show the button that takes over the picture's shape, where that would cut less."""
        other = self._small is not None and self.crop.cut() and self._size.like(*self._small.size) != self._size.value()
        self.shape.setVisible(bool(other))
        if self._small is not None and other:
            width, height = self._size.like(*self._small.size)
            self.shape.setText(tr("Use its shape: {width} × {height}", width=width, height=height))

    def _propose(self) -> None:
        """Give the request the picture's shape, and say so with a way back."""
        before = self._state()
        if words := self._take_shape():
            self._desk.say_done(words, self._done(tr("Use the start picture's shape"), before))

    def _take_shape(self) -> str:
        """Give the request the picture's shape where that cuts less away. Returns what is to be said of it, or ""."""
        if self._small is None or not self.crop.cut():
            return ""
        width, height = self._size.like(*self._small.size)
        if (width, height) == self._size.value():
            return ""
        self._size.put((width, height))
        return tr("The new picture gets the start picture's shape: {width} × {height}.", width=width, height=height)

    def _leave(self) -> None:
        before = self._state()
        self.set_path("")
        self._done(tr("Remove the start picture"), before)

    # -- undo ----------------------------------------------------------------------------------------------------------

    def _state(self) -> dict[str, Any]:
        width, height = self._size.value()
        return {**self.values(), "width": width, "height": height}

    def _done(self, title: str, before: Mapping[str, Any]) -> Step:
        back, forth = partial(self._restore, before), partial(self._restore, self._state())
        return self._desk.undo.push(title, back, forth, PLACE)

    def _restore(self, state: Mapping[str, Any]) -> None:
        self._size.put((state["width"], state["height"]))
        self.set_values(state)

    def _ask(self) -> None:
        if path := choose_picture(self, tr("Start picture")):
            self.choose(path)
