"""A training and its folder: runs steps, saves the state, and makes samples and curves."""

import json
import math
import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
import torch
from msgspec import Meta
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.text import tr, tr_count
from studio.core.values import Asset
from studio.files.atomic import replacing
from studio.files.card import ModelCard, write_card
from studio.files.leftovers import clean_leftovers
from studio.ml.load.gan import save_generator
from studio.ml.pictures import to_pillow
from studio.ml.training import saved
from studio.ml.training.folder import Pictures
from studio.ml.training.kid import KidMetric
from studio.ml.training.trainer import R1_EVERY, Trainer, TrainingConfig

STATE, CURVES, SHEET, SNAPSHOTS = "state.safetensors", "curves.json", "sheet.png", "snapshots"
LOOK_SECONDS = 60.0
"""Seconds of training between two sample sheets, KIDs and saved states."""
CURVE_SECONDS = 5.0
SNAPSHOT_SHARE = 1 / 8
"""A snapshot each time the training time grew by this fraction: they are kept, and must not fill the disk."""
MOST_POINTS = 800
"""Points of a curve; beyond that every second one is dropped."""
MEASURED = 256
"""Pictures generated to measure KID."""
USUAL_P = 0.2
"""A typical p of the augmentation, once the discriminator overfits."""
_ACROSS, _MOST_ACROSS, _ROWS = 8, 1024, 4

_Seconds = Annotated[float, Meta(ge=-LOOK_SECONDS, le=2**40)]


class _SavedState(msgspec.Struct):
    """The saved state besides the networks."""

    seconds: _Seconds
    snapshot_at: _Seconds
    looked_at: _Seconds
    snapshot: str
    losses: list[tuple[int, float, float, float]]
    kids: list[tuple[int, float]]


class Training:
    """A ``Trainer`` with its history in ``folder``. Resumes from what is there."""

    def __init__(
        self, config: TrainingConfig, pictures: Pictures, folder: Path, name: str, device: torch.device
    ) -> None:
        self.folder, self.name = folder, name
        self.trainer = Trainer(config, pictures.pixels, device)
        self.seconds = 0.0
        """Spent on training, earlier runs counted in."""
        self._losses: list[tuple[int, float, float, float]] = []
        self._kids: list[tuple[int, float]] = []
        self._snapshot_at = 0.0
        self._looked_at, self._noted_at = -LOOK_SECONDS, -CURVE_SECONDS
        self._ruler = KidMetric(_some(pictures.pixels))
        self.snapshot = ""
        """The newest."""
        for place in (folder, folder / SNAPSHOTS):
            clean_leftovers(place)
        if (folder / STATE).exists():
            self._take_up(folder / STATE)

    @property
    def shown(self) -> int:
        """The number of real pictures seen."""
        return self.trainer.shown

    def step(self) -> None:
        """Run one step and count its time."""
        start = time.perf_counter()
        self.trainer.step()
        self.seconds += time.perf_counter() - start

    def note(self) -> bool:
        """Add to the curves every few seconds; True if it did. Raises StudioError if the training diverged."""
        if self.seconds - self._noted_at < CURVE_SECONDS:
            return False
        self._noted_at = self.seconds
        generator, discriminator = self.trainer.losses.tolist()
        if not math.isfinite(generator) or not math.isfinite(discriminator):
            raise StudioError(
                tr(
                    "The training of {name} diverged: its values grew without limit. Its state at the last sheet "
                    "of samples is kept. Start a new one, with a larger R1 weight or the other loss.",
                    name=self.name,
                )
            )
        self._losses.append((self.shown, round(generator, 4), round(discriminator, 4), round(self.trainer.p, 4)))
        if len(self._losses) > MOST_POINTS:
            self._losses = self._losses[::2]
        return True

    def due(self) -> bool:
        """True if it is time for the next sheet."""
        return self.seconds - self._looked_at >= LOOK_SECONDS

    def look(self) -> Asset:
        """Make and save the sheet of the fixed seeds, and measure the KID."""
        self._looked_at = self.seconds
        made = self.trainer.make(range(MEASURED), "random")
        self._kids.append((self.shown, round(1000 * self._ruler.kid(made), 3)))
        across = min(_ACROSS, _MOST_ACROSS // self.trainer.config.resolution)
        asset = sheet(self.trainer.make(range(across * _ROWS)), across)
        with saved.explain_write_errors(self.folder), replacing(self.folder / SHEET) as part:
            to_pillow(asset).save(part, "PNG")
        return asset

    def keep(self) -> None:
        """Save everything needed to resume, and the curves."""
        more = {"seconds": self.seconds, "snapshot_at": self._snapshot_at, "snapshot": self.snapshot}
        more |= {"looked_at": self._looked_at, "losses": self._losses, "kids": self._kids}
        with saved.explain_write_errors(self.folder):
            saved.save(self.trainer, self.folder / STATE, more)
            with replacing(self.folder / CURVES) as part:
                part.write_text(json.dumps(self.curves()), encoding="utf-8")

    def curves(self) -> dict[str, Any]:
        """JSON values for the window: the columns of ``losses`` are pictures shown, generator, discriminator and p;
        those of ``kids`` pictures shown and 1000 times the KID."""
        return {
            "shown": self.shown,
            "seconds": round(self.seconds, 1),
            "snapshot": self.snapshot,
            "losses": self._losses,
            "kids": self._kids,
        }

    def wants_snapshot(self) -> bool:
        """True a minute after the start, and whenever the training time grew by an eighth since the last one."""
        wait = max(LOOK_SECONDS, self._snapshot_at * SNAPSHOT_SHARE)
        return self.seconds - self._snapshot_at >= wait

    def write_snapshot(self) -> None:
        """Save the averaged generator as a model in a folder of its own, atomically."""
        folder = self.folder / SNAPSHOTS / f"{self.shown:09d}"
        self._snapshot_at, self.snapshot = self.seconds, str(folder)
        if folder.exists():
            return
        card = ModelCard(
            name=f"{self.name} · {self.shown / 1000:.1f}k",
            kind="latent",
            summary=tr_count(self.shown, "Trained here: {count} picture seen.", "Trained here: {count} pictures seen."),
            defaults={"size": self.trainer.config.resolution},
        )
        with saved.explain_write_errors(folder), replacing(folder, folder=True) as part:
            save_generator(self.trainer.averaged, part)
            write_card(part, card)

    def _take_up(self, path: Path) -> None:
        more = saved.load(self.trainer, path)
        try:
            kept = msgspec.convert(more, _SavedState)
        except (ValueError, OverflowError) as error:  # msgspec's own is a ValueError
            raise saved.unusable(path) from error
        self.seconds, self._snapshot_at, self._looked_at = kept.seconds, kept.snapshot_at, kept.looked_at
        self.snapshot, self._losses, self._kids = kept.snapshot, kept.losses, kept.kids


def measure(config: TrainingConfig, pictures: Pictures, device: torch.device) -> float:
    """Pictures per second of such a training here, measured with steps like the later ones, which take longer."""
    trainer = Trainer(config, pictures.pixels, device)
    if config.augment:
        trainer.p = USUAL_P

    def timed(steps: int) -> float:
        start = time.perf_counter()
        for _ in range(steps):
            trainer.step()
        return (time.perf_counter() - start) / steps

    timed(1)  # the first one is slower: it allocates memory
    plain = timed(3)
    trainer.steps = R1_EVERY
    seconds = plain + (timed(1) - plain) / R1_EVERY
    return config.batch / max(seconds, 1e-6)


def sheet(pictures: Tensor, across: int) -> Asset:
    """One picture of pictures [N, 3, S, S] in [-1, 1], in rows of ``across``."""
    count, _, size, _ = pictures.shape
    down = math.ceil(count / across)
    whole = torch.zeros(down * across, 3, size, size)
    whole[:count] = pictures
    rows = whole.view(down, across, 3, size, size).permute(0, 3, 1, 4, 2)  # [down, S, across, S, 3]
    data = rows.clamp(-1, 1).add(1).mul(127.5).round().to(torch.uint8).contiguous().numpy().tobytes()
    return Asset(kind="pixels", data=data, width=across * size, height=down * size)


def contact_sheet(pictures: Pictures) -> Asset:
    """A sheet of some pictures as the training sees them."""
    across = min(_ACROSS, _MOST_ACROSS // pictures.size)
    return sheet(_some(pictures.pixels, across * _ROWS).float() / 127.5 - 1, across)


def _some(pixels: Tensor, most: int = MEASURED) -> Tensor:
    """At most ``most`` of them, evenly spread over the folder."""
    return pixels[:: max(1, len(pixels) // most)][:most]
