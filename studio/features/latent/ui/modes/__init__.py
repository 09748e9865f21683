"""The modes of the Latent room, in the order of their chips."""

from studio.core.task import Task
from studio.features.latent.ui.explore.mode import Mode
from studio.features.latent.ui.modes.breed_mode import BreedMode
from studio.features.latent.ui.modes.drag_mode import DragMode
from studio.features.latent.ui.modes.layers_mode import LayersMode
from studio.features.latent.ui.modes.map_mode import MapMode
from studio.features.latent.ui.modes.mix_mode import MixMode
from studio.features.latent.ui.modes.teach_mode import TeachMode
from studio.features.latent.ui.modes.vae_mode import VaeMode

MODES: tuple[type[Mode], ...] = (MapMode, MixMode, BreedMode, DragMode, LayersMode, TeachMode, VaeMode)
"""To add a mode, put a file next to this one and its class here."""


def mode_of(task: Task) -> str:
    """The name of the mode that submits such tasks; "" for those of the room itself."""
    return next((mode.NAME for mode in MODES if isinstance(task, mode.TASKS)), "")
