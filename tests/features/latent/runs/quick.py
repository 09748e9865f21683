"""An engine's models, in whose process trainings are tiny and looked at several times a second."""

from typing import Any

from studio.ml.cache import ModelCache
from studio.ml.training import training
from studio.ml.training.trainer import WIDTHS


class Quick(ModelCache):
    """Imports no more than it needs."""

    def warm(self) -> dict[str, Any]:
        training.LOOK_SECONDS = training.CURVE_SECONDS = 0.3
        training.MEASURED = 16
        WIDTHS["small"] = 8
        return {}
