"""Device and number format: chosen, measured, overridden."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from studio.core.errors import StudioError
from studio.ml import device
from tests.configuring import change_config


@pytest.fixture(autouse=True)
def unmeasured() -> Iterator[None]:
    device.bfloat16_gain.cache_clear()
    yield
    device.bfloat16_gain.cache_clear()


def only(monkeypatch: pytest.MonkeyPatch, *kinds: str) -> None:
    monkeypatch.setattr(device, "_present", lambda: [*kinds, "cpu"])


@pytest.mark.parametrize(("gain", "dtype"), [(3.0, torch.bfloat16), (1.1, torch.float32), (0.5, torch.float32)])
def test_a_cpu_uses_bfloat16_only_where_it_measured_faster(
    gain: float, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch)
    monkeypatch.setattr(device, "_measure", lambda: gain)
    choice = device.choose()
    assert (choice.device, choice.dtype) == ("cpu", dtype)
    assert f"{gain:.1f} times" in choice.why


@pytest.mark.parametrize(("native", "dtype"), [(True, torch.bfloat16), (False, torch.float16)])
def test_a_card_uses_bfloat16_where_it_has_it(
    native: bool, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, "cuda", "xpu")
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: native)
    assert device.choose()[:2] == ("cuda", dtype)


@pytest.mark.parametrize(("kind", "dtype"), [("xpu", torch.bfloat16), ("mps", torch.float16)])
def test_other_accelerators(kind: str, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, kind)
    assert device.choose()[:2] == (kind, dtype)


def test_both_can_be_overridden(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, "cuda")
    change_config(device="cpu", dtype="bfloat16")
    choice = device.choose()
    assert choice[:2] == ("cpu", torch.bfloat16)
    assert "Settings" in choice.why


@pytest.mark.parametrize(("name", "value"), [("device", "cuda:7"), ("dtype", "float8")])
def test_what_is_not_here_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)
    change_config(**{name: value})
    with pytest.raises(StudioError, match=value):
        device.choose()


def test_the_measurement_is_kept_between_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change_config(cache=str(tmp_path / "new folder"))
    monkeypatch.setattr(device, "_measure", lambda: 2.5)
    assert device.bfloat16_gain() == 2.5
    device.bfloat16_gain.cache_clear()
    monkeypatch.setattr(device, "_measure", lambda: pytest.fail("measured again"))
    assert device.bfloat16_gain() == 2.5


@pytest.mark.parametrize("text", ["", "[1]", '{"x": "fast"}', "\udcff"])
def test_a_broken_cache_is_measured_anew(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bfloat16.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    change_config(cache=str(tmp_path))
    monkeypatch.setattr(device, "_measure", lambda: 0.5)
    assert device.bfloat16_gain() == 0.5
    assert 0.5 in json.loads((tmp_path / "bfloat16.json").read_text(encoding="utf-8")).values()


def test_it_is_really_measured() -> None:
    assert 0.01 < device.bfloat16_gain() < 100


def test_facts_are_plain_values() -> None:
    facts = device.facts()
    assert json.loads(json.dumps(facts)) == facts
    assert facts["dtype"] in ("float32", "bfloat16", "float16")
    assert 0 < facts["memory_free"] <= facts["memory_total"]
    assert set(facts["versions"]) == {"torch", "diffusers", "transformers"}


def test_facts_come_even_where_the_chosen_device_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)
    change_config(device="cuda")
    facts = device.facts()
    assert facts["device"] == "cpu"
    assert "Choose another device in Settings" in facts["why"]


def test_a_card_without_cuda_is_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(device, "_nvidia_card", lambda: True)
    facts = device.facts()
    assert facts["cuda_missing"] is True
    assert "--torch" in facts["mend"]
