"""Each fuzzing target without the fuzzer: what it begins with, and some of what is made of that, does no harm."""

import importlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.torture import fuzz_texts
from tests.torture.fuzz import TARGETS, targets

TRIED, TRIED_SLOWLY = 40, 5
"""Changed inputs for each target; the rest is the fuzzer's."""


@pytest.fixture
def _closing() -> Iterator[None]:
    """One target keeps its library open, as a window does."""
    yield
    if fuzz_texts._library.cache_info().currsize:
        fuzz_texts._library().close()
        fuzz_texts._library.cache_clear()


def _change(rng: random.Random, data: bytes, most: int) -> bytes:
    """Some bytes changed, taken out or put in."""
    found = bytearray(data or b"x")
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(found) + 1)
        found[at : at + rng.randint(0, 3)] = rng.randbytes(rng.randint(0, 3))
    return bytes(found[:most])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("_closing")
@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in TARGETS.items() for name in names])
def test_target(module: str, name: str, home: Path) -> None:
    target = targets(home, module)[name]
    seeds, rng = list(target.seeds()), random.Random(name)
    for seed in seeds:
        target.read(seed)
    for _ in range(TRIED_SLOWLY if target.slow else TRIED):
        changed = target.change(rng.choice(seeds), target.longest, rng, lambda data, most: _change(rng, data, most))
        assert len(changed) <= max(target.longest, 1)
        target.read(changed)


def test_all_targets_are_listed() -> None:
    for module, names in TARGETS.items():
        assert tuple(importlib.import_module(f"tests.torture.{module}").targets(Path("nowhere"))) == names
