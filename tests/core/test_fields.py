"""Descriptions of fields that hold structs."""

import msgspec
import pytest

from studio.core.fields import Field, describe, fits
from tests.composed import ComposedTask, FromNoise, Lora

FIELDS = {field.name: field for field in describe(ComposedTask)}


def test_structs_are_described_with_what_is_inside() -> None:
    types = {name: (field.type, field.several, field.optional) for name, field in FIELDS.items()}
    assert types == {
        "prompt": ("text", False, False),
        "sampling": ("group", False, False),
        "start": ("union", False, False),
        "parts": ("unions", True, False),
        "regions": ("groups", True, False),
        "guide": ("union", False, True),
        "style": ("group", False, True),
    }
    assert [variant.tag for variant in FIELDS["start"].variants] == ["noise", "picture", "inpaint"]
    lora, vae = FIELDS["parts"].variants
    assert (lora.help, [field.name for field in lora.fields]) == ("A LoRA.", ["path", "weight"])
    assert (vae.fields[0].role, lora.fields[1].minimum, FIELDS["start"].default) == ("model", -2, FromNoise())


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("sampling", {"steps": 3}, True), ("sampling", {"steps": "3"}, False), ("sampling", None, False),
        ("start", {"type": "noise"}, True), ("start", {"type": "x"}, False), ("start", [], False),
        ("parts", [{"type": "vae", "path": ""}], True), ("parts", [{"type": "vae", "path": 1}], False),
        ("parts", {"type": "vae"}, False), ("guide", None, True), ("regions", [{}], True), ("regions", [3], False),
    ],
)  # fmt: skip
def test_what_fits(name: str, value: object, good: bool) -> None:
    assert fits(FIELDS[name], value) is good


def test_a_request_of_many_values_survives_a_file() -> None:
    task = ComposedTask(parts=(Lora("/x"),))
    assert ComposedTask.from_data(msgspec.json.decode(msgspec.json.encode(task.to_data()))) == task


def test_what_is_inside_counts_for_the_whole() -> None:
    def private(field: Field) -> tuple[bool, bool]:
        return field.private, field.names_files

    assert [private(FIELDS[name]) for name in ("sampling", "start", "regions")] == [
        (False, False), (True, True), (True, False)
    ]  # fmt: skip
