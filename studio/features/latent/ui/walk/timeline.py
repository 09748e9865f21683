"""The walk's timeline: keyframes, playback as it will be exported, and export as a video."""

from collections.abc import Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.core.fields import describe
from studio.core.text import tr, tr_count
from studio.core.values import Asset
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.points.timing import durations_of, frames_of
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from studio.features.latent.ui.explore.frames import Frames
from studio.features.latent.ui.explore.seen import LOOK
from studio.features.latent.ui.walk.track import Key, Track
from studio.ui.chips import Flow, chip
from studio.ui.form import Form
from studio.ui.layout import OneLine, Section, label
from studio.ui.pixels import to_qimage

TICK_MS = 33
FORMATS = {"mp4": "MP4", "webm": "WebM", "gif": "GIF", "png": "PNG"}


class Timeline(QFrame):
    """``at``: show this frame of the walk. ``exported``: the person wants to export the walk.

    ``dropped`` carries points.
    """

    at = Signal(int)
    add_asked = Signal()
    dropped = Signal(object)
    exported = Signal()
    stopped = Signal()
    """Playback stopped."""

    def __init__(self, frames: Frames) -> None:
        super().__init__()
        self.setObjectName("card")
        self._frames = frames
        fields = {field.name: field for field in describe(WalkTask)}
        self.track = Track()
        self.form = Form([fields[name] for name in ("seconds", "rate", "size", "even")])
        self.way = Form([fields[name] for name in ("space", "path", "easing", "format")])
        self._facts = OneLine()
        self.add = chip(tr("+ Add"), tr("Add the current point as a keyframe"), self.add_asked.emit)
        self.play = chip(tr("▶ Play"), tr("Play the walk"), self._toggle, checkable=True)
        self.loop = chip(tr("Loop"), tr("Return to the first keyframe."), self._loop_changed, checkable=True)
        self.loop.setChecked(True)
        self.export = chip(tr("Export"), tr("Make a video of the walk"), self.exported.emit)
        self._timer, self._clock = QTimer(self), QElapsedTimer()
        self._timer.setInterval(TICK_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._begun, self._shown = 0.0, -1
        self._lay_out()
        self.track.rearranged.connect(self._rearranged)
        self.track.timed.connect(self._timed)
        self.track.scrubbed.connect(self._scrub)
        self.track.stepped.connect(self._step)
        self.track.dropped.connect(self.dropped)
        self.form.changed.connect(self._form_changed)
        self.way.changed.connect(self._changed)
        frames.stale.connect(self._ask_pictures)
        self._changed()

    # -- the walk ------------------------------------------------------------------------------------------------

    def blends(self) -> tuple[LatentPoint, ...]:
        """The keyframes in order."""
        return tuple(key.point for key in self.track.keys)

    def walk(self, settings: LatentTask | None = None) -> WalkTask:
        """The request for the walk with the room's ``settings``. Raises StudioError for a value out of bounds."""
        times = self.track.seconds()
        fields = {**self.form.values(), **self.way.values(), "loop": self.loop.isChecked()}
        shared = {name: getattr(settings, name) for name in LOOK} if settings is not None else {}
        walk = WalkTask.from_values(fields)
        own = tuple(times) if len(set(times)) > 1 else ()
        return msgspec.structs.replace(walk, keys=self.blends(), durations=own, **shared)

    def add_key(self, blend: LatentPoint, picture: QPixmap | None = None) -> None:
        """Append a keyframe."""
        self.track.add(blend, picture)
        if picture is None:
            self._ask_picture(self.track.keys[-1])

    def to_data(self) -> dict[str, Any]:
        """What is found again after a restart."""
        times = [key.seconds for key in self.track.keys]
        own = {"loop": self.loop.isChecked(), "keys": msgspec.to_builtins(self.blends()), "durations": times}
        return {**self.form.values(), **self.way.values(), **own}

    def from_data(self, data: dict[str, Any]) -> None:
        """Restore ``to_data``, or the keyframes of a request for a walk."""
        self.form.set_values(data)
        self.way.set_values(data)
        self.loop.setChecked(data.get("loop") is not False)
        try:
            points = msgspec.convert(data.get("keys", ()), tuple[LatentPoint, ...])
            times = msgspec.convert(data.get("durations", ()), tuple[float, ...])
        except (ValueError, OverflowError):  # msgspec's own error is a ValueError, and so is that for a lone surrogate
            return
        self.set_keys(points, times)

    def set_keys(self, points: Sequence[LatentPoint], times: Sequence[float] = ()) -> None:
        """Show these keyframes; without ``times`` all segments are equally long."""
        self.track.loop = self.loop.isChecked()
        walk = msgspec.structs.replace(self.walk(), durations=tuple(times))
        seconds = durations_of(walk, len(points)) or [1.0]
        self.track.set_keys([Key(point, seconds[min(row, len(seconds) - 1)]) for row, point in enumerate(points)])
        if times and points:
            self._timed()
        else:
            self._rearranged()
        self._ask_pictures()

    def _ask_pictures(self) -> None:
        for key in self.track.keys:
            self._ask_picture(key)

    def _ask_picture(self, key: Key) -> None:
        def came(asset: Asset) -> None:
            key.picture = QPixmap.fromImage(to_qimage(asset))
            self.track.update()

        self._frames.picture(key.point, came, self)

    # -- playing -------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop playback, and emit ``stopped``."""
        played = self.playing
        self.halt()
        if played:
            self.stopped.emit()

    def halt(self) -> None:
        """Stop playback."""
        self._timer.stop()
        self.play.setChecked(False)
        self.play.setText(tr("▶ Play"))

    @property
    def playing(self) -> bool:
        """True during playback."""
        return self._timer.isActive()

    def measured(self, durations: Sequence[float]) -> None:
        """A frame of a visually even walk arrived: its segments have these durations."""
        if self.form.values()["even"] and len(durations) == self.track.legs():
            self.track.show_time(self.track.time, durations)
            self._say_facts()

    def _toggle(self) -> None:
        if self.playing or len(self.track.keys) < 2:
            self.stop()
            return
        self.play.setChecked(True)
        self.play.setText(tr("■ Stop"))
        self._begun = 0.0 if self.track.time >= self.track.total() - 1e-3 else self.track.time
        self._clock.start()
        self._timer.start()

    def _tick(self) -> None:
        """Show the frame for the current time; without loop, playback ends at the last keyframe."""
        total = self.track.total()
        if len(self.track.keys) < 2:
            self.stop()
            return
        time = self._begun + self._clock.elapsed() / 1000
        if time >= total and not self.loop.isChecked():
            self.stop()
            time = total
        self._show(time % total if self.loop.isChecked() else time)

    def _scrub(self, time: float) -> None:
        self.stop()
        self._show(time)

    def _step(self, frames: int) -> None:
        if len(self.track.keys) >= 2:
            count, total = frames_of(self.walk(), len(self.track.keys)), self.track.total()
            loop = self.loop.isChecked()
            frame = self._frame_at(self.track.time) + frames
            frame = frame % count if loop else min(max(frame, 0), count - 1)
            self._scrub((frame + 0.01) * total / count if loop else frame * total / (count - 1))

    def _show(self, time: float) -> None:
        if len(self.track.keys) < 2:
            return
        self.track.show_time(time)
        frame = self._frame_at(time)
        if frame != self._shown:
            self._shown = frame
            self.at.emit(frame)

    def _frame_at(self, time: float) -> int:
        count, share = frames_of(self.walk(), len(self.track.keys)), time / max(self.track.total(), 1e-6)
        return min(int(share * count), count - 1) if self.loop.isChecked() else round(share * (count - 1))

    # -- what the person changes ---------------------------------------------------------------------------------

    def _rearranged(self) -> None:
        """Keyframes were added or removed: the total time is unchanged."""
        self.track.stretch(float(self.form.values()["seconds"]))
        self._changed()

    def _timed(self) -> None:
        """A segment's time changed, and so did the total."""
        self.form.set_values({"seconds": round(self.track.total(), 3)})
        self._changed()

    def _form_changed(self) -> None:
        if abs(self.track.total() - float(self.form.values()["seconds"])) > 1e-3:
            self.track.stretch(float(self.form.values()["seconds"]))
        self._changed()

    def _loop_changed(self) -> None:
        self.track.loop = self.loop.isChecked()
        self._rearranged()

    def _changed(self) -> None:
        self._shown = -1
        self.track.refit()
        self.track.time = min(self.track.time, self.track.total())
        self._say_facts()
        self.export.setText(tr("Export {format}", format=FORMATS[self.way.values()["format"]]))
        for button in (self.play, self.export):
            button.setEnabled(len(self.track.keys) >= 2)

    def _say_facts(self) -> None:
        count, values = len(self.track.keys), self.form.values()
        loop = tr("loop") if self.loop.isChecked() else tr("once")
        words = tr_count(
            count,
            "{count} keyframe · {seconds} s {loop} · {rate} fps",
            "{count} keyframes · {seconds} s {loop} · {rate} fps",
            seconds=f"{values['seconds']:g}",
            loop=loop,
            rate=values["rate"],
        )
        self._facts.set_words(words if count else tr("Add two or more points"))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(label(tr("Walk"), "title"))
        head.addWidget(self._facts, 1)
        buttons = Flow()
        for button in (self.add, self.play, self.loop, self.export):
            buttons.addWidget(button)
        head.addLayout(buttons)
        scroll = QScrollArea()
        scroll.setWidget(self.track)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFixedHeight(self.track.height() + 8)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        folded = QWidget()
        forms = QHBoxLayout(folded)
        forms.setContentsMargins(0, 2, 0, 2)
        forms.setSpacing(20)
        for form in (self.form, self.way):
            forms.addWidget(form, 1, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(scroll)
        column.addWidget(Section(tr("Duration · rate · size · format · path"), tr("Video settings"), folded))
