"""The start picture: what image-to-image begins with, which part of it is used, and how far the result may leave it."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from studio.app.services import StudioServices
from studio.core.crop import MIDDLE
from studio.core.errors import StudioError
from studio.core.fields import Field
from studio.core.override import override
from studio.core.text import tr
from studio.features.image.tasks.image import ImageTask
from studio.room.controls import Part
from studio.room.request import Request
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

    changed = Signal()
    """The person moved the part that is used, or changed the strength."""
    refused = Signal(object)
    """The ``StudioError`` of a picture that the person brought and that can't be opened."""

    def __init__(self, services: StudioServices, request: Request[ImageTask], strength: Field, form: Form) -> None:
        super().__init__()
        control, size = make_control(strength), form.control("width")
        assert control is not None
        assert isinstance(size, Size)
        self._services, self._request, self._size, self.strength = services, request, size, control
        self.setObjectName("card")
        self.dropped.connect(lambda paths: self.choose(services.one_of(paths)))
        self.path = ""
        """Of the picture that is shown; while one is looked at that was brought, the request's is another one."""
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
        self.crop.moved.connect(self.changed)
        self.strength.changed.connect(self.changed)
        self._show()

    @override
    def drop_sentence(self) -> str:
        """What becomes of a file."""
        return tr("Start from this picture")

    # -- its part of the request ---------------------------------------------------------------------------------------

    def part(self) -> Part:
        """The fields of the request that are shown here."""
        return Part(self, self.changed, self._read, self._show_values)

    def _read(self) -> dict[str, Any]:
        x, y = self.crop.place()
        return {"image": self.path, "strength": self.strength.value(), "crop_x": x, "crop_y": y}

    def _show_values(self, values: Mapping[str, Any]) -> None:
        """Show those of the request's ``values`` that are others than before."""
        if "image" in values:
            self._begin(values["image"])
            if self.path:
                read, taken = partial(read_small, self.path, EDGE), partial(self._take, self.path)
                self._services.read(read, taken, self, partial(self._miss, self.path))
        if "strength" in values:
            self.strength.set_value(values["strength"])
        self.crop.set_place((self._request.task.crop_x, self._request.task.crop_y))

    def choose(self, path: str) -> None:
        """Start from the picture that the person brought, in a request of its shape; not if it can't be opened."""
        self._begin(path)

        def take(small: Small) -> None:
            if path == self.path:
                self._take(path, small)
                self._bring(path, small)

        def refuse(error: StudioError) -> None:
            if path == self.path:
                self._show_values({"image": self._request.task.image})
            self.refused.emit(error)

        self._services.read(partial(read_small, path, EDGE), take, self, refuse)

    def _bring(self, path: str, small: Small) -> None:
        """Ask for a picture that starts from the one at ``path``."""
        shape = self._better_shape(small)
        before = self._request.values(shape)

        def as_before() -> None:
            self._request.change(before)

        start = {"image": path, "crop_x": MIDDLE[0], "crop_y": MIDDLE[1], **shape}
        self._request.change(start, title=tr("Start from a picture"))
        if shape:
            self._services.notify(_shape_in_words(shape), tr("Undo"), as_before, self)

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

    # -- its shape -----------------------------------------------------------------------------------------------------

    def _better_shape(self, small: Small) -> dict[str, int]:
        """The size in the picture's shape, where that cuts less away; nothing where it is as good as it is."""
        width, height = self._size.like(*small.size)
        better = self.crop.cut() and (width, height) != self._size.value()
        return {"width": width, "height": height} if better else {}

    def _offer(self) -> None:
        """Show the button that takes over the picture's shape, where that would cut less."""
        shape = self._better_shape(self._small) if self._small is not None else {}
        self.shape.setVisible(bool(shape))
        if shape:
            self.shape.setText(tr("Use its shape: {width} × {height}", **shape))

    def _propose(self) -> None:
        """Give the request the picture's shape, and say so with a way back."""
        shape = self._better_shape(self._small) if self._small is not None else {}
        step = self._request.change(shape, title=tr("Use the start picture's shape"))
        if step is not None:
            self._services.say_done(_shape_in_words(shape), step)

    def _leave(self) -> None:
        nothing = {"image": "", "crop_x": MIDDLE[0], "crop_y": MIDDLE[1]}
        self._request.change(nothing, title=tr("Remove the start picture"))

    def _ask(self) -> None:
        if path := choose_picture(self, tr("Start picture")):
            self.choose(path)


def _shape_in_words(shape: Mapping[str, int]) -> str:
    return tr("The new picture gets the start picture's shape: {width} × {height}.", **shape)
