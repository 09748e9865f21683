"""How the tests of the Write runner ask for texts, and let the model say what they want."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from studio.core.values import Asset
from studio.features.write.runs import write as run
from studio.features.write.runs.write import write
from studio.features.write.tasks.write import WriteTask
from studio.ml.load.text import LanguageModel
from tests.recording import RecordingContext

LONG_ENOUGH = 40


def asked(**changes: Any) -> WriteTask:
    return WriteTask(**{"prompt": "the cat", "seed": 5, "length": LONG_ENOUGH, **changes})


def made(task: WriteTask, context: RecordingContext) -> list[Asset]:
    """The texts in the order of their variants."""
    context.assets.clear()
    write(task, context)
    return sorted(context.assets, key=lambda asset: int(asset.notes["index"]))


def speak(writer: LanguageModel, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let the model say ``text`` and end, whatever it would say."""
    script: Iterator[int] = iter([*writer.tokenizer.encode(text, add_special_tokens=False), min(writer.ends)])
    monkeypatch.setattr(
        run, "sample_token", lambda logits, sampling, uniform: torch.tensor([next(script)]).expand(len(logits)).clone()
    )
