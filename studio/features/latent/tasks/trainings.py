"""A training as its folder tells of it: the files in it, how far it is, and how it went."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from studio.core.text import tr, tr_count
from studio.features.latent.tasks.estimate import duration
from studio.features.latent.tasks.train import TrainTask

ABOUT, CURVES, SHEET = "training.json", "curves.json", "sheet.png"
Count = Annotated[float, Meta(ge=0, le=2**53)]


class Curves(msgspec.Struct, frozen=True):
    """How a training has gone: columns of ``losses`` are pictures shown, generator, critic and the augmentation's p;
    of ``kids`` pictures shown and 1000 times the KID."""

    shown: Annotated[int, Meta(ge=0, le=2**53)] = 0
    seconds: Count = 0.0
    snapshot: str = ""
    losses: tuple[tuple[Count, float, float, float], ...] = ()
    kids: tuple[tuple[Count, float], ...] = ()

    def used_up(self, task: TrainTask) -> bool:
        """Whether it has had all the time or pictures that ``task`` gives."""
        enough = bool(task.thousands) and self.shown >= task.thousands * 1000
        return enough or (bool(task.minutes) and self.seconds >= task.minutes * 60)

    def in_words(self) -> str:
        """How far it is."""
        words = [tr_count(self.shown, "{count} picture shown", "{count} pictures shown"), duration(self.seconds)]
        if self.losses and self.losses[-1][3]:
            words.append(tr("augmentation {share} %", share=f"{100 * self.losses[-1][3]:.0f}"))
        return " · ".join(words)


def read_curves(data: Any) -> Curves:
    """What a runner or its file says. Raises ValueError."""
    return msgspec.convert(data, Curves)
