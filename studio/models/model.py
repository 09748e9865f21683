"""A model as the window and the command line know it: what it is and can do, and why it can't be used if it can't."""

from typing import Any, Literal

import msgspec

from studio.core.abilities import Can

Part = Literal["whole", "vae", ""]
"""``whole``: a model by itself. ``vae``: an autoencoder in a folder of its own. "": of no use yet, whatever it is."""


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """One model. ``address`` is what a job names; ``reason`` says why an unusable one is."""

    address: str
    path: str
    real: str = ""
    """The path without links: what has the same is the same. "" for a folder without a model."""
    name: str
    family: str = ""
    """Of ``studio.families``; "" where that can't be told."""
    part: Part = ""
    """Of what is of that family."""
    architecture: str = ""
    """What its files call it, for people: "StableDiffusionXLPipeline", "LlamaForCausalLM", "a LoRA"."""
    can: tuple[Can, ...] = ()
    """What can be asked of it; of one that can't be used, what could be if it were in order."""
    takes: tuple[str, ...] = ()
    """The parts that may be given to it, as ``fits_as`` of theirs says."""
    bytes: int = 0
    licence: str = ""
    summary: str = ""
    usable: bool = True
    reason: str = ""
    bundled: bool = False
    schedulers: tuple[str, ...] = ()
    """The names that an image request may give; none when that can't be told."""
    defaults: dict[str, Any] = {}

    @property
    def fits_as(self) -> str:
        """As what a part fits a whole model that ``takes`` it: its family and part; "" for what fits none."""
        return f"{self.family} {self.part}" if self.family and self.part not in ("", "whole") else ""

    @property
    def begins(self) -> bool:
        """False for one that improves pictures and can't begin any: it needs a start picture."""
        return "text>image" in self.can or "image>image" not in self.can
