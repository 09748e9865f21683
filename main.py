"""The front door: makes the studio's environment on the first run, then hands over to the studio in it."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  whoever comes with an older Python shall read a sentence, no traceback
    sys.exit(
        "Triptych needs Python 3.11 or newer, and this is Python " + sys.version.split()[0] + ". "
        "Get a newer one, from your Linux distribution or from python.org, and start main.py with it."
    )

if __name__ == "__main__":
    # Below the guard, so that the engine's child, which imports this file again, does none of it.
    if getattr(sys, "frozen", False):
        import multiprocessing  # takes as long as all the rest

        multiprocessing.freeze_support()

    from studio.cli.bootstrap import enter

    sys.exit(enter(sys.argv[1:]))
