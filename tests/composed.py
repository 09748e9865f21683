"""A request that is a sum of values: a group, a choice of types, and lists of both."""

from typing import Annotated, ClassVar, Literal

import msgspec

from studio.core import declare
from studio.core.task import Task


class Sampling(msgspec.Struct, frozen=True):
    """How noise becomes a picture."""

    steps: Annotated[int, declare.number("Steps", "How many.", ge=1, le=150, step=1)] = 20
    ancestral: Annotated[bool, declare.flag("Ancestral", "With fresh noise.")] = False


class FromNoise(msgspec.Struct, frozen=True, tag="noise"):
    """Nothing but noise."""


class FromPicture(msgspec.Struct, frozen=True, tag="picture"):
    """A picture."""

    path: Annotated[str, declare.input_file("File", "The picture.")] = ""
    strength: Annotated[float, declare.number("Strength", "How far from it.", ge=0.05, le=1, step=0.05)] = 0.6


class Inpaint(msgspec.Struct, frozen=True, tag="inpaint"):
    """A part of a picture."""

    path: Annotated[str, declare.input_file("File", "The picture.")] = ""
    mask: Annotated[str, declare.input_file("Mask", "Where.")] = ""
    fill: Annotated[Literal["blur", "noise"], declare.choice("Fill", "What is there first.")] = "blur"


class Lora(msgspec.Struct, frozen=True, tag="lora"):
    """A LoRA."""

    path: Annotated[str, declare.model("File", "The LoRA's file.")] = ""
    weight: Annotated[float, declare.number("Weight", "How much of it.", ge=-2, le=2, step=0.05)] = 1.0


class Vae(msgspec.Struct, frozen=True, tag="vae"):
    """Another autoencoder."""

    path: Annotated[str, declare.model("File", "The autoencoder's file.")] = ""


class Region(msgspec.Struct, frozen=True):
    """A part of the picture with words of its own."""

    words: Annotated[str, declare.text("Words", "What is there.")] = ""
    at: Annotated[tuple[int, ...], declare.number("Place", "Cells.")] = ()


class ComposedTask(Task, frozen=True, kw_only=True):
    """A picture of many values."""

    kind: ClassVar[str] = "composed"
    runner: ClassVar[str] = "none:none"

    prompt: Annotated[str, declare.prompt("Prompt", "What it shows.")] = ""
    sampling: Annotated[Sampling, declare.nested("Sampling", "How it is drawn.")] = Sampling()
    start: Annotated[FromNoise | FromPicture | Inpaint, declare.nested("Start", "What it begins with.")] = FromNoise()
    parts: Annotated[tuple[Lora | Vae, ...], declare.nested("Parts", "What is added to the model.")] = ()
    regions: Annotated[tuple[Region, ...], declare.nested("Regions", "Places with words of their own.")] = ()
    guide: Annotated[Lora | Vae | None, declare.nested("Guide", "Beside it.")] = None
    style: Annotated[Sampling | None, declare.nested("Second pass", "Once more.")] = None
