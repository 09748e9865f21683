"""The status line: the engine's state, and where items are saved."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout

from studio.app.services import StudioServices
from studio.core.events import EngineState, ModelsState
from studio.core.person import home
from studio.core.text import tr
from studio.ui.layout import OneLine


class StatusLine(QFrame):
    """One dim line at the bottom of the window."""

    def __init__(self, services: StudioServices) -> None:
        super().__init__()
        self.setObjectName("status")
        self._services = services
        self._memory = 0
        self.engine, self.kept = OneLine(), OneLine(Qt.TextElideMode.ElideMiddle)
        for label in (self.engine, self.kept):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 3, 14, 4)
        row.addWidget(self.engine, 1)
        row.addWidget(self.kept)
        services.engine_changed.connect(lambda _: self._show_engine())
        services.tracker.models_state.connect(self._models_changed)
        services.library_changed.connect(self.show_count)
        self._show_engine()
        self.show_count()

    def show_count(self) -> None:
        """Refresh the number of items."""
        services = self._services

        def show(count: int) -> None:
            folder = _from_home(services.library.paths.pictures)
            self.kept.set_words(tr("Autosaved to {folder} · items: {count}", folder=folder, count=f"{count:,}"))

        services.read(services.library.count, show, owner=self)

    def _models_changed(self, state: ModelsState) -> None:
        self._memory = sum(state.loaded.values())
        self._show_engine()

    def _show_engine(self) -> None:
        why = str(self._services.engine.facts.get("why", ""))
        self.engine.set_words(f"● {engine_sentence(self._services.engine, self._memory)}", why)


def engine_sentence(state: EngineState, memory: int) -> str:
    """The engine's state in words; ``memory``: bytes of the loaded models."""
    facts = state.facts
    match state.state:
        case "starting":
            return tr("Engine is starting…")
        case "ready":
            parts = [tr("Engine ready"), str(facts.get("device", "")).upper(), str(facts.get("dtype", ""))]
            if memory:
                parts.append(tr("models {size} MB", size=round(memory / 1e6)))
            if facts.get("cuda_missing"):
                parts.append(tr("NVIDIA card not used: {mend}", mend=facts.get("mend", "")))
            return " · ".join(part for part in parts if part)
        case "died":
            return tr("The engine stopped and is restarting")
        case "stuck":
            return tr("The engine isn't responding; press Stop now to replace it")
        case _:
            return state.message or tr("The engine can't start")


def _from_home(folder: Path) -> str:
    """The path relative to home ("~"), as in a terminal."""
    house = home()
    if house is None or house == Path(house.anchor) or not folder.is_relative_to(house):
        return str(folder)
    return str(Path("~") / folder.relative_to(house))
