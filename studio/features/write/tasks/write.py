"""What a person asks of the Write room."""

from typing import Annotated, ClassVar, Literal, Self

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from studio.core.task import LAST_SEED, Task, hold_seed


class Turn(msgspec.Struct, frozen=True):
    """One earlier message of a chat."""

    role: Literal["system", "user", "assistant"]
    text: str


class WriteTask(Task, frozen=True, kw_only=True):
    """Text from a language model: a prompt continued, or the next answer of a chat."""

    kind: ClassVar[str] = "write"
    runner: ClassVar[str] = "studio.features.write.runs.write:write"

    prompt: Annotated[
        str, Meta(title="Prompt", description="The text to continue, or what to ask.", extra={"widget": "prompt"})
    ] = ""
    mode: Annotated[
        Literal["draft", "chat"],
        Meta(
            title="Mode",
            description="Draft continues the text; Chat asks, where the model brings a chat template.",
            extra={"widget": "mode"},
        ),
    ] = "draft"
    system: Annotated[
        str,
        Meta(
            title="Instructions",
            description="How the model shall behave in a chat.",
            extra={"widget": "line", "group": "more"},
        ),
    ] = ""
    history: Annotated[
        tuple[Turn, ...],
        Meta(title="History", description="The earlier messages of the chat.", extra={"widget": "hidden"}),
    ] = ()
    begin: Annotated[
        str,
        Meta(title="Beginning", description="The answer so far, to go on from.", extra={"widget": "hidden"}),
    ] = ""
    temperature: Annotated[
        float,
        Meta(
            ge=0,
            le=2,
            title="Temperature",
            description="0 always takes the likeliest word; higher is more surprising.",
            extra={"step": 0.05},
        ),
    ] = 0.8
    top_p: Annotated[
        float,
        Meta(
            ge=0.01,
            le=1,
            title="Top-p",
            description="Choose among the likeliest words that together have this share.",
            extra={"step": 0.01},
        ),
    ] = 0.95
    length: Annotated[
        int,
        Meta(
            ge=1, le=32768, title="Length", description="At most so many tokens.", extra={"step": 1, "unit": "tokens"}
        ),
    ] = 120
    variants: Annotated[
        int, Meta(ge=1, le=4, title="Variants", description="How many texts to write side by side.", extra={"step": 1})
    ] = 1
    top_k: Annotated[
        int,
        Meta(
            ge=0,
            le=1000,
            title="Top-k",
            description="Choose among so many words; 0 is all.",
            extra={"step": 1, "group": "more"},
        ),
    ] = 50
    min_p: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            title="Min-p",
            description="Leave out words less likely than this share of the likeliest.",
            extra={"step": 0.01, "group": "more"},
        ),
    ] = 0.0
    repetition_penalty: Annotated[
        float,
        Meta(
            ge=1,
            le=2,
            title="Repetition penalty",
            description="Above 1, words that were used become less likely.",
            extra={"step": 0.01, "group": "more"},
        ),
    ] = 1.05
    stop: Annotated[
        tuple[str, ...],
        Meta(title="Stop at", description="End as soon as one of these is written.", extra={"group": "more"}),
    ] = ()
    seed: Annotated[
        int,
        Meta(
            ge=-1,
            title="Seed",
            description="The same seed and settings give the same text; -1 draws a new one.",
            extra={"widget": "seed", "group": "more", "maximum": LAST_SEED},
        ),
    ] = -1

    def __post_init__(self) -> None:
        hold_seed(self.seed)

    @property
    def opening(self) -> str:
        """What the text begins with before the model writes: a draft's prompt is a part of it, a question is none."""
        return self.prompt + self.begin if self.mode == "draft" else self.begin

    def going_on(self, text: str) -> Self:
        """The request that goes on from ``text``, which came of this one and may have been edited since."""
        if self.mode == "chat":
            return replace(self, begin=text, variants=1)
        kept = self.prompt if text.startswith(self.prompt) else ""
        return replace(self, prompt=kept or text, begin=text[len(kept) :] if kept else "", variants=1)


TASKS = (WriteTask,)
