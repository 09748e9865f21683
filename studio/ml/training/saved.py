"""Saved trainings: one safetensors file with everything needed to resume; numbers are in its header."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.files.atomic import replacing
from studio.files.reading import read_json, why_unread
from studio.ml.load.bounds import check_header
from studio.ml.training.trainer import Trainer

_KEY = "training"
_BROKEN = (SafetensorError, OSError, LookupError, TypeError, ValueError, RuntimeError, AttributeError, ArithmeticError)


@contextmanager
def explain_write_errors(place: Path) -> Iterator[None]:
    """Turn OS errors about ``place`` into StudioErrors."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        raise StudioError(
            tr(
                "The training can't be saved in {path}: {reason}. Free some space, then continue; what was saved "
                "before is intact.",
                path=place,
                reason=why_unread(error)
                if isinstance(error, OSError)
                else tr("the disk is full, or refused the write"),
            )
        ) from error


def save(trainer: Trainer, path: Path, more: dict[str, Any]) -> None:
    """Write the training's state, and ``more`` JSON values, to ``path``, atomically."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in trainer.tensors().items()}
    text = json.dumps({"trainer": trainer.numbers(), "more": more})
    with replacing(path) as part:
        save_file(tensors, part, metadata={_KEY: text})


def load(trainer: Trainer, path: Path) -> dict[str, Any]:
    """Restore what ``save`` wrote; returns its ``more``. Raises StudioError if it can't be used."""
    try:
        check_header(path)
        with safe_open(path, framework="pt") as file:
            numbers = read_json(file.metadata()[_KEY].encode())
            # Copied: else the file stays mapped in memory, and some systems forbid replacing it then.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118  it is no dictionary
        trainer.restore(numbers["trainer"], tensors)
        more: dict[str, Any] = numbers["more"]
    except _BROKEN as error:
        raise unusable(path) from error
    return more


def unusable(path: Path) -> StudioError:
    """The error for a file that training can't continue from."""
    return StudioError(
        tr(
            "The training can't continue from {path}: it is damaged, or has other settings. Choose another name, "
            "or delete that file to start over.",
            path=path,
        )
    )
