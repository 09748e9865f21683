"""The catalogue: the models that are here, in the folders that are scanned for them."""

import logging
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from studio.core.text import tr
from studio.files.reading import is_there
from studio.models.inspection import inspect_model, is_model, is_model_folder, why_no_model
from studio.models.memory import read_memory, write_memory
from studio.models.model import Model
from studio.models.scan import Scan

__all__ = ["Model", "ModelCatalogue", "inspect_model"]

log = logging.getLogger(__name__)


class ModelCatalogue:
    """The bundled starters and the folders that the person added. Only headers and settings files are read.

    ``memory``: the file that keeps what the last scan found, for the next start. ``trained``: the folder of what was
    trained here, which need not exist.
    """

    def __init__(
        self, starters: Path, folders: Iterable[str] = (), memory: Path | None = None, trained: Path | None = None
    ) -> None:
        self._memory, self._trained = memory, trained
        self.folders = tuple(folders)
        self._bundled = [inspect_model(path, bundled=True) for path in Scan(is_model_folder).models_in(starters)]
        self._found = self._remembered() if self.places else {}

    @property
    def places(self) -> tuple[str, ...]:
        """Where models are looked for beside the starters: what was trained here first, then the added folders."""
        return (str(self._trained), *self.folders) if self._trained else self.folders

    def models(self) -> list[Model]:
        """What is known, without touching any folder: one may lie on a drive that is asleep.

        The starters come first, then each place's models by name; what lies in several places counts for the first.
        """
        found, seen = list(self._bundled), set()
        for place in self.places:
            for model in self._found.get(place, []):
                if not model.real or model.real not in seen:
                    found.append(model)
                seen.add(model.real)
        return found

    def look(self, place: str, stopped: Callable[[], bool] = lambda: False) -> list[Model]:
        """What is there now. It takes as long as the drive does; ``stopped`` ends it between two models."""
        path = Path(place)
        added = place in self.folders
        if not is_there(path):
            return [_unusable(path, tr("{path} was not found. Is its drive connected?", path=path))] if added else []
        scan = Scan(is_model if added else is_model_folder, stopped)
        found = [inspect_model(each) for each in scan.models_in(path)]
        if not found and added:
            return [_unusable(path, why_no_model(path))]
        found.sort(key=lambda model: (not model.part, _by_name(model)))
        if scan.cut:
            sentence = tr(
                "{path} contains more than Triptych scans. Add the subfolders that contain the other models.", path=path
            )
            found.insert(0, _unusable(path, sentence))
        return found

    def take(self, place: str, found: list[Model]) -> None:
        """Let ``found`` be what is known of ``place``."""
        self._found[place] = found

    def wait_for(self, place: str) -> None:
        """Say of ``place`` that it is still being looked at; what is known of it stays."""
        path = Path(place)
        waiting = _unusable(path, tr("{path} is still being scanned. Is its drive connected?", path=path))
        self._found[place] = [waiting, *(model for model in self._found.get(place, []) if model.usable)]

    def scan(self) -> list[Model]:
        """Look again at everything, now."""
        for place in self.places:
            self.take(place, self.look(place))
        self.keep()
        return self.models()

    def keep(self) -> None:
        """Write what is known for the next start."""
        if self._memory is None:
            return
        found = {place: self._found[place] for place in self.places if place in self._found}
        write_memory(self._memory, found)

    def _remembered(self) -> dict[str, list[Model]]:
        return read_memory(self._memory) if self._memory is not None else {}


def _by_name(model: Model) -> list[tuple[int, str]]:
    """As people sort: 9 before 10."""
    parts: list[str] = re.split(r"(\d+)", model.name.lower())
    return [(int(part) if part.isdecimal() else -1, part) for part in parts]


def _unusable(path: Path, reason: str) -> Model:
    return Model(address=str(path), path=str(path), name=path.name, usable=False, reason=reason)
