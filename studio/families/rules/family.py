"""What a family of models is: the facts that hold for all of its models, as data."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from studio.core.abilities import Can

Settings = Mapping[str, Any]
"""What a settings file of a model says; nothing where it can't be read."""
Start = Literal["", "strength", "reference"]
"""What a pipeline makes of a start picture: nothing, or it replaces a share of the steps, or it is looked at."""


class Pipeline(msgspec.Struct, frozen=True, kw_only=True):
    """How the models of one class of diffusers are used; from their makers' cards and that class."""

    steps: int
    guidance: float
    edge: int
    """Of a square picture, in pixels, where the folder doesn't say."""
    start: Start = ""
    variants: tuple[str, ...] = ()
    """Classes for the same parts that begin with a picture, and whose folders diffusers takes for this one's."""
    few: int = 4
    """Steps of a model that was taught to do with few, if it doesn't say how many: most were made for 1 to 8."""
    taught: bool = False
    """All of its models were taught that, with the guidance that stands here."""
    distilled: tuple[Literal["network", "scheduler"], str, Any] | None = None
    """A setting with its value that only models have which were taught that."""


class Signs(msgspec.Struct, frozen=True):
    """How a model in one file is known: patterns that must all be found among the names of its tensors."""

    title: str
    """What people call it."""
    names: tuple[str, ...]
    turn: int = 0
    """Small ones are tried first: some families carry the names of others, and a whole model those of its parts."""


class Autoencoder(msgspec.Struct, frozen=True):
    """The latents of a family, by the settings that tell them from others'."""

    channels: int
    scaling: float


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all models of a family. ``name`` is that of its file; files of the same name hold its code."""

    name: str
    can: tuple[Can, ...] = ()
    """What a whole model of it can do; of a pipeline what it makes of a start picture says more."""
    pipelines: Mapping[str, Pipeline] = {}
    """By diffusers' names: those that make a picture from words alone and can be watched and stopped."""
    architectures: Mapping[str, str] = {}
    """What files call its networks -> how they are called in the window."""
    tokens: int = 0
    """Of a prompt. 0: what the tokenizer's settings say."""
    tokenizers: tuple[str, ...] = ("tokenizer", "tokenizer_2")
    """Where in a folder a tokenizer may be, the one that reads furthest first: it feeds the longest encoder."""
    context: tuple[str, ...] = ()
    """What settings call the number of tokens that a language model sees at once."""
    says_edge: bool = True
    """The network's ``sample_size`` is that of the pictures that it was made for."""
    multiple: int = 1
    """Its pipelines insist on edges that are multiples of this, whatever the autoencoder does."""
    guidance_by: Literal["guidance_scale", "true_cfg_scale"] = "guidance_scale"
    """The argument that guides. With the second there is no guidance at all without a negative prompt."""
    negative: bool = True
    """It reads a negative prompt."""
    call: Mapping[str, Any] = {}
    """What its pipelines are told besides, lest they choose a size of their own near that which they were made for."""
    guidance_with: tuple[str, float] | None = None
    """A setting of the network which, where it is there, means another guidance."""
    packs: int = 0
    """Latent pixels in one of the network's, whose other channels are another picture's. 0: nothing is told by them."""
    spare: tuple[str, ...] = ()
    """Parts that others need and that its models may have been saved without."""
    refiners: bool = False
    """Among its models are some that improve a picture and can't begin one."""
    autoencoder: Autoencoder | None = None
    files: tuple[Signs, ...] = ()
    """How its models in one file are known."""
    layers: tuple[str, ...] = ()
    """Of a generator: names that a state of it has, whatever program saved it."""
    modules: tuple[str, ...] = ()
    """Of a generator: classes that pickled networks of it name."""


LONG_PROMPTS = ("tokenizer_3", "tokenizer_2", "tokenizer")
"""Of pipelines that read longer prompts than their first encoder."""
