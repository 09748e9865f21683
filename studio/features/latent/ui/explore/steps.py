"""The undo and redo buttons, which do the same as Ctrl+Z."""

from PySide6.QtWidgets import QToolButton

from studio.app.undo import Undo
from studio.core.text import tr
from studio.features.latent.ui.explore.state import PLACE
from studio.ui.layout import tool


def step_buttons(steps: Undo) -> tuple[QToolButton, QToolButton]:
    """Undo and redo buttons for the steps of the point."""
    undo, redo = tool("undo", tr("Undo (Ctrl+Z)")), tool("redo", tr("Redo (Ctrl+Shift+Z)"))

    def show() -> None:
        undo.setEnabled(steps.next_undo(PLACE) is not None)
        redo.setEnabled(steps.next_redo(PLACE) is not None)

    undo.clicked.connect(lambda: steps.undo(PLACE))
    redo.clicked.connect(lambda: steps.redo(PLACE))
    steps.changed.connect(show)
    show()
    return undo, redo
