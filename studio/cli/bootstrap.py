"""The bootstrap: runs the command in a complete environment, which is set up first if there is none."""

import os
import sys
from collections.abc import Sequence
from typing import NamedTuple

from studio.cli import environment, system
from studio.core.errors import StudioError
from studio.core.text import tr, use_language

HELP = """\
usage: python3 main.py [--yes] [--torch BUILD] [COMMAND ...]

Without a command the window opens. The first start makes .venv beside this file, and asks before it downloads.

  test [ARGUMENTS]  run the tests; the arguments go to pytest
  test --torture    the long tests of faults and hostile files, which take half an hour, and a table of what was tried
  doctor            say what is here, what is missing and how to get it
  COMMAND --help    once that is done: image, write, latent... make things without a window

  --yes             download without asking
  --torch BUILD     which build of torch: cpu, auto (for the card that is here), or another name that uv knows
"""

SPREAD = ("--numprocesses", "logical", "--maxprocesses", "4", "--dist", "loadfile")
"""What pytest is given for the whole suite: a process for each core, up to so many, since each takes 1.5 GB."""
TORTURE = (
    "tests/torture", "tests/faults", "tests/hostile", "-o", "addopts=--strict-markers --import-mode=importlib",
    "-o", "faulthandler_timeout=15000",
)  # fmt: skip
"""pytest's arguments for ``--torture``: by default it skips the long tests and has a timeout."""


class Asked(NamedTuple):
    """The command line without the bootstrap's own options."""

    rest: list[str]
    yes: bool = False
    torch: str = ""

    @property
    def command(self) -> str:
        """The first argument."""
        return self.rest[0] if self.rest else ""


def enter(argv: Sequence[str]) -> int:
    """Run ``argv``: here if this Python has everything, else in ``.venv``. Returns the exit status."""
    system.use_utf8()
    use_language(system.language())  # until the settings are read
    try:
        asked = read(argv)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    tests = asked.command == "test"
    if environment.inside() and (asked.torch or not environment.is_ready(tests)):
        # An environment can't rebuild itself: the Python that it was created from does.
        return _hand_over(str(getattr(sys, "_base_executable", "python3")), [_main(), *argv])
    python = _python_with_all(tests)
    if python is None and asked.command in ("-h", "--help"):
        print(HELP, end="")
        return 0
    if python is None and environment.is_out_of_reach():
        print(
            tr(
                "You don't have permission to use {path}: it, or the Python in it, belongs to another user. Start "
                "Triptych as that user, or from your own copy of its folder without .venv.",
                path=environment.VENV,
            ),
            file=sys.stderr,
        )
        return 1
    if (python is None or asked.torch) and asked.command != "doctor":
        from studio.cli import install

        if status := install.run(python, asked.rest, tests=tests, torch=asked.torch, yes=asked.yes):
            return status
        python = python or str(environment.PYTHON)
    return _continue_in(python or sys.executable, asked)


def read(argv: Sequence[str]) -> Asked:
    """Extract ``--yes`` and ``--torch``, wherever they are. Raises ValueError for ``--torch`` without a value."""
    rest, yes, torch = [], False, ""
    words = iter(argv)
    for word in words:
        if word == "--yes":
            yes = True
        elif word == "--torch" or word.startswith("--torch="):
            torch = word.partition("=")[2] or next(words, "")
            if not torch or torch.startswith("-"):
                raise ValueError("--torch needs the name of a build: cpu, auto...")
        else:
            rest.append(word)
    return Asked(rest, yes, torch)


def _python_with_all(tests: bool) -> str | None:
    """The Python to continue in; None if one must be set up.

    An active environment of the person's own is used if it is complete; otherwise ``.venv`` comes first.
    """
    if environment.inside():
        return sys.executable  # it is known to be ready by now
    own = environment.is_virtual()
    if own and not environment.lacking(tests):
        return sys.executable
    if environment.is_ready(tests):
        return str(environment.PYTHON)
    return sys.executable if not own and not environment.lacking(tests) else None


def _continue_in(python: str, asked: Asked) -> int:
    if asked.command == "test":
        try:
            system.bring_libraries(screen=system.tests_want_screen())
        except StudioError as error:
            print(error, file=sys.stderr)
            return 1
        os.chdir(environment.ROOT)
        return _hand_over(python, ["-m", "pytest", *_tests(asked.rest[1:])])
    if python != sys.executable:
        return _hand_over(python, [_main(), *asked.rest])
    from studio.cli import main

    return main(asked.rest)


def _tests(arguments: Sequence[str]) -> list[str]:
    """The arguments for pytest. What was picked by a word (a file, ``-k fox``) stays in one process, as does ``-n
    0``."""
    if "--torture" in arguments:
        return [*TORTURE, *(argument for argument in arguments if argument != "--torture")]
    whole = all(argument.startswith("-") for argument in arguments)
    return [*(SPREAD if whole else ()), *arguments]


def _main() -> str:
    return str(environment.ROOT / "main.py")


def _hand_over(python: str, arguments: Sequence[str]) -> int:
    """Continue as ``python``, replacing this process where the system can do that."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "nt":
        os.execv(python, [python, *arguments])
    import signal
    import subprocess

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other process handles Ctrl+C
    return subprocess.call([python, *arguments])
