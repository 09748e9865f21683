"""The window: rail, rooms, the run bar above them and the status line below."""

import importlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from PySide6.QtCore import QByteArray, QEvent, QMimeData, QRect, QSize, Qt
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMainWindow, QStackedWidget, QStyle, QVBoxLayout, QWidget

from studio.app.job_handle import JobHandle, title_of
from studio.app.services import Item, Notice, Parcel, StudioServices, room_of
from studio.core.events import EngineState
from studio.core.override import override
from studio.core.text import tr
from studio.features import FEATURES
from studio.shell.crash import Crashes
from studio.shell.export import ExportDialog
from studio.shell.outside import Outside
from studio.shell.queue import QueuePopup
from studio.shell.rail import Rail
from studio.shell.settings import SettingsDialog
from studio.shell.status import StatusLine
from studio.shell.undo_keys import UndoKeys
from studio.shell.unsaved import UnsavedDialog
from studio.ui.actions import Action, add_actions
from studio.ui.columns import Columns
from studio.ui.drops import DropTarget, paths_in
from studio.ui.layout import tool
from studio.ui.run_bar import RunBar
from studio.ui.toast import Toasts

FRAME = 4
"""Pixels of the system's window frame, beside its title bar."""


class Panel(Protocol):
    """What the window asks of a room's ``panel.Panel(services)``, which is a QWidget."""

    columns: Columns
    """Its side panels and its middle."""
    head: QWidget | None
    """The widget above the room, left of the run bar: the model picker."""

    def make(self) -> None:
        """Start the room's request (Ctrl+Enter)."""

    def stop(self) -> None:
        """Stop the room's running request (Esc)."""

    def receive(self, parcel: Parcel) -> None:
        """Handle what another room sent, or a file dropped on the window."""

    def drop_sentence(self) -> str:
        """What ``receive`` would do with a dropped file."""

    def follow(self, run: JobHandle) -> None:
        """Show the progress and results of ``run``, which the room didn't just start. Not in rooms that make
        nothing."""

    def undo_place(self) -> str:
        """The ``place`` of the steps that can be undone here now. Not in rooms without steps of their own."""

    def remember(self) -> None:
        """Save the last request through the services, to restore it after a restart."""


class Window(QMainWindow):
    """The window. Rooms are built when they are first entered, so that the first one appears at once."""

    def __init__(self, services: StudioServices, log: str) -> None:
        super().__init__()
        self._services, self._log = services, log
        self._panels: dict[str, Any] = {}
        self.setMinimumSize(900, 480)
        self._rail = Rail([(room, _module(room).TITLE, _module(room).ICON) for room in FEATURES])
        self._heads, self._rooms, self._no_head = QStackedWidget(), QStackedWidget(), QWidget()
        self._heads.addWidget(self._no_head)
        self._bar, self._status = RunBar(), StatusLine(services)
        self._sides = tool("sides", tr("Hide or show the room's side panels (Ctrl+B)"))
        self._sides.setCheckable(True)
        self._sides.clicked.connect(self._toggle_sides)
        self._columns = services.remembered("window", "columns")
        self._queue = QueuePopup(services, self)
        self._toasts = Toasts(self)
        self._outside = Outside(services.tracker, self)
        logs = [Path(log), Path(log).with_name("engine.log")] if log else []
        self.crashes = Crashes(services, logs, self._open_log, self)
        self._lay_out()
        DropTarget(self, self._drop_sentence, self._dropped, self._rooms)
        self._connect()
        made = add_actions(self, self.actions_of_the_window())
        self._steps = (made["undo"], made["redo"])
        for action in self._steps:
            self._rail.add_edit(action)
        UndoKeys(services.undo, self.undo_place, self)
        self._restore()
        self._line_changed()

    def actions_of_the_window(self) -> list[Action]:
        """Every action once: its shortcut, its label, and what it does."""
        rooms = [
            Action(f"room.{room}", tr("Go to {room}", room=tr(_module(room).TITLE)), f"Ctrl+{number}",
                   partial(self.enter, room))
            for number, room in enumerate(FEATURES, 1)
        ]  # fmt: skip
        return [
            Action("make", tr("Make"), "Ctrl+Return", lambda: self.panel().make()),
            Action("make.keypad", tr("Make"), "Ctrl+Enter", lambda: self.panel().make()),
            Action("stop", tr("Stop"), "Esc", self._stop),
            *rooms,
            Action("undo", tr("Undo"), "Ctrl+Z", self._take_back),
            Action("redo", tr("Redo"), "Ctrl+Shift+Z", self._do_again),
            Action("redo.y", tr("Redo"), "Ctrl+Y", self._do_again),
            Action("settings", tr("Settings"), "Ctrl+,", self.open_settings),
            Action("queue", tr("Queue"), "Ctrl+J", self._queue.toggle),
            Action("log", tr("Open log"), "Ctrl+Shift+L", self._open_log),
            Action("sides", tr("Hide or show the side panels"), "Ctrl+B", self._toggle_sides),
            Action("full_screen", tr("Full screen"), "F11", self._full_screen),
            Action("quit", tr("Quit"), "Ctrl+Q", self.close),
        ]

    # -- rooms ---------------------------------------------------------------------------------------------------

    def enter(self, room: str) -> None:
        """Bring ``room`` forward."""
        panel = self.panel(room)
        self._rooms.setCurrentWidget(panel)
        self._heads.setCurrentWidget(panel.head or self._no_head)
        self._rail.show_room(room)
        self.room = room
        self._sides.setChecked(panel.columns.sides_hidden)
        self._toasts.place()
        if panel.columns.sides_hidden:
            words = tr("This room's side panels are hidden (Ctrl+B).")
            self._toasts.show_message(words, tr("Show them"), partial(panel.columns.hide_sides, False), self._sides)
        panel.setFocus()
        self._show_steps()

    def panel(self, room: str = "") -> Any:
        """The panel of ``room``, or of the open one; built on first use."""
        room = room or self.room
        if room not in self._panels:
            panel = _module(f"{room}.ui.panel").Panel(self._services)
            self._panels[room] = panel
            kept = self._columns.get(room)
            panel.columns.from_data(kept if isinstance(kept, dict) else {})
            panel.columns.toggled.connect(self._sides.setChecked)
            self._rooms.addWidget(panel)
            if panel.head is not None:
                self._heads.addWidget(panel.head)
            for run in self._services.tracker.running:
                if not run.followed:
                    self._hand_on(run)
        return self._panels[room]

    def _receive(self, parcel: Parcel) -> None:
        self.enter(parcel.room)
        self.panel().receive(parcel)

    def _stop(self) -> None:
        if self._queue.isVisible():
            self._queue.toggle()
        else:
            self.panel().stop()

    # -- what was done -------------------------------------------------------------------------------------------

    def undo_place(self) -> str:
        """The place whose steps can be undone here; a room may have several, or temporarily none."""
        place: Callable[[], str] | None = getattr(self._panels.get(self.room), "undo_place", None)
        return place() if place is not None else self.room

    def _take_back(self) -> None:
        step = self._services.undo.undo(self.undo_place())
        if step is not None and not step.place:  # a step with a place is visible there
            again = partial(self._services.undo.do_again, step) if step.redo is not None else None
            self._toasts.show_message(tr("Undone: {what}", what=step.title), tr("Redo"), again, step)

    def _do_again(self) -> None:
        step = self._services.undo.redo(self.undo_place())
        if step is not None and not step.place:
            self._services.say_done(tr("Redone: {what}", what=step.title), step)

    def _show_steps(self) -> None:
        """Show in the menu what would be undone and redone."""
        place, undo = self.undo_place(), self._services.undo
        back, forth = undo.next_undo(place), undo.next_redo(place)
        words = (
            tr("Undo: {what}", what=back.title) if back else tr("Nothing to undo"),
            tr("Redo: {what}", what=forth.title) if forth else tr("Nothing to redo"),
        )
        for action, text, step in zip(self._steps, words, (back, forth), strict=True):
            action.setText(text.replace("&", "&&"))
            action.setEnabled(step is not None)

    # -- what is running -----------------------------------------------------------------------------------------

    def _connect(self) -> None:
        services = self._services
        self._rail.chosen.connect(self.enter)
        self._rail.settings.connect(self.open_settings)
        self._rail.add_help(tr("Open log"), "Ctrl+Shift+L", self._open_log)
        self._rail.add_help(tr("Report a problem…"), "", self.crashes.show_report)
        self._bar.cancelled.connect(self._cancel_active)
        self._bar.queue_asked.connect(self._queue.toggle)
        self._queue.closed.connect(lambda: self.panel().setFocus())
        services.tracker.changed.connect(self._line_changed)
        services.tracker.unfollowed.connect(self._hand_on)
        services.tracker.trouble.connect(self._trouble)
        services.engine_changed.connect(self._engine_changed)
        services.sent.connect(self._receive)
        services.noticed.connect(self._notice)
        services.export_asked.connect(self._export)
        services.undo.changed.connect(self._show_steps)

    def _line_changed(self) -> None:
        tracker = self._services.tracker
        self._bar.set_waiting(tracker.waiting, tracker.unfinished, paused=tracker.paused)
        run = tracker.active
        if run is None:
            self._bar.idle()
        else:
            self._bar.set_stopping(run.state == "stopping", stuck=tracker.stuck)
            self._follow(run)

    def _follow(self, run: JobHandle) -> None:
        if self._followed is not run:
            self._followed = run
            self._bar.follow(run.things)
            self._bar.show_progress(*run.at)
            run.progress.connect(self._bar.show_progress)

    _followed: JobHandle | None = None

    def _engine_changed(self, state: EngineState) -> None:
        tracker = self._services.tracker
        if state.state == "stuck":
            words = tr("The engine isn't responding. Replace it? What it is making will be stopped.")
            self._toasts.show_message(words, tr("Replace it"), self._cancel_active)
        if state.state == "gone" and tracker.paused:
            words = tr("{why} The queue is paused.", why=state.message)
            self._toasts.show_message(words, tr("Resume"), partial(tracker.pause, False))
        self._line_changed()

    def _hand_on(self, run: JobHandle) -> None:
        """Let the run's room show it if that has been built; other rooms find it when they are built."""
        panel = self._panels.get(room_of(run.job.task))
        if panel is not None:
            panel.follow(run)

    def _trouble(self, run: JobHandle, sentence: str) -> None:
        """Show errors that the open room doesn't show, and a report for a request that killed the engine twice."""
        if run.state == "failed" and run.deaths > 1:
            self.crashes.engine_died(sentence, run.detail)
        room = room_of(run.job.task)
        if not run.followed or room != self.room:
            words = f"{title_of(run)}: {sentence}"
            self._toasts.show_message(words, tr("Show"), self._queue.open if run.over else partial(self.enter, room))

    def _cancel_active(self) -> None:
        run = self._services.tracker.active
        if run is not None:
            self._services.tracker.cancel(run.job.id)
            self._toasts.show_message(tr("Stopped: {name}", name=title_of(run)))

    def _notice(self, notice: Notice) -> None:
        self._toasts.show_message(notice.text, notice.action, notice.do, notice.about)

    # -- the window itself ---------------------------------------------------------------------------------------

    def open_settings(self) -> None:
        """Show the settings."""
        dialog = SettingsDialog(self._services, self)
        dialog.exec()
        dialog.deleteLater()

    def _export(self, items: Sequence[Item]) -> None:
        dialog = ExportDialog(self._services, items, self)
        dialog.exec()
        dialog.leave()

    def come_forward(self) -> None:
        """Raise the window, also when it was minimised."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()

    def _open_log(self) -> None:
        if self._log:
            self._services.open_outside(self._log)
        else:
            self._services.notify(tr("There is no log: it couldn't be written when Triptych started."))

    def _full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)  # keeps a maximised window so

    def _toggle_sides(self) -> None:
        columns = self.panel().columns
        columns.hide_sides(not columns.sides_hidden)

    def _drop_sentence(self, mime: QMimeData) -> str:
        words: str = self.panel().drop_sentence() if paths_in(mime) else ""
        return words

    def _dropped(self, mime: QMimeData) -> None:
        """Give a file dropped outside every drop target to the open room."""
        self.panel().receive(Parcel(room=self.room, path=self._services.one_of(paths_in(mime))))

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        """Save the state, and ask about unsaved items; the tracker saves the queue."""
        if self._services.tracker.unsaved and not UnsavedDialog(self._services, self).exec():
            event.ignore()
            return
        for panel in self._panels.values():
            panel.remember()
        geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        columns = {**self._columns, **{room: panel.columns.to_data() for room, panel in self._panels.items()}}
        self._services.remember("window", {"room": self.room, "geometry": geometry, "columns": columns})
        super().closeEvent(event)

    def _restore(self) -> None:
        kept = self._services.remembered("window")
        geometry = kept.get("geometry")
        if not (
            isinstance(geometry, str)
            and self.restoreGeometry(QByteArray.fromBase64(geometry.encode("ascii", "replace")))
        ):
            self._begin_on(self.screen().availableGeometry())
        room = kept.get("room")
        self.room = str(room) if room in FEATURES else "image"
        self.enter(self.room)

    def _begin_on(self, screen: QRect) -> None:
        """The initial size: comfortable, and within the screen including the frame."""
        frame = self.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight) + 2 * FRAME
        room = screen.adjusted(FRAME, frame, -FRAME, -FRAME)
        size = QSize(1280, 800).boundedTo(room.size())
        self.setGeometry(QStyle.alignedRect(self.layoutDirection(), Qt.AlignmentFlag.AlignCenter, size, room))

    def _lay_out(self) -> None:
        top = QFrame()
        top.setObjectName("top")
        row = QHBoxLayout(top)
        row.setContentsMargins(12, 6, 12, 6)
        row.addWidget(self._heads, 1)
        row.addWidget(self._bar)
        row.addWidget(self._sides)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(top)
        column.addWidget(self._rooms, 1)
        column.addWidget(self._status)
        whole = QWidget()
        across = QHBoxLayout(whole)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self._rail)
        across.addLayout(column, 1)
        self.setCentralWidget(whole)

    @override
    def changeEvent(self, event: QEvent) -> None:
        """Rescan when the window is activated: files may have been moved in a file manager."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self._services.look_again()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Reposition the toasts."""
        super().resizeEvent(event)
        self._toasts.place()


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"studio.features.{name}")
