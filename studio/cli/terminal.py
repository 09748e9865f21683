"""Terminal output: progress and remarks on stderr, results on stdout."""

import os
import sys

_CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"}
"""Control characters that would move the cursor, change the title or worse: a model may write anything."""


class Terminal:
    """Keeps the progress line, streamed text and whole lines from mixing."""

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
        """Show progress: one line that updates on a terminal, one line per stage in a file.

        ``words`` replace the default text when several items are made.
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
        """Print more of the streamed text."""
        if not text:
            return
        self._clear()
        self._streaming = True
        self._in_line = not text.endswith("\n")
        self._write(text)

    def end_stream(self) -> None:
        """End the line of the streamed text."""
        if self._in_line:
            self._in_line = False
            self._write("\n")

    def block(self, text: str) -> None:
        """Print one of several whole texts, followed by an empty line."""
        self._clear()
        self._write(f"{text.rstrip()}\n\n")

    def result(self, path: str) -> None:
        """Print the path of a new file."""
        self._clear()
        self._write(f"{path}\n")

    def note(self, words: str) -> None:
        """Print a remark."""
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
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python's final flush fails again
