"""What the model reads: the draft or the chat as tokens, cut to what it sees at once."""

import bisect
from dataclasses import dataclass

from studio.core.context import Context
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.features.write.tasks.write import Turn, WriteTask
from studio.ml.load.text import LanguageModel
from studio.ml.writing.chat import ChatPrompt, ChatWriter

PIECE = 100_000
"""Characters of a draft that are made into tokens at a time."""


@dataclass(frozen=True)
class Prompt:
    """What the model reads, and how its answer ends."""

    tokens: list[int]
    cut: int = 0
    """How many tokens had to be left out."""
    ends: frozenset[int] = frozenset()
    stops: tuple[str, ...] = ()
    unread: bool = False
    """Whether the chat template leaves the instructions out."""


def prompt_of(task: WriteTask, writer: LanguageModel, context: Context) -> Prompt:
    """What the model is to read for ``task``. Raises StudioError when it can't be written or doesn't fit."""
    room = max(writer.context - task.length, writer.context // 2) if writer.context else 0
    if task.mode == "chat":
        return _chat(task, writer, room, context)
    return _draft(task.opening, writer, room, context)


def _draft(text: str, writer: LanguageModel, room: int, context: Context) -> Prompt:
    tokenizer = writer.tokenizer
    ids: list[int] = []
    for piece in pieces(text):
        context.check()
        ids += tokenizer.encode(piece, add_special_tokens=not ids)
    if len(ids) > 1 and ids[-1] == tokenizer.eos_token_id and not text.endswith(tokenizer.eos_token):
        ids = ids[:-1]
    if not ids:
        ids = [token for token in (tokenizer.bos_token_id, tokenizer.eos_token_id) if token is not None][:1]
    if not ids:
        raise StudioError(tr("This model can't write without a start. Type at least one word."))
    cut = len(ids) - room if room else 0
    if cut <= 0:
        return Prompt(ids)
    lead = 1 if ids[0] == tokenizer.bos_token_id else 0
    return Prompt(ids[:lead] + ids[lead + cut :], cut)


def pieces(text: str) -> list[str]:
    """``text`` in pieces that a tokenizer takes some tenths of a second for, cut before a space where there is one."""
    found = []
    while len(text) > PIECE:
        cut = max(text.rfind(gap, PIECE // 2, PIECE) for gap in ("\n", " "))
        cut = cut if cut > 0 else PIECE
        found.append(text[:cut])
        text = text[cut:]
    return [*found, text]


def _chat(task: WriteTask, writer: LanguageModel, room: int, context: Context) -> Prompt:
    """The whole chat where it fits; else the instructions, the question, and as many of the last messages as fit."""
    system = ([Turn("system", task.system)] if task.system else []) + [
        turn for turn in task.history if turn.role == "system"
    ]
    talk = [turn for turn in task.history if turn.role != "system"]
    asked = [Turn("user", task.prompt)] if task.prompt or not talk or talk[-1].role != "user" else []

    def chat(first: int) -> ChatPrompt:
        turns = [*system, *talk[first:], *asked]
        return chats.prompt([{"role": turn.role, "content": turn.text} for turn in turns], task.begin)

    with ChatWriter(writer.tokenizer, context.check) as chats:
        found = whole = chat(0)
        if not room or len(whole.tokens) <= room:
            return _as_read(whole, 0)
        starts = [place for place, turn in enumerate(talk) if place and turn.role == "user"]
        starts += [len(talk)] if asked else []
        first = bisect.bisect_left(starts, True, key=lambda start: len(chat(start).tokens) <= room)
        if starts:
            found = chat(starts[min(first, len(starts) - 1)])
    if len(found.tokens) >= writer.context:
        raise StudioError(
            tr(
                "This is too long for the model: {count} tokens, and its limit is {limit}. Shorten it.",
                count=len(found.tokens),
                limit=writer.context,
            )
        )
    return _as_read(found, len(whole.tokens) - len(found.tokens))


def _as_read(chat: ChatPrompt, cut: int) -> Prompt:
    return Prompt(chat.tokens, cut, chat.ends, chat.stops, chat.unread)
