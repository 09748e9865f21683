"""Fuzzing of all that reads a stranger's bytes: ``python -m tests.torture.fuzz FOLDER SECONDS [TARGET...]``.

Every target (or those named) runs for so many seconds, one after another, each in a copy of this process that may only
write into a room of its own, start nothing and call nobody. FOLDER keeps what the next run goes on from: the inputs
worth keeping in FOLDER/TARGET, those that broke something in FOLDER/finds, and the sums of all runs so far in
FOLDER/counts.json, which are printed as a row of the table in SECURITY.md. Atheris is no dependency of the tests:
``pip install atheris`` (Linux, macOS).
"""

import hashlib
import importlib
import json
import logging
import os
import random
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from tests.configuring import change_config
from tests.hostile import opener
from tests.torture.fuzz_target import Target
from tests.torture.mutators import as_bytes, words_in

TARGETS = {
    "fuzz_pictures": ("png", "jpeg", "webp", "tiff", "gif", "bmp", "heic", "pnm", "avif", "mp4", "webm"),
    "fuzz_texts": ("text", "record", "infotext", "names"),
    "fuzz_tools": ("tools",),
    "fuzz_kept": ("settings", "queue", "models", "directions", "training", "stars", "index"),
    "fuzz_rooms": ("rooms",),
    "fuzz_templates": ("template",),
    "fuzz_weights": ("pickle", "weights", "network", "checkpoint", "generator", "state", "header"),
    "fuzz_folders": ("folder", "tokenizer", "vocabulary", "writer", "pipeline", "autoencoder", "match"),
}
"""All there are, by their modules, which take seconds to import."""
INSTRUMENTED = ["studio", "PIL", "pillow_heif", "jinja2"]
"""Packages whose branches tell atheris that an input is new; of the rest it only sees what they raise."""
MEGABYTES = 700
"""Of memory on top of what the process has at the start."""
SECONDS, PATIENCE = 10, 120
"""For one input: of computing, which takes several times as long when it is instrumented, and of the clock."""
_QUIET = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false",
          "QT_QPA_PLATFORM": "offscreen", "RUST_BACKTRACE": "0"}  # fmt: skip


def targets(room: Path, module: str) -> dict[str, Target]:
    """All targets of a module, by name; they work in ``room``."""
    found: dict[str, Target] = importlib.import_module(f"tests.torture.{module}").targets(room)
    return found


# -- all targets, one after another ------------------------------------------------------------------------------------


def main(folder: Path, seconds: int, names: list[str]) -> int:
    """Run the targets and print the sums. Returns how many of them found something."""
    import atheris

    os.environ.update(_QUIET)
    homes = {name: module for module, inside in TARGETS.items() for name in inside}
    with atheris.instrument_imports(include=INSTRUMENTED):
        for module in dict.fromkeys(homes[name] for name in names or homes):
            importlib.import_module(f"tests.torture.{module}")
    (folder / "finds").mkdir(parents=True, exist_ok=True)
    found = 0
    for name in names or homes:
        well = _run(name, homes[name], folder, seconds)
        found += not well
        print(
            time.strftime("%H:%M"),
            name,
            _counts(folder)[name],
            "" if well else _end(folder / f"{name}.log"),
            flush=True,
        )
    print(row(_counts(folder)))
    return found


def row(counts: Mapping[str, Mapping[str, int]]) -> str:
    """What the runs came to, as a row of the table of faults."""
    minutes = ", ".join(f"{name} {count['seconds'] / 60:.0f}" for name, count in counts.items())
    tried = ", ".join(f"{name}: {count['tried']:,}" for name, count in counts.items())
    return f"| fuzzed (atheris), minutes each: {minutes} | {tried} | {sum(c['finds'] for c in counts.values())} |"


def _run(name: str, module: str, folder: Path, seconds: int) -> bool:
    """Fuzz one target in a copy of this process, and add to the counts. Returns whether all went well."""
    (folder / name).mkdir(exist_ok=True)
    log = folder / f"{name}.log"
    memory = Path("/dev/shm")  # files are written for every input, and a disk would take all of the time
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as room:
        started = time.monotonic()
        process = os.fork()
        if not process:
            _fuzz(targets(Path(room), module)[name], name, Path(room), folder, seconds)
        _, status = os.waitpid(process, 0)
        took = time.monotonic() - started
    tried, seconds_for_it = _measured(log.read_text("utf-8", "replace"), took)
    counts = _counts(folder)
    before = counts.get(name, {"tried": 0, "seconds": 0, "finds": 0})
    counts[name] = {
        "tried": before["tried"] + tried,
        "seconds": before["seconds"] + round(seconds_for_it),
        "finds": before["finds"] + (status != 0),
    }
    (folder / "counts.json").write_text(json.dumps(counts, indent=1), "utf-8")
    return status == 0


def _measured(said: str, took: float) -> tuple[int, float]:
    """Inputs that were tried, and seconds, as libFuzzer says; of a run that broke off, as far as it said."""
    if done := re.search(r"^Done (\d+) runs in (\d+) second", said, re.MULTILINE):
        return int(done[1]), int(done[2])
    return max([0, *map(int, re.findall(r"^#(\d+)", said, re.MULTILINE))]), took


def _counts(folder: Path) -> dict[str, dict[str, int]]:
    path = folder / "counts.json"
    found: dict[str, dict[str, int]] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


def _end(log: Path) -> str:
    return "\n" + log.read_text("utf-8", "replace")[-4000:]


# -- one target, in its process ----------------------------------------------------------------------------------------


def _fuzz(target: Target, name: str, room: Path, folder: Path, seconds: int) -> NoReturn:
    import atheris

    with (folder / f"{name}.log").open("wb") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
    os.environ.update(dict.fromkeys(("TRIPTYCH_HOME", "TMPDIR"), str(room)))
    change_config(cache=str(room))
    tempfile.tempdir, sys.dont_write_bytecode = str(room), True
    seeds = list(target.seeds())
    for number, seed in enumerate(seeds):
        (folder / name / f"seed{number}").write_bytes(seed)
    words = room / "words"
    words.write_text(words_in(seeds), "ascii")
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    for seed in seeds:  # what is imported late counts neither as time nor as memory
        target.read(seed)
    opener._watch(room)

    def once(data: bytes) -> None:
        opener._harm.clear()
        began = time.process_time()
        try:
            target.read(data)
            assert not opener._harm, opener._harm
            assert time.process_time() - began < SECONDS, "it took too long"
        except BaseException:
            (folder / "finds" / f"{name}-{hashlib.sha256(data).hexdigest()[:16]}").write_bytes(data)
            raise

    def change(data: bytes, most: int, number: int) -> bytes:
        return target.change(data, most, random.Random(number), atheris.Mutate)

    limit = opener._memory("VmRSS") // 1024 + MEGABYTES
    options = [f"-max_total_time={seconds}", f"-rss_limit_mb={limit}", f"-malloc_limit_mb={MEGABYTES}",
               f"-timeout={PATIENCE}", f"-max_len={target.longest}", f"-dict={words}", "-reload=0",
               f"-artifact_prefix={folder / 'finds'}/{name}-"]  # fmt: skip
    arguments: dict[str, Any] = {} if target.change is as_bytes else {"custom_mutator": change}
    try:
        atheris.Setup([sys.argv[0], *options, str(folder / name)], once, **arguments)
        atheris.Fuzz()
    finally:
        os._exit(1)  # it ends by itself when all went well


if __name__ == "__main__":
    sys.exit(min(main(Path(sys.argv[1]).resolve(), int(sys.argv[2]), sys.argv[3:]), 100))
