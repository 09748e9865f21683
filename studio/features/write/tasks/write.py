"""What a person asks of the Write room."""

from typing import Annotated, ClassVar, Literal, Self

import msgspec
from msgspec.structs import replace

from studio.core import declare
from studio.core.facts import Facts, remark_on_cut
from studio.core.override import override
from studio.core.task import Task, hold_seed
from studio.core.text import tr


class Turn(msgspec.Struct, frozen=True):
    """One earlier message of a chat."""

    role: Literal["system", "user", "assistant"]
    text: Annotated[str, declare.text()]


class WriteFacts(Facts, frozen=True):
    """What is known of a text, or of the run that wrote several."""

    seed: int | None = None
    index: int | None = None
    tokens: int | None = None
    tokens_per_second: float | None = None
    stopped: str = ""
    """Why it ends."""
    prompt_tokens: int | None = None
    no_words: bool = False
    """Whether there was no prompt."""
    truncated: int = 0
    """Tokens of the prompt that the model did not read."""
    unread: Literal["", "instructions"] = ""
    tied: bool = False
    """Whether the layer that reads words was taken for the one that writes them."""
    context: int = 0
    """Tokens that the model sees at once, where the text ends for that."""
    broken: tuple[str, ...] = ()
    """Why the model could not go on."""
    begins: str = ""
    """The first words, as the library has them."""

    @override
    def remarks(self) -> list[str]:
        """See ``Facts``."""
        found = [remark_on_cut(self.truncated)] if self.truncated else []
        if self.no_words:
            found.append(tr("There was no prompt, so the model wrote whatever it liked."))
        if self.unread == "instructions":
            found.append(tr("This model's chat template leaves the instructions out."))
        if self.tied:
            found.append(
                tr("The model's files contain no output layer (lm_head), so its input embedding was used instead.")
            )
        if self.context:
            found.append(tr("The text ends here: the model can't take more than {count} tokens.", count=self.context))
        return [*found, *self.broken]


class WriteTask(Task, frozen=True, kw_only=True):
    """Text from a language model: a continued prompt, or the next answer in a chat."""

    kind: ClassVar[str] = "write"
    runner: ClassVar[str] = "studio.features.write.runs.write:write"
    needs = ("text>text",)
    facts = WriteFacts

    prompt: Annotated[str, declare.prompt("Prompt", "The text to continue, or what to ask.")] = ""
    mode: Annotated[
        Literal["draft", "chat"],
        declare.choice(
            "Mode", "Draft continues your text. Chat asks a question, and needs a model with a chat template."
        ),
    ] = "draft"
    system: Annotated[str, declare.text("Instructions", "How the model should behave in a chat.", more=True)] = ""
    history: Annotated[
        tuple[Turn, ...], declare.nested("History", "The earlier messages in the chat.", hidden=True)
    ] = ()
    begin: Annotated[str, declare.text("Beginning", "The answer so far, to continue from.", hidden=True)] = ""
    temperature: Annotated[
        float,
        declare.number(
            "Temperature",
            "0 always picks the most likely word; higher values are more surprising.",
            ge=0,
            le=2,
            step=0.05,
        ),
    ] = 0.8
    top_p: Annotated[
        float,
        declare.number(
            "Top-p",
            "Choose only among the most likely words whose probabilities add up to this.",
            ge=0.01,
            le=1,
            step=0.01,
        ),
    ] = 0.95
    length: Annotated[
        int, declare.number("Length", "The maximum number of tokens to write.", ge=1, le=32768, step=1, unit="tokens")
    ] = 120
    variants: Annotated[
        int, declare.number("Variants", "How many texts to write side by side.", ge=1, le=4, step=1)
    ] = 1
    top_k: Annotated[
        int,
        declare.number(
            "Top-k",
            "Choose only among this many of the most likely words; 0 means all.",
            ge=0,
            le=1000,
            step=1,
            more=True,
        ),
    ] = 50
    min_p: Annotated[
        float,
        declare.number(
            "Min-p",
            "Leave out words less likely than this fraction of the most likely one.",
            ge=0,
            le=1,
            step=0.01,
            more=True,
        ),
    ] = 0.0
    repetition_penalty: Annotated[
        float,
        declare.number(
            "Repetition penalty", "Above 1, words already used become less likely.", ge=1, le=2, step=0.01, more=True
        ),
    ] = 1.05
    stop: Annotated[
        tuple[str, ...], declare.text("Stop at", "Stop as soon as one of these is written.", more=True)
    ] = ()
    seed: Annotated[
        int,
        declare.seed(
            "Seed", "The same seed and settings give the same text; -1 picks a new seed.", ge=-1, look="seed", more=True
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
