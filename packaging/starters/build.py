"""Trains one of the bundled models: python3 packaging/starters/build.py scenes --minutes 60."""

import argparse
import importlib
import logging
import shutil
import signal
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the studio beside packaging/, installed or not

from studio.core.resources import starters

# Each module has build(minutes, out, work, start); it is imported only when asked for.
STARTERS = {"scenes": "scenes_training", "writer": "writer_model", "latents": "latents_model", "match": "match_model"}


def main() -> None:
    """What the command line asks for."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("name", choices=STARTERS)
    ask.add_argument("--minutes", type=float, required=True, help="time to train, in all")
    ask.add_argument("--resume", action="store_true", help="go on from what an earlier run left in the work folder")
    ask.add_argument("--start", type=Path, help="a finished model to go on from, in a new training")
    ask.add_argument("--out", type=Path, help="where the model goes (default: resources/starters/NAME)")
    ask.add_argument("--work", type=Path, help="where pictures and checkpoints lie meanwhile")
    asked = ask.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    work = asked.work or Path(tempfile.gettempdir()) / "starters" / asked.name
    if not asked.resume:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # when stopped, --resume can continue
    build = importlib.import_module(STARTERS[asked.name]).build
    build(asked.minutes, asked.out or starters() / asked.name, work, asked.start)


if __name__ == "__main__":
    main()
