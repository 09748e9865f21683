"""The pool of loaded models."""

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from studio.core.errors import StudioError
from studio.ml.cache import ModelCache, size_of, size_on_disk
from tests.configuring import change_config

KB = 1024


def load(address: str) -> torch.nn.Module:
    """A model of so many KB as its name ends with: "a4"."""
    return torch.nn.Linear(256, int(address[-1]), bias=False)


def load_otherwise(address: str) -> torch.nn.Module:
    return load(address)


def test_a_model_is_loaded_once() -> None:
    cache = ModelCache(budget=100 * KB)
    assert cache.get("a1", load) is cache.get("a1", load)
    assert cache.loaded() == {"a1": KB}


def test_another_loader_gives_another_thing() -> None:
    cache = ModelCache(budget=100 * KB)
    assert cache.get("a1", load) is not cache.get("a1", load_otherwise)
    assert cache.loaded() == {"a1": 2 * KB}


def test_the_least_recently_used_goes_first() -> None:
    cache = ModelCache(budget=6 * KB)
    for address in ("a2", "b2", "c2", "a2", "d2"):
        cache.get(address, load)
    assert list(cache.loaded()) == ["c2", "a2", "d2"]


def test_as_many_go_as_must() -> None:
    cache = ModelCache(budget=6 * KB)
    for address in ("a2", "b2", "c2", "d5"):
        cache.get(address, load)
    assert list(cache.loaded()) == ["d5"]


def test_the_one_asked_for_stays_even_if_it_is_too_large() -> None:
    cache = ModelCache(budget=3 * KB)
    cache.get("a1", load)
    big = cache.get("b9", load)
    assert list(cache.loaded()) == ["b9"]
    assert cache.get("b9", load) is big


def test_what_was_given_up_is_gone() -> None:
    cache = ModelCache(budget=3 * KB)
    gone = weakref.ref(cache.get("a2", load))
    cache.get("b2", load)
    gc.collect()
    assert gone() is None


def test_what_is_still_in_use_is_not_loaded_twice() -> None:
    cache = ModelCache(budget=3 * KB)
    used = cache.get("a2", load)
    cache.free()
    assert cache.loaded() == {}
    assert cache.get("a2", load) is used
    assert cache.loaded() == {"a2": 2 * KB}


def test_room_is_made_before_loading(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(bytes(5 * KB))
    cache = ModelCache(budget=6 * KB)
    cache.get("a2", load)
    seen: list[dict[str, int]] = []

    def look(address: str) -> torch.nn.Module:
        seen.append(cache.loaded())
        return torch.nn.Linear(1, 1)

    cache.get(str(path), look)
    assert seen == [{}]


def test_a_load_that_runs_out_of_memory_is_tried_again_alone() -> None:
    cache = ModelCache(budget=100 * KB)
    cache.get("a2", load)

    def tight(address: str) -> torch.nn.Module:
        if cache.loaded():
            raise torch.OutOfMemoryError("CUDA out of memory")
        return load(address)

    cache.get("b3", tight)
    assert cache.loaded() == {"b3": 3 * KB}


def test_a_load_that_never_fits_ends_with_advice() -> None:
    def never(address: str) -> torch.nn.Module:
        raise MemoryError

    cache = ModelCache(budget=KB)
    with pytest.raises(StudioError, match="smaller model") as caught:
        cache.get("a2", never)
    assert caught.value.trouble == "out_of_memory"
    assert cache.loaded() == {}


def test_a_failed_load_leaves_nothing() -> None:
    def broken(address: str) -> torch.nn.Module:
        raise StudioError("no", trouble="model_unusable")

    cache = ModelCache(budget=100 * KB)
    for _ in range(2):
        with pytest.raises(StudioError, match="no"):
            cache.get("a1", broken)
    assert cache.loaded() == {}


def test_the_budget_can_be_set() -> None:
    change_config(memory_mb=3)
    assert ModelCache().budget == 3 << 20


def test_another_budget_holds_when_the_engine_is_warmed_up_again() -> None:
    change_config(memory_mb=3)
    cache = ModelCache()
    assert cache.budget == 3 << 20
    change_config(memory_mb=5)
    cache.warm()
    assert cache.budget == 5 << 20


def test_else_it_is_a_share_of_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    change_config(device="cpu")
    monkeypatch.setattr("studio.ml.device.memory", lambda device: (1000, 2000))
    assert ModelCache().budget == 600


class Pipeline:
    """Holds its parts as diffusers' pipelines do."""

    def __init__(self, **components: object) -> None:
        self.components = components


class LanguageModel:
    """Holds its parts as plain attributes."""

    def __init__(self, model: object) -> None:
        self.model = model


def test_sizes_are_measured_wherever_the_modules_lie() -> None:
    module = load("a3")
    assert size_of(module) == 3 * KB
    assert size_of(Pipeline(unet=module, text=load("b2"), tokenizer=object(), none=None)) == 5 * KB
    assert size_of(LanguageModel(module)) == 3 * KB
    assert size_of(LanguageModel(Pipeline(unet=module))) == 3 * KB
    assert size_of(Pipeline(one=module, same=module)) == 3 * KB
    assert size_of(b"") == 0


class Slotted:
    """Holds its numbers in slots."""

    __slots__ = ("around", "numbers")

    def __init__(self, numbers: object) -> None:
        self.numbers, self.around = numbers, self


@pytest.mark.parametrize("wrap", [lambda one: one, list, tuple, lambda one: {"a": {"b": one}}, LanguageModel, Slotted])
def test_tensors_count_in_whatever_holds_them(wrap: Callable[[object], object]) -> None:
    numbers = torch.ones(KB, dtype=torch.uint8)
    assert size_of(wrap([numbers])) == KB
    assert size_of(wrap([numbers, numbers, load("a2"), torch.ones(3, dtype=torch.uint8)])) == 3 * KB + 3


def test_words_by_the_million_hide_no_tensors() -> None:
    words = dict.fromkeys(range(100_000), ("a", ()))
    assert size_of({"words": words, "model": load("a1")}) == KB


def test_what_is_no_module_gives_way_too() -> None:
    cache = ModelCache(budget=3 * KB)
    for address in ("a2", "b2"):
        cache.get(address, load_numbers)
    assert cache.loaded() == {"b2": 2 * KB}


def load_numbers(address: str) -> Slotted:
    return Slotted(load(address).weight)


def test_size_on_disk(tmp_path: Path) -> None:
    (tmp_path / "unet").mkdir()
    (tmp_path / "unet" / "model.safetensors").write_bytes(bytes(10))
    (tmp_path / "model_index.json").write_bytes(bytes(99))
    assert size_on_disk(str(tmp_path)) == 10
    assert size_on_disk(str(tmp_path / "unet" / "model.safetensors")) == 10
    assert size_on_disk(str(tmp_path / "gone")) == 0


def test_warm_gives_the_facts() -> None:
    assert {"device", "dtype", "why", "versions"} <= set(ModelCache().warm())
