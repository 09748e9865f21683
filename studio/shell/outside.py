"""Progress outside the window: its title, its taskbar badge, a notification when all is done."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QMainWindow, QSystemTrayIcon

from studio.app.job_handle import JobHandle, title_of
from studio.app.tracker import Tracker
from studio.core.override import override
from studio.core.text import tr

NAME = "Triptych"


class Outside(QObject):
    """Follows the queue. A person working in another program is notified once, when the queue is empty."""

    def __init__(self, tracker: Tracker, window: QMainWindow) -> None:
        super().__init__(window)
        self._tracker, self._window = tracker, window
        self._run: JobHandle | None = None
        self._tray: QSystemTrayIcon | None = None
        self._left = 0
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._app = app
        window.installEventFilter(self)
        tracker.changed.connect(self._follow)
        self._show()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cancel the notification when the person is back."""
        if event.type() == QEvent.Type.WindowActivate and self._tray is not None:
            self._tray.hide()
        return False

    def _follow(self) -> None:
        run, before = self._tracker.active, self._run  # the title has room for one
        if run is not before:
            self._run = run
            if run is not None:
                run.progress.connect(lambda *_: self._show())
            elif before is not None and before.state in ("done", "failed", "interrupted"):
                self._call(before)
        self._show()

    def _show(self) -> None:
        run = self._run
        left = self._tracker.waiting + len(self._tracker.running)
        if left != self._left:
            self._left = left
            self._app.setBadgeNumber(left)
        done, total, _ = run.at if run is not None else (0, 0, "")
        name = title_of(run).replace("[*]", "[*][*]") if run is not None else ""  # else Qt takes it for its own
        parts = [*([f"{100 * done // total} %"] if total > 0 else []), *([name] if name else [])]
        title = " · ".join([*parts, NAME])
        if title != self._window.windowTitle():  # some steps are faster than a percent
            self._window.setWindowTitle(title)

    def _call(self, run: JobHandle) -> None:
        """Notify the person that all is done."""
        if self._window.isActiveWindow() or self._tracker.waiting:
            return
        QApplication.alert(self._window)
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._window.windowIcon(), self._window)
            self._tray.activated.connect(self._window.activateWindow)
            self._tray.messageClicked.connect(self._window.activateWindow)
        # Nothing from the request: many desktops interpret HTML in notifications.
        words = tr("All done.") if run.state == "done" else tr("The last request failed. See the queue for details.")
        self._tray.show()
        self._tray.showMessage(NAME, words, self._window.windowIcon())
