"""How a stage's picture is looked at: chips that fit it and show its pixels, and a readout of the zoom."""

from PySide6.QtWidgets import QWidget

from studio.core.text import tr
from studio.ui.chips import chip
from studio.ui.layout import label
from studio.ui.stage import Stage


class Zoom:
    """``tools`` go into the room's row of tools."""

    def __init__(self, stage: Stage) -> None:
        self.fit = chip(tr("Fit"), tr("Show the whole picture (0)"), stage.fit)
        self.full = chip("100 %", tr("Show every pixel (1)"), lambda: stage.set_zoom(1.0))
        self.readout = label("", "dim")
        self.readout.hide()
        self.tools: tuple[QWidget, ...] = (self.fit, self.full, self.readout)
        stage.zoomed.connect(self._show)

    def _show(self, zoom: float) -> None:
        self.readout.setText(f"{100 * zoom:.0f} %")
        self.readout.setVisible(zoom > 0)
