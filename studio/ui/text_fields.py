"""Text fields: a line, a paragraph, a file, a list of numbers, a list of texts."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from studio.core.fields import Field
from studio.core.override import override
from studio.core.text import tr
from studio.ui.chips import Flow, chip
from studio.ui.control import Control
from studio.ui.drops import DropTarget, paths_in
from studio.ui.layout import clearable, empty, tool
from studio.ui.plain import plain
from studio.ui.prompt_box import PromptEdit

LONGEST = 10_000_000


class _OneLine(Control):
    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.edit = QLineEdit()
        self.edit.setMaxLength(LONGEST)
        self.edit.setPlaceholderText(self.tip)
        self._name(self.edit)
        self._stack(self.edit)
        self.edit.textEdited.connect(lambda _: self.changed.emit())


class TextLine(_OneLine):
    """One line of text."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.set_value(field.default or "")

    @override
    def value(self) -> str:
        """The text."""
        return self.edit.text()

    @override
    def set_value(self, value: object) -> None:
        """Show the text."""
        self.edit.setText(str(value))
        self.edit.setCursorPosition(0)


class Paragraph(Control):
    """Several lines of text."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.edit = PromptEdit(lines=4)
        self.edit.setPlaceholderText(self.tip)
        self._name(self.edit)
        self._stack(self.edit)
        self.edit.textChanged.connect(self.changed)

    @override
    def value(self) -> str:
        """The text."""
        return self.edit.text()

    @override
    def set_value(self, value: object) -> None:
        """Show the text."""
        self.edit.blockSignals(True)
        self.edit.set_text(str(value))
        self.edit.blockSignals(False)


class PathLine(Control):
    """A file path: typed, chosen or dropped."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        words = tr("Use as: {title}", title=self.title)
        DropTarget(self, lambda mime: words if paths_in(mime) else "", lambda mime: self._take(paths_in(mime)[0]))
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(tr("Drop a file here"))
        self.edit.setAcceptDrops(False)
        clearable(self.edit)
        self._name(self.edit)
        self.choose = tool("folder", tr("Choose a file"))
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.edit, 1)
        row.addWidget(self.choose)
        self._stack(row)
        self.edit.textChanged.connect(lambda text: self.edit.setToolTip(plain(text)))
        self.edit.textEdited.connect(lambda _: self.changed.emit())
        self.choose.clicked.connect(self._ask)

    @override
    def value(self) -> str:
        """The path, "" for none."""
        return self.edit.text()

    @override
    def set_value(self, value: object) -> None:
        """Show the path."""
        self.edit.setText(str(value))
        self.edit.setToolTip(plain(str(value) or self.tip))

    def _ask(self) -> None:
        path = self._chosen()
        if path:
            self._take(path)

    def _chosen(self) -> str:
        return QFileDialog.getOpenFileName(self, self.title, self.value())[0]

    def _take(self, path: str) -> None:
        self.set_value(path)
        self.changed.emit()


class FolderLine(PathLine):
    """A folder path: typed, chosen or dropped."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.edit.setPlaceholderText(tr("Drop a folder here"))
        self.choose.setToolTip(tr("Choose a folder"))
        self.choose.setAccessibleName(tr("Choose a folder"))

    @override
    def _chosen(self) -> str:
        return QFileDialog.getExistingDirectory(self, self.title, self.value())


class Numbers(_OneLine):
    """Whole numbers, as "0-15, 20"."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.edit.setPlaceholderText("0-15, 20")
        self.set_value(field.default)

    @override
    def value(self) -> tuple[int, ...]:
        """The numbers."""
        return parse_numbers(self.edit.text())

    @override
    def set_value(self, value: object) -> None:
        """Show the numbers, consecutive ones as a range."""
        assert isinstance(value, tuple | list)
        self.edit.setText(show_numbers(value))


def parse_numbers(text: str) -> tuple[int, ...]:
    """ "0-3, 7" as (0, 1, 2, 3, 7); anything else is skipped. At most 10,000 numbers."""
    found: list[int] = []
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first.isdecimal() and (not last or last.isdecimal()):
            begin, end = int(first), int(last or first)
            found += range(begin, min(end, begin + 9_999) + 1)
    return tuple(found[:10_000])


def show_numbers(numbers: tuple[int, ...] | list[int]) -> str:
    """(0, 1, 2, 3, 7) as "0-3, 7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


class Texts(Control):
    """A list of texts: each is a chip that is removed when pressed; Enter adds another. ``\\n`` is a line break."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._texts: tuple[str, ...] = ()
        self.edit = _Adding()
        self.edit.setPlaceholderText(tr("Type and press Enter"))
        self._name(self.edit)
        self.edit.editingFinished.connect(self._add)
        self._chips = QWidget()
        self._flow = Flow(self._chips)
        self._stack(self._chips, self.edit)
        self.set_value(field.default)

    @override
    def value(self) -> tuple[str, ...]:
        """The texts."""
        return self._texts

    @override
    def set_value(self, value: object) -> None:
        """Show the texts."""
        assert isinstance(value, tuple | list)
        self._texts = tuple(value)
        empty(self._flow)
        for text in self._texts:
            shown = text.replace("\n", "\\n")
            tip = tr("Remove: {text}", text=shown)
            self._flow.addWidget(chip(f"{shown[:24]} ×", tip, partial(self._remove, text)))
        self._chips.setVisible(bool(self._texts))
        self._chips.updateGeometry()

    def chips(self) -> list[QPushButton]:
        """One for each text."""
        return [part for part in self._chips.findChildren(QPushButton) if not part.isHidden()]

    def _add(self) -> None:
        text = self.edit.text().replace("\\n", "\n")
        self.edit.clear()
        if text and text not in self._texts:
            self.set_value((*self._texts, text))
            self.changed.emit()

    def _remove(self, text: str) -> None:
        self.set_value(tuple(other for other in self._texts if other != text))
        self.edit.setFocus()
        self.changed.emit()


class _Adding(QLineEdit):
    """Keeps Enter to itself: it must not press a dialog's button."""

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter adds."""
        plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.text():
            self.editingFinished.emit()
        else:
            super().keyPressEvent(event)
