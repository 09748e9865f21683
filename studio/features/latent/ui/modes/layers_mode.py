"""Layers: shows the model's activations for the current picture, and scales channels."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QListView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from studio.core.fields import Field
from studio.core.override import override
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.latent.points.point import Scale
from studio.features.latent.tasks.questions import ActivationsFacts, ActivationsTask
from studio.features.latent.ui.explore.mode import Mode, ModeContext
from studio.ui.chips import chip
from studio.ui.layout import card, label
from studio.ui.number import Number
from studio.ui.pixels import as_icon, to_qimage

SMALLEST, LARGEST, AROUND = 56, 190, QSize(14, 26)
"""Pixels of a tile's picture, and the margin for its number."""
ALONE, ROWS = 168, 7
"""Pixels of the selected channel's picture; rows of the layer list visible without scrolling."""
FACTOR = Field(
    name="factor",
    type="float",
    default=1.0,
    title="Scale of the channel",
    help="The factor for the channel: 0 removes it, 1 leaves it unchanged.",
    minimum=0,
    maximum=3,
    step=0.05,
)


class LayerInfo(NamedTuple):
    """A layer as the answer describes it."""

    name: str
    channels: int
    height: int
    width: int


class Channels(QListWidget):
    """A tile per channel of a layer; ``chosen`` carries a channel's number."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self._images: list[QImage] = []
        self.setAccessibleName(tr("Channels of the layer"))
        self.setProperty("pictures", True)
        self.setToolTip(tr("Each picture is one channel, dark for small values and light for large ones; choose one"))
        self.currentRowChanged.connect(self._row_changed)

    def show_tiles(self, tower: Asset, scales: Sequence[Scale]) -> None:
        """Show the channels of ``tower``, stacked vertically, and which of them are scaled."""
        height = max(ActivationsFacts.of(tower.notes).tile or tower.height, 1)
        whole = to_qimage(tower)
        self._images = [whole.copy(0, top, whole.width(), height) for top in range(0, tower.height, height)]
        self.blockSignals(True)
        while self.count() > len(self._images):
            self.takeItem(self.count() - 1)
        while self.count() < len(self._images):
            self.addItem(QListWidgetItem())
        self.blockSignals(False)
        self._fit()
        self.show_scales(scales)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other sizes fit."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Make the tiles as large as possible without scrolling."""
        room, count = self.viewport().size(), max(len(self._images), 1)

        def fits(edge: int) -> bool:
            across = room.width() // (edge + AROUND.width())
            return across > 0 and -(-count // across) * (edge + AROUND.height()) <= room.height()

        edge = next((edge for edge in range(LARGEST, SMALLEST, -6) if fits(edge)), SMALLEST)
        self.setIconSize(QSize(edge, edge))
        self.setGridSize(QSize(edge, edge) + AROUND)
        for number, image in enumerate(self._images):
            self.item(number).setIcon(as_icon(_enlarge(image, edge)))

    def show_scales(self, scales: Sequence[Scale]) -> None:
        """Show each channel's scale below it."""
        factors = {scale.channel: scale.factor for scale in scales}
        for number in range(self.count()):
            words = f"{number} ×{factors[number]:g}" if number in factors else str(number)
            self.item(number).setText(words)

    def _row_changed(self, row: int) -> None:
        if row >= 0:
            self.chosen.emit(row)


class LayersMode(Mode):
    """A list of layers on the left, the channels of the selected one in the middle."""

    NAME = "layers"
    TITLE = "Layers"
    TIP = "See what happens in each layer, and scale its channels"

    def __init__(self, context: ModeContext) -> None:
        super().__init__(context)
        self._layers: list[LayerInfo] = []
        self._layer = ""
        self._channel = -1
        self._entered = False
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Layers"))
        self.list.setToolTip(tr("The layers from first to last, with their sizes and numbers of channels"))
        self.list.setFixedHeight(ROWS * self.list.fontMetrics().height() + 12)
        self.picture = label("")
        self.picture.setFixedHeight(ALONE)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setAccessibleName(tr("The chosen channel"))
        self.factor = Number(FACTOR)
        self.heading = label("", "dim")
        self.one = chip(tr("Reset channel"), tr("Set this channel back to 1"), self._reset_one)
        self.all = chip(tr("Reset all"), tr("Set every channel of every layer back to 1"), self._reset_all)
        self.channels = Channels()
        self.middle, self.left = self.channels, QWidget()
        self._lay_out()
        self._connect()
        self._show_channel()

    @override
    def enter(self) -> None:
        """Start following the current point."""
        self._entered = True
        self._ask()

    @override
    def leave(self) -> None:
        """Nobody looks any more."""
        self._entered = False

    @override
    def remember(self) -> dict[str, Any]:
        """Which layer is shown."""
        return {"layer": self._layer}

    @override
    def restore(self, kept: Any) -> None:
        """Show it again."""
        layer = kept.get("layer")
        self._layer = layer if isinstance(layer, str) else ""

    def _ask(self) -> None:
        if self._entered and self.context.models.address():
            question = ActivationsTask(of=self.context.state.task, layer=self._layer, channel=self._channel)
            self.context.frames.ask(question, self._answered, self)

    def _answered(self, asset: Asset) -> None:
        facts = ActivationsFacts.of(asset.notes)
        if facts.index == 1:
            self.picture.setPixmap(_enlarge(to_qimage(asset), ALONE))
            return
        self._layers, number = [LayerInfo(*layer) for layer in facts.inside], facts.layer
        if self._layers[number].name != self._layer and self._layer in [layer.name for layer in self._layers]:
            return  # another layer was selected meanwhile: its answer is coming
        self._layer = self._layers[number].name
        self._list_layers(number)
        self.channels.show_tiles(asset, self._scales_here())
        if self._channel >= self._layers[number].channels:
            self._channel = -1
        self._show_channel()

    def _list_layers(self, number: int) -> None:
        scaled = {scale.layer for scale in self.context.state.task.scales}
        self.list.blockSignals(True)
        while self.list.count() > len(self._layers):
            self.list.takeItem(self.list.count() - 1)
        for row, layer in enumerate(self._layers):
            if row == self.list.count():
                self.list.addItem("")
            words = f"{layer.name}   {layer.width} × {layer.height} · {layer.channels}"
            self.list.item(row).setText(f"{words}   ×" if layer.name in scaled else words)
        self.list.setCurrentRow(number)
        self.list.blockSignals(False)

    def _layer_chosen(self, row: int) -> None:
        if 0 <= row < len(self._layers):
            self._layer, self._channel = self._layers[row].name, -1
            self.channels.setCurrentRow(-1)
            self._show_channel()
            self._ask()

    def _channel_chosen(self, channel: int) -> None:
        self._channel = channel
        self._show_channel()
        self._ask()

    # -- scaling -------------------------------------------------------------------------------------------------

    def _scales_here(self) -> list[Scale]:
        return [scale for scale in self.context.state.task.scales if scale.layer == self._layer]

    def _factor_here(self) -> float:
        return next((scale.factor for scale in self._scales_here() if scale.channel == self._channel), 1.0)

    def _scale(self, factor: float) -> None:
        here = (self._layer, self._channel)
        others = [one for one in self.context.state.task.scales if (one.layer, one.channel) != here]
        new = [Scale(*here, factor)] if factor != 1 else []
        self.context.state.change({"scales": (*others, *new)}, f"scale {here}")

    def _reset_one(self) -> None:
        self._scale(1.0)

    def _reset_all(self) -> None:
        self.context.state.change({"scales": ()})

    def _show_channel(self) -> None:
        chosen = self._channel >= 0
        self.heading.setText(
            tr("Channel {channel} of {layer}", channel=self._channel, layer=self._layer)
            if chosen
            else tr("Choose a channel on the right.")
        )
        self.picture.setVisible(chosen)
        if not chosen:
            self.picture.clear()
        self.factor.setEnabled(chosen)
        self.factor.set_value(self._factor_here())
        self.one.setEnabled(chosen and self._factor_here() != 1)
        self.all.setEnabled(bool(self.context.state.task.scales))

    def _state_changed(self) -> None:
        self._show_channel()
        self.channels.show_scales(self._scales_here())
        self._ask()

    # -- putting together ----------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        resets = QHBoxLayout()
        resets.addWidget(self.one)
        resets.addWidget(self.all)
        resets.addStretch(1)
        column = QVBoxLayout(self.left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(card(self.list, title=tr("Layers")))
        column.addWidget(card(self.heading, self.factor, resets, self.picture))

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(self._layer_chosen)
        self.channels.chosen.connect(self._channel_chosen)
        self.factor.changed.connect(lambda: self._scale(float(self.factor.value())))
        self.factor.slider.sliderReleased.connect(self.context.state.settle)
        self.context.state.changed.connect(self._state_changed)
        self.context.frames.stale.connect(self._ask)


def _enlarge(image: QImage, edge: int) -> QPixmap:
    """``image`` within ``edge`` pixels; enlarged without smoothing, so that its pixels stay visible."""
    fast, smooth = Qt.TransformationMode.FastTransformation, Qt.TransformationMode.SmoothTransformation
    way = fast if max(image.width(), image.height()) < edge else smooth
    return QPixmap.fromImage(image.scaled(edge, edge, Qt.AspectRatioMode.KeepAspectRatio, way))
