"""Writing: a prompt continued, or the next answer of a chat, streamed as it comes."""

import logging
import secrets
import time
from collections.abc import Sequence
from functools import partial

import torch

from studio.core.context import Context
from studio.core.declare import LAST_SEED
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.core.values import Result, words
from studio.features.write.runs.prompt import Prompt, prompt_of
from studio.features.write.runs.row import Row
from studio.features.write.tasks.write import WriteFacts, WriteTask
from studio.ml.load.bounds import strangers
from studio.ml.load.explained import unreadable_tokenizer
from studio.ml.load.text import LanguageModel, load_language_model
from studio.ml.memory import with_less
from studio.ml.stopping import stoppable
from studio.ml.writing.going_on import continuation_logits
from studio.ml.writing.reader import Reader, fitting_threads
from studio.ml.writing.sampling import SamplingConfig, UsedTokens, sample_token

log = logging.getLogger(__name__)

DRAWN = 2**32
"""Seeds that are drawn are below this: short enough to be typed."""
PAUSE = 0.1
"""Seconds between two reports of how far it is."""


def write(task: WriteTask, context: Context) -> Result:
    """Write ``task.variants`` texts from one prompt, side by side. Variant k has the seed ``task.seed + k``.

    What doesn't fit into the model's memory is cut: the beginning of a draft, the oldest messages of a chat; the note
    "truncated" says how many tokens were left out. A variant that ends before its first word is no text to keep.

    Raises StudioError when that is so of all.
    """
    context.progress(0, 0, "Loading")
    writer = context.model("", load_language_model)
    context.check()
    with strangers(lambda error: unreadable_tokenizer(writer.path, error)):
        prompt = prompt_of(task, writer, context)
    if max(prompt.tokens) >= writer.size:
        raise StudioError(
            tr("This model's tokenizer belongs to another model: it writes words that the model doesn't know."),
            trouble="model_unusable",
        )
    count = len(prompt.tokens)
    length = min(task.length, writer.context - count) if writer.context else task.length
    first = task.seed if task.seed >= 0 else secrets.randbelow(DRAWN)
    seeds = [(first + index) % (LAST_SEED + 1) for index in range(task.variants)]
    rows = [Row(index, seed, task, writer, prompt, length) for index, seed in enumerate(seeds)]
    groups = [rows]
    writing = _Writing(task, writer, context, rows, prompt, length)

    def work() -> None:
        for group in groups:
            if rest := [row for row in group if not row.stopped]:
                writing.run(rest)

    def lessen() -> None:
        context.free()
        groups[:] = [[row] for row in rows]

    with fitting_threads(writer.model), stoppable([writer.model], partial(context.yield_to_frames, often=True)):
        with_less(work, lessen, tr("Ask for fewer variants or a shorter text, or choose a smaller model."))
    if not any(row.text.strip() for row in rows):
        raise StudioError(
            tr("The model stopped at once and wrote nothing. Start a sentence for it to continue, or try other words.")
        )
    return Result(notes=WriteFacts(seed=first, prompt_tokens=count, truncated=prompt.cut).to_notes())


class _Writing:
    """One run of the model over one prompt, for the variants that are still to be written."""

    def __init__(
        self,
        task: WriteTask,
        writer: LanguageModel,
        context: Context,
        all_rows: Sequence[Row],
        prompt: Prompt,
        length: int,
    ) -> None:
        self._task = task
        self._writer = writer
        self._context = context
        self._all = all_rows
        self._prompt = prompt
        self._length = length
        self._special = sorted({*writer.special, *prompt.ends})
        self._sampling = SamplingConfig(task.temperature, task.top_k, task.top_p, task.min_p)
        self._told = 0.0
        self._started = 0.0
        self._broken = ""
        """Why the model could not go on."""

    @torch.inference_mode()
    def run(self, rows: list[Row]) -> None:
        """Write ``rows`` to their end. A single row goes on where it was left; several stand at their beginning."""
        device = self._writer.device
        ids = torch.tensor([*self._prompt.tokens, *(rows[0].tokens if len(rows) == 1 else ())], device=device)
        reader = Reader(self._writer.model)
        with strangers(self._cannot_go_on):
            logits = reader.begin(ids, len(rows), lambda done: self._read(done, len(ids)))
        used = UsedTokens(len(rows), logits.shape[-1], ids, torch.tensor(self._special, dtype=torch.long), device)
        self._started = time.perf_counter()
        while True:
            self._tell()
            tokens = self._pick(used.penalize(logits, self._task.repetition_penalty), rows)
            for row, token in zip(rows, tokens.tolist(), strict=True):
                if not row.stopped:
                    self._take(row, row.add(token))
            going = [place for place, row in enumerate(rows) if not row.stopped]
            if not going:
                return
            used.add(tokens)
            if len(going) < len(rows) and reader.splits:
                kept = torch.tensor(going, device=device)
                reader.keep(kept)
                used.keep(kept)
                rows, tokens = [rows[place] for place in going], tokens[kept]
            try:
                with strangers(self._cannot_go_on):
                    logits = reader.next(tokens[:, None])
            except StudioError as error:
                self._break_off(rows, error)
                return

    def _pick(self, logits: torch.Tensor, rows: Sequence[Row]) -> torch.Tensor:
        """The next tokens; of a row that goes on from a text and has no word yet only such as are words."""
        if any(row.wants_words for row in rows):
            logits = torch.stack([self._words(scores, row) for scores, row in zip(logits, rows, strict=True)])
        uniform = torch.tensor([row.uniform() for row in rows])
        return sample_token(logits, self._sampling, uniform)

    def _words(self, scores: torch.Tensor, row: Row) -> torch.Tensor:
        if not row.wants_words:
            return scores
        return continuation_logits(scores, self._special, self._writer.tokenizer, [*self._prompt.tokens, *row.tokens])

    def _break_off(self, rows: Sequence[Row], error: StudioError) -> None:
        """Keep what was written before the model failed, where anything was."""
        if not any(row.text.strip() for row in self._all):
            raise error
        self._broken = error.message
        for row in rows:
            if not row.stopped:
                self._take(row, row.stop("broken"))

    def _take(self, row: Row, shown: str) -> None:
        if shown:
            self._context.words(shown, row.index)
        if row.stopped and row.text.strip():
            self._context.made(words(self._task.opening + row.text, self._facts(row)))

    def _facts(self, row: Row) -> WriteFacts:
        task, seconds = self._task, max(time.perf_counter() - self._started, 1e-6)
        return WriteFacts(
            seed=row.seed,
            index=row.index,
            tokens=len(row.tokens),
            tokens_per_second=round(len(row.tokens) / seconds, 2),
            stopped=row.stopped,
            no_words=not task.opening.strip() and not task.prompt.strip() and not task.history,
            truncated=self._prompt.cut,
            unread="instructions" if self._prompt.unread else "",
            tied=self._writer.tied,
            context=self._writer.context if row.stopped == "context" else 0,
            broken=(self._broken,) if row.stopped == "broken" else (),
        )

    def _cannot_go_on(self, error: BaseException) -> StudioError:
        log.warning("%s could not go on", self._writer.path, exc_info=error)
        return StudioError(
            tr(
                "The model {path} couldn't continue. Ask for a shorter text, or choose another model.",
                path=self._writer.path,
            ),
            trouble="model_unusable",
        )

    def _read(self, done: int, total: int) -> None:
        self._context.progress(done, total, "Reading")

    def _tell(self) -> None:
        """Say how far it is, now and then; let frames in, and stop here if that is wanted."""
        self._context.yield_to_frames(often=True)
        now = time.perf_counter()
        if now - self._told < PAUSE:
            return
        self._told = now
        done = sum(self._length if row.stopped else len(row.tokens) for row in self._all)
        self._context.progress(done, self._length * len(self._all), "Writing")
