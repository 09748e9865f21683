"""Writing: a prompt continued, or the next answer of a chat, streamed as it comes."""

import bisect
import secrets
import time
from collections.abc import Sequence
from functools import partial

import torch

from studio.core.context import Context
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.core.values import Result, words
from studio.features.write.task import Turn, WriteTask
from studio.ml.load.bounds import first_line, strangers
from studio.ml.load.text import Writer, load_writer
from studio.ml.memory import with_less
from studio.ml.stopping import stoppable
from studio.ml.writing.chat import chat_tokens
from studio.ml.writing.choose import Choice, Used, pick
from studio.ml.writing.reader import Reader, fitting_threads
from studio.ml.writing.stream import Characters, StopStrings

SEEDS = 2**32
PIECE = 100_000
"""Characters of a draft that are made into tokens at a time."""

PAUSE = 0.1
"""Seconds between two reports of how far it is."""


def write(task: WriteTask, context: Context) -> Result:
    """Write ``task.variants`` texts from one prompt, side by side. Variant k has the seed ``task.seed + k``.

    What doesn't fit into the model's memory is cut: the beginning of a draft, the oldest messages of a chat; the note
    "truncated" says how many tokens were left out. A variant that ends before its first word is no text to keep.

    Raises StudioError when that is so of all.
    """
    context.progress(0, 0, "Loading")
    writer = context.model("", load_writer)
    context.check()
    with strangers(lambda error: _cannot_read(writer, error)):
        prompt, cut = _prompt(task, writer, context)
    if max(prompt) >= writer.size:
        raise StudioError(
            tr("This model's tokenizer belongs to another model: it writes words that the model doesn't know."),
            trouble="model_unusable",
        )
    length = min(task.length, writer.context - len(prompt)) if writer.context else task.length
    first = task.seed if task.seed >= 0 else secrets.randbelow(SEEDS)
    variants = [_Variant(index, (first + index) % SEEDS, task, writer, prompt) for index in range(task.variants)]
    groups = [variants]

    def work() -> None:
        for group in groups:
            if rest := [variant for variant in group if not variant.stopped]:
                _Writing(task, writer, context, variants, length).run(rest, prompt)

    def lessen() -> None:
        context.free()
        groups[:] = [[variant] for variant in variants]

    with fitting_threads(writer.model), stoppable([writer.model], partial(context.let_in, often=True)):
        with_less(work, lessen, tr("Ask for fewer variants or a shorter text, or choose a smaller model."))
    if not any(variant.text.strip() for variant in variants):
        raise StudioError(
            tr("The model ended at once and wrote nothing. Begin a sentence for it to go on with, or try other words.")
        )
    notes = {"seed": first, "prompt_tokens": len(prompt)}
    return Result(notes={**notes, "truncated": cut} if cut else notes)


class _Variant:
    """One of the texts: its tokens, its luck, and what of it can be shown."""

    def __init__(self, index: int, seed: int, task: WriteTask, writer: Writer, prompt: Sequence[int]) -> None:
        self.index = index
        self.seed = seed
        self.tokens: list[int] = []
        self.text = ""
        self.stopped = ""
        self._luck = torch.Generator().manual_seed(seed)
        self._characters = Characters(writer.tokenizer, prompt)
        self._stops = StopStrings(task.stop)
        self._known = writer.tokenizer.added_tokens_encoder
        self._ends = writer.ends | {self._known[stop] for stop in task.stop if stop in self._known}

    def luck(self) -> float:
        """A number from 0 to 1: which of the candidates is taken."""
        return torch.rand((), generator=self._luck).item()

    def add(self, token: int, length: int) -> str:
        """Take one more token. Returns the text to show; ``stopped`` says if it was the last one."""
        if token in self._ends:
            return self._stop("end")
        self.tokens.append(token)
        shown = self._stops.push(self._characters.push(token))
        self.text += shown
        if self._stops.met:
            self.stopped = "stop"
        elif len(self.tokens) >= length:
            return shown + self._stop("length")
        return shown

    def _stop(self, why: str) -> str:
        rest = self._stops.push(self._characters.flush()) + self._stops.flush()
        self.stopped = "stop" if self._stops.met else why
        self.text += rest
        return rest


class _Writing:
    """One run of the model over one prompt, for the variants that are still to be written."""

    def __init__(
        self, task: WriteTask, writer: Writer, context: Context, variants: Sequence[_Variant], length: int
    ) -> None:
        self._task = task
        self._writer = writer
        self._context = context
        self._variants = variants
        self._length = length
        self._choice = Choice(task.temperature, task.top_k, task.top_p, task.min_p)
        self._told = 0.0

    @torch.inference_mode()
    def run(self, rows: list[_Variant], prompt: Sequence[int]) -> None:
        """Write ``rows`` to their end. A single row goes on where it was left; several stand at their beginning."""
        device = self._writer.device
        ids = torch.tensor([*prompt, *(rows[0].tokens if len(rows) == 1 else ())], device=device)
        reader = Reader(self._writer.model)
        logits = reader.begin(ids, len(rows), lambda done: self._read(done, len(ids)))
        used = Used(len(rows), logits.shape[-1], ids, torch.tensor(self._writer.special, dtype=torch.long), device)
        start = time.perf_counter()
        while True:
            self._tell()
            tokens = self._pick(used.weigh(logits, self._task.repetition_penalty), rows)
            for row, token in zip(rows, tokens.tolist(), strict=True):
                if not row.stopped:
                    self._take(row, token, start)
            going = [place for place, row in enumerate(rows) if not row.stopped]
            if not going:
                return
            used.add(tokens)
            if len(going) < len(rows) and reader.splits:
                kept = torch.tensor(going, device=device)
                reader.keep(kept)
                used.keep(kept)
                rows, tokens = [rows[place] for place in going], tokens[kept]
            logits = reader.next(tokens[:, None])

    def _pick(self, logits: torch.Tensor, rows: Sequence[_Variant]) -> torch.Tensor:
        luck = torch.tensor([row.luck() for row in rows])
        return pick(logits, self._choice, luck)

    def _take(self, row: _Variant, token: int, start: float) -> None:
        shown = row.add(token, self._length)
        if shown:
            self._context.words(shown, row.index)
        if row.stopped and row.text.strip():
            seconds = max(time.perf_counter() - start, 1e-6)
            self._context.made(
                words(
                    self._task.opening + row.text,
                    seed=row.seed,
                    index=row.index,
                    tokens=len(row.tokens),
                    tokens_per_second=round(len(row.tokens) / seconds, 2),
                    stopped=row.stopped,
                )
            )

    def _read(self, done: int, total: int) -> None:
        self._context.progress(done, total, "Reading")

    def _tell(self) -> None:
        """Say how far it is, now and then; let frames in, and stop here if that is wanted."""
        self._context.let_in(often=True)
        now = time.perf_counter()
        if now - self._told < PAUSE:
            return
        self._told = now
        done = sum(self._length if variant.stopped else len(variant.tokens) for variant in self._variants)
        self._context.progress(done, self._length * len(self._variants), "Writing")


def _cannot_read(writer: Writer, error: BaseException) -> StudioError:
    return StudioError(
        tr("The tokenizer in {path} can't read this text: {why}", path=writer.path, why=first_line(error)),
        trouble="model_unusable",
    )


def _prompt(task: WriteTask, writer: Writer, context: Context) -> tuple[list[int], int]:
    """What the model reads, and how many tokens of it had to be left out."""
    room = max(writer.context - task.length, writer.context // 2) if writer.context else 0
    if task.mode == "chat":
        return _chat(task, writer, room, context)
    return _draft(task.opening, writer, room, context)


def _draft(text: str, writer: Writer, room: int, context: Context) -> tuple[list[int], int]:
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
        raise StudioError(tr("This model can't write without a beginning. Type at least one word."))
    cut = len(ids) - room if room else 0
    if cut <= 0:
        return ids, 0
    lead = 1 if ids[0] == tokenizer.bos_token_id else 0
    return ids[:lead] + ids[lead + cut :], cut


def pieces(text: str) -> list[str]:
    """``text`` in pieces that a tokenizer takes some tenths of a second for, cut before a space where there is one."""
    found = []
    while len(text) > PIECE:
        cut = max(text.rfind(gap, PIECE // 2, PIECE) for gap in ("\n", " "))
        cut = cut if cut > 0 else PIECE
        found.append(text[:cut])
        text = text[cut:]
    return [*found, text]


def _chat(task: WriteTask, writer: Writer, room: int, context: Context) -> tuple[list[int], int]:
    """The whole chat where it fits; else the instructions, the question, and as many of the last messages as fit."""
    system = ([Turn("system", task.system)] if task.system else []) + [
        turn for turn in task.history if turn.role == "system"
    ]
    talk = [turn for turn in task.history if turn.role != "system"]
    asked = [Turn("user", task.prompt)] if task.prompt or not talk or talk[-1].role != "user" else []

    def tokens(first: int) -> list[int]:
        turns = [*system, *talk[first:], *asked]
        messages = [{"role": turn.role, "content": turn.text} for turn in turns]
        return chat_tokens(writer.tokenizer, messages, task.begin, context.check)

    whole = tokens(0)
    if not whole:
        raise StudioError(
            tr("The chat template in {path} writes nothing. Use the model in Draft mode.", path=writer.path),
            trouble="model_unusable",
        )
    if not room or len(whole) <= room:
        return whole, 0
    starts = [place for place, turn in enumerate(talk) if place and turn.role == "user"]
    starts += [len(talk)] if asked else []
    first = bisect.bisect_left(starts, True, key=lambda start: len(tokens(start)) <= room)
    found = tokens(starts[min(first, len(starts) - 1)]) if starts else whole
    if len(found) >= writer.context:
        raise StudioError(
            tr(
                "This is too long for the model: {count} tokens, and it sees {limit} at once. Shorten it.",
                count=len(found),
                limit=writer.context,
            )
        )
    return found, len(whole) - len(found)
