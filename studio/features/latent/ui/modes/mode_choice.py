"""The mode chips; each mode is built on first use."""

from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from studio.core.text import tr
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.ui.explore.aside import Table
from studio.features.latent.ui.explore.mode import Mode, ModeContext
from studio.features.latent.ui.modes import MODES
from studio.ui.chips import ChipChoice
from studio.ui.plain import plain


class ModeChoice(QObject):
    """``lefts`` and ``middles`` show the ``current`` mode's widgets; ``kept``: the saved state of each mode."""

    entered = Signal(object)

    def __init__(self, context: ModeContext, kept: dict[str, Any]) -> None:
        super().__init__()
        self._context, self._kept = context, kept
        self._built: dict[str, Mode] = {}
        self.current: Mode | None = None
        self.lefts, self.middles = QVBoxLayout(), QStackedWidget()
        self.chips = ChipChoice([(mode.NAME, tr(mode.TITLE)) for mode in MODES], tr("Mode"))
        for mode in MODES:
            self.chips.button(mode.NAME).setToolTip(plain(tr(mode.TIP)))
        self.chips.chosen.connect(self.enter)

    def mode(self, name: str) -> Any:
        """A mode, built on first use."""
        if name not in self._built:
            made = next(mode for mode in MODES if name == mode.NAME)(self._context)
            kept = self._kept.get(name)
            made.restore(kept if isinstance(kept, dict) else {})
            self._built[name] = made
            made.left.hide()  # until it is entered
            self.lefts.addWidget(made.left)
            self.middles.addWidget(made.middle)
        return self._built[name]

    def enter(self, name: str) -> Mode:
        """Switch to a mode."""
        mode: Mode = self.mode(name)
        if mode is not self.current:
            if self.current is not None:
                self.current.leave()
            self.current = mode
            self.chips.set_value(name)
            for other in self._built.values():
                other.left.setVisible(other is mode)
            self.middles.setCurrentWidget(mode.middle)
            self.entered.emit(mode)
            mode.enter()
        return mode

    def remember(self) -> dict[str, Any]:
        """What is found again after a restart."""
        self._kept = {**self._kept, **{name: mode.remember() for name, mode in self._built.items()}}
        return self._kept

    def table(self, name: str) -> Table:
        """A mode's points; a mode without any is not built for this."""

        def points() -> tuple[LatentPoint, ...]:
            found: tuple[LatentPoint, ...] = (
                self.mode(name).points() if name in self._built or self._kept.get(name) else ()
            )
            return found

        def restore(kept: dict[str, Any]) -> None:
            if name in self._built or kept:
                self.mode(name).restore(kept)

        return Table(points, lambda: self.mode(name).remember(), restore)
