"""Sets aside what belongs to one model while another is chosen: points, mixtures, families, walks."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from studio.features.latent.points.point import LatentPoint
from studio.features.latent.tasks.latent import LatentTask
from studio.features.latent.ui.explore.state import LatentState
from studio.room.request import Past


class Table(NamedTuple):
    """A part of the room with ``points``. ``remember`` returns JSON values for ``restore``; an empty dictionary
    restores nothing."""

    points: Callable[[], Iterable[LatentPoint]]
    remember: Callable[[], dict[str, Any]]
    restore: Callable[[dict[str, Any]], None]


class Aside:
    """Points of plain seeds are valid for every model and stay. Others go with their model, and return with it."""

    def __init__(self, state: LatentState, tables: Mapping[str, Table]) -> None:
        self._state, self._tables = state, tables
        self._kept: dict[str, dict[str, Any]] = {}
        """By model and table."""
        self._pasts: dict[str, Past[LatentTask]] = {}
        """Where one was with each model, and how one came there."""

    def change(self, old: str, new: str, seed: int) -> bool:
        """The model ``new`` replaces ``old``; ``seed``: where to go if no point is left.

        True if something was set aside.
        """
        waiting = self._kept.pop(new, {})
        moved = False
        for name, table in self._tables.items():
            points = list(table.points())
            strange = not all(point.anywhere for point in points)
            if points and (strange or name in waiting):
                self._kept.setdefault(old, {})[name] = table.remember()
            if strange or name in waiting:
                table.restore(waiting.get(name, {}))
            moved = moved or strange
        return self._change_state(old, new, seed) or moved

    def _change_state(self, old: str, new: str, seed: int) -> bool:
        state = self._state
        strange = not all(task.points[0].anywhere and not task.scales for task in state.every_task())
        if strange or new in self._pasts:
            self._pasts[old] = state.past()
            if new in self._pasts:
                state.go_back_to(self._pasts.pop(new))
            else:
                state.restart_with(state.point.bare(seed))
        return strange

    def to_data(self) -> dict[str, Any]:
        """The state to restore after a restart."""
        return self._kept

    def from_data(self, kept: object) -> None:
        """Restore what ``to_data`` returned, which is untrusted."""
        rows = kept.items() if isinstance(kept, dict) else ()
        self._kept = {
            str(model): {name: data for name, data in tables.items() if name in self._tables and isinstance(data, dict)}
            for model, tables in rows
            if isinstance(tables, dict)
        }
