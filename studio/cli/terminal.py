"""What a terminal is told: progress and remarks on stderr, results on stdout."""

import os
import sys

_CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"}
"""What would move the cursor, change the title or worse: a model may write anything."""


class Terminal:
    """Keeps the line of progress, the streamed text and whole lines from running into each other."""

    def __init__(self) -> None:
        self.deaf = False
        """True once nobody reads stdout any more."""
        self._shown = ""
        """The line of progress that stands on the terminal."""
        self._stage = ""
        self._streaming = False
        self._in_line = False
        """True while the streamed text hasn't ended its line."""

    def progress(self, done: int, total: int, stage: str, words: str = "") -> None:
        """Say how far the work is: as one line that changes on a terminal, as a line a stage in a file.

        ``words`` say it better where several things are made.
        """
        line = words or (f"{stage} {done}/{total}" if total else stage)
        if not sys.stderr.isatty():
            if stage != self._stage:
                print(line, file=sys.stderr, flush=True)
        elif not (self._streaming and sys.stdout.isatty()):
            sys.stderr.write("\r" + line.ljust(len(self._shown)))
            sys.stderr.flush()
            self._shown = line
        self._stage = stage

    def stream(self, text: str) -> None:
        """More of the text that is being written."""
        if not text:
            return
        self._clear()
        self._streaming = True
        self._in_line = not text.endswith("\n")
        self._write(text)

    def end_stream(self) -> None:
        """The streamed text is whole: end its line."""
        if self._in_line:
            self._in_line = False
            self._write("\n")

    def block(self, text: str) -> None:
        """One of several texts, whole, with an empty line after it."""
        self._clear()
        self._write(f"{text.rstrip()}\n\n")

    def result(self, path: str) -> None:
        """The path of a thing that was made."""
        self._clear()
        self._write(f"{path}\n")

    def note(self, words: str) -> None:
        """A remark."""
        self._clear()
        if self._in_line and sys.stdout.isatty():
            self.end_stream()
        print(words, file=sys.stderr, flush=True)

    def _clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r" + " " * len(self._shown) + "\r")
            sys.stderr.flush()
            self._shown = ""

    def _write(self, text: str) -> None:
        if self.deaf:
            return
        try:
            sys.stdout.write(text.translate(_CONTROLS) if sys.stdout.isatty() else text)
            sys.stdout.flush()
        except BrokenPipeError:
            self.deaf = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python's last flush fails again
