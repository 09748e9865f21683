"""The command line and entry point: ``main`` opens the window or works without one."""

import gc
import os
import sys
from collections.abc import Sequence

from studio.core.offline import go_offline


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line in a complete environment. Returns the exit status."""
    from studio.cli.system import use_utf8
    from studio.core.person import stand_in_for_the_unknown

    go_offline()
    argv = list(sys.argv[1:] if argv is None else argv)
    use_utf8()
    stand_in_for_the_unknown()
    try:
        return _open_window(argv) if opens_window(argv) else _without_window(argv)
    except ModuleNotFoundError as error:
        return _mend(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of stdout is gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _without_window(argv: Sequence[str]) -> int:
    from studio.core.errors import StudioError

    try:
        if argv[0] == "doctor":
            from studio.cli.doctor import main as report

            return report()
        from studio.cli.make import main as make

        return make(argv)
    except StudioError as error:
        print(error, file=sys.stderr)
        return 1


def opens_window(argv: Sequence[str]) -> bool:
    """True when no command is named."""
    return not argv or (argv[0].startswith("-") and argv[0] not in ("-h", "--help", "--version"))


def _open_window(argv: Sequence[str]) -> int:
    from studio.cli.system import check_window
    from studio.core.errors import StudioError

    try:
        check_window()
    except StudioError as error:
        print(error, file=sys.stderr)
        return 1
    gc.disable()  # imports create hardly any garbage, and collecting takes a tenth of their time; see ``Garbage``
    from studio.shell.start import main as start

    return start(argv)


def _mend(error: ModuleNotFoundError) -> int:
    """Mark ``.venv`` for a rebuild at the next start if a library is missing. Returns the exit status."""
    from studio.cli import environment
    from studio.core.text import tr

    if not environment.inside() or (error.name or "studio").partition(".")[0] == "studio":
        raise error
    environment.write_stamp(environment.Stamp(environment.UNFINISHED))
    print(
        tr(
            "{folder} is damaged: {module} is missing from it. Start again, and it will be rebuilt.",
            folder=environment.VENV,
            module=error.name,
        ),
        file=sys.stderr,
    )
    return 1
