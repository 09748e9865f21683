"""Runs requests without a window: the same tasks, engine and library, with output to the terminal."""

import argparse
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from studio import __version__
from studio.cli.flags import add_flags, read_task
from studio.cli.prepare import POOL, prepare
from studio.cli.shape import with_shape
from studio.cli.terminal import Terminal
from studio.cli.values import read_address
from studio.core.abilities import fits, why_unable
from studio.core.context import Models
from studio.core.engine_config import EngineConfig
from studio.core.errors import StudioError
from studio.core.events import Cancelled, Done, Failed, Final, Made, Message, Progress, TextDelta
from studio.core.pace import Pace
from studio.core.person import expanded
from studio.core.resources import BUNDLED, starters
from studio.core.task import Task, room_of
from studio.core.text import tr
from studio.core.values import Asset, Job
from studio.engine.local import LocalEngine
from studio.features import task_types
from studio.files.errors import make_folder
from studio.files.hashes import model_hash
from studio.library.library import Library
from studio.library.paths import Paths
from studio.models.catalogue import Model, ModelCatalogue, inspect_model
from studio.models.parts import why_parts_unfit

DONE, FAILED, WRONG, STOPPED = 0, 1, 2, 130
"""Exit statuses. 130 is the shells' status for a program ended by Ctrl+C."""


def main(argv: Sequence[str]) -> int:
    """Run the request in ``argv``. Returns the exit status."""
    paths, config = prepare()
    tasks = task_types()
    given = vars(_parser(tasks).parse_args(argv))
    task_type = tasks[given.pop("command")]
    try:
        model = _model(given.pop("model"), task_type) if task_type.needs else None
        out = given.pop("out")
        defaults = model.defaults if model else {}
        task = read_task(task_type, with_shape(task_type, _with_prompt(given), defaults), defaults)
        if model and (
            why := why_unable(model.name, model.can, task.needed()) or why_parts_unfit(task, model, _model_at)
        ):
            raise StudioError(why, "model_unusable")
    except StudioError as error:
        print(error, file=sys.stderr)
        return FAILED if error.trouble.startswith("model") else WRONG
    return _make(Job(task=task, model=model.address if model else ""), model, paths, config, out)


def _parser(tasks: Mapping[str, type[Task]]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="triptych" if Path(sys.argv[0]).stem == "triptych" else "python3 main.py",
        description=tr("A local AI creative studio. Without a command, the window opens."),
        epilog=tr("Progress goes to stderr; paths of new files, or the text as it is written, go to stdout."),
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for kind, task_type in tasks.items():
        about = tr((task_type.__doc__ or "").strip().splitlines()[0].replace("`", ""))
        command = commands.add_parser(kind, help=about, description=about, allow_abbrev=False)
        add_flags(command, task_type)
        if task_type.needs:
            command.add_argument(
                "--model",
                default="",
                metavar="ADDRESS",
                help=tr("the folder or file of a model, or starter:NAME; the bundled one by default. Options that "
                        "aren't given use the model's own value, or the one in brackets."),
            )  # fmt: skip
        command.add_argument(
            "--out",
            type=Path,
            metavar="FOLDER",
            help=tr("where to put the files; the day's folder of the library by default"),
        )
    commands.add_parser("doctor", help=tr("Report what is installed, what is missing and how to get it."))
    return parser


def _with_prompt(given: Mapping[str, Any]) -> dict[str, Any]:
    """Read a prompt of "-" from stdin, without the final newline, which the shell adds."""
    return {**given, "prompt": sys.stdin.read().removesuffix("\n")} if given.get("prompt") == "-" else dict(given)


def _model(asked: str, task_type: type[Task]) -> Model:
    """The requested model, or the bundled one of the task's room. Raises StudioError."""
    if asked:
        model = _model_at(read_address(asked))
    else:
        model = next((each for each in ModelCatalogue(starters()).scan() if fits(each.can, task_type.needs)), None)
    if model is None:
        here = ", ".join(each.address for each in ModelCatalogue(starters()).scan())
        raise StudioError(
            tr("There is no bundled model {name}. Available: {names}.",
               name=asked or f"for {room_of(task_type)}", names=here or "-"), "model_missing")  # fmt: skip
    if not model.usable:
        raise StudioError(model.reason, "model_unusable")
    return model


def _model_at(address: str) -> Model | None:
    """What is there, whatever it is; None for a bundled model that there is not."""
    if not address.startswith(BUNDLED):
        return inspect_model(Path(address))
    return next((model for model in ModelCatalogue(starters()).scan() if model.address == address), None)


def _make(job: Job, model: Model | None, paths: Paths, config: EngineConfig, out: Path | None) -> int:
    out = expanded(out).absolute() if out else None
    try:
        if out is not None:
            make_folder(out)  # fail now rather than when the work is done
        library = Library(paths)
    except StudioError as error:
        print(error, file=sys.stderr)
        return FAILED
    try:
        return _Making(job, model, library, config, out).run()
    finally:
        library.close()


class _Making:
    """One job from submission to end, in this thread."""

    def __init__(self, job: Job, model: Model | None, library: Library, config: EngineConfig, out: Path | None) -> None:
        self._job, self._library, self._out = job, library, out
        self._model_name, self._model_hash = (model.name, model_hash(model.path)) if model else ("", "")
        self._terminal = Terminal()
        self._streams = getattr(job.task, "variants", 1) == 1
        """Several texts at a time can't be streamed to one terminal: then each is shown when it is whole."""
        self._opening: str = getattr(job.task, "opening", "")
        """What a text begins with before the model writes; "" once it is told."""
        self._things = int(getattr(job.task, "count", 1))
        self._pace = Pace(self._things)
        self._final: Final | None = None
        self._unsaved: StudioError | None = None
        self._stopping = False
        self._said: set[str] = set()
        module, _, name = POOL.partition(":")
        models: Models = getattr(importlib.import_module(module), name)()
        self._engine = LocalEngine(models, config)

    def run(self) -> int:
        """Handle the engine's messages until the job has ended. Returns the exit status."""
        before = signal.signal(signal.SIGINT, self._interrupted)
        try:
            self._engine.submit(self._job)
            self._engine.serve(self._take)
        finally:
            signal.signal(signal.SIGINT, before)
        return self._end()

    def _take(self, message: Message) -> None:
        match message:
            case Progress(_, done, total, stage):
                self._pace.tell(done, total, stage, time.monotonic())
                several = self._things > 1 and total > 0
                if several:
                    self._terminal.progress(done, total, self._pace.where(), self._pace.sentence())
                else:
                    self._terminal.progress(done, total, tr(stage))
            case TextDelta(_, text, index) if self._streams and index == 0:
                self._terminal.stream(self._opening + text)
                self._opening = ""
            case Made(_, asset):
                self._keep(asset)
            case Done() | Failed() | Cancelled():
                self._final = message
                self._engine.close()
        if self._terminal.deaf and self._final is None:
            self._engine.cancel(self._job.id)

    def _keep(self, asset: Asset) -> None:
        try:
            item = self._library.keep(self._job, asset, self._model_name, self._out, self._model_hash)
        except StudioError as error:
            self._unsaved = error
            self._engine.cancel(self._job.id)
            return
        if asset.kind != "words":
            self._remark(asset.notes)
            self._terminal.result(item.path)
            return
        if self._streams:
            self._terminal.end_stream()
        else:
            self._terminal.block(asset.text)
        self._remark(asset.notes)
        self._terminal.note(item.path)

    def _remark(self, notes: Mapping[str, Any]) -> None:
        """Print each remark on the result once."""
        for sentence in type(self._job.task).facts.of(notes).remarks():
            if sentence not in self._said:
                self._said.add(sentence)
                self._terminal.note(sentence)

    def _end(self) -> int:
        self._terminal.end_stream()
        if self._unsaved is not None:
            self._terminal.note(self._unsaved.message)
            return FAILED
        match self._final:
            case Done(result=result):
                self._remark(result.notes)
                return FAILED if self._terminal.deaf else DONE
            case Failed(message=message):
                self._terminal.note(message)
                return FAILED
            case _:
                self._terminal.note(tr("Stopped."))
                return FAILED if self._terminal.deaf else STOPPED

    def _interrupted(self, signum: int, frame: FrameType | None) -> None:
        """Ctrl+C: stop the job; the second time, quit at once. Saved files are complete either way."""
        del signum, frame
        if self._stopping:
            os._exit(STOPPED)
        self._stopping = True
        # In another thread: this one may hold the locks that a cancel needs.
        threading.Thread(target=self._stop, name="stop").start()

    def _stop(self) -> None:
        self._terminal.note(tr("Stopping. Press Ctrl+C again to quit immediately."))
        self._engine.cancel(self._job.id)
