"""Setup: asks, creates ``.venv`` and installs into it, with the standard library, pip, and uv to choose torch."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from studio.cli import environment, opens_window, system
from studio.cli.environment import PROJECT, PYTHON, ROOT, UNFINISHED, VENV, Stamp
from studio.cli.system import say
from studio.core.errors import StudioError
from studio.core.text import tr

# GB to download, and on disk, measured with the versions of release 0.1.0.
_SMALL, _CUDA, _TESTS = (0.4, 1.6), (2.9, 6), (0.03, 0.1)


def run(python: str | None, rest: Sequence[str], *, tests: bool, torch: str, yes: bool) -> int:
    """Install what is missing for the command ``rest``; if only ``torch`` is to change, ``python`` has the rest.

    Returns the exit status.
    """
    try:
        if opens_window(rest):
            system.check_screen()
        screen = system.wants_screen() if opens_window(rest) else tests and system.tests_want_screen()
        _bring_system_packages(screen=screen, qt=opens_window(rest) or tests)
        with _alone():
            if python is not None:
                _change_torch(python, torch, yes)
            elif not environment.is_ready(tests):  # another start may have created it meanwhile
                _set_up(tests, torch, yes)
    except StudioError as error:
        say(str(error))
        return 1
    except OSError as error:
        say(
            tr(
                "Setup can't continue: {error}. Is the disk full, the folder read-only, or Triptych still open?",
                error=": ".join(str(part) for part in (error.filename, error.strerror) if part) or error,
            )
        )
        return 1
    except KeyboardInterrupt:
        say(tr("\nStopped. Setup will continue the next time you start Triptych."))
        return 130
    return 0


def _bring_system_packages(*, screen: bool, qt: bool) -> None:
    system.bring((system.missing_libraries(screen) if qt else {}) | system.missing_venv())


def _set_up(tests: bool, torch: str, yes: bool) -> None:
    before = environment.read_stamp()
    kept = before.torch if before else ""
    if before is not None and before.project == environment.fingerprint() and torch in ("", kept):
        _ask(tr("This downloads what the tests need: {size}.", size=_size(_TESTS)), yes)
        with _mark_unfinished(before):
            _pip(tr("Installing what the tests need"), environment.requirements(tests=True))
        torch = kept
    elif torch or not _adopt(tests):
        torch = torch or kept or _usual_torch()
        _ask(_what_it_takes(torch), yes)
        _make_venv()
        if torch:
            _install_torch(str(PYTHON), torch)
        _pip(tr("Installing what Triptych needs"), environment.requirements(tests))
    environment.write_stamp(Stamp(environment.fingerprint(), tests, torch))
    say(tr("Setup is complete."))


def _adopt(tests: bool) -> bool:
    """Adopt a complete ``.venv`` that a person made instead of replacing it; never an unfinished one of ours."""
    if environment.STAMP.exists() or not PYTHON.exists():
        return False
    return _is_whole(tests)


def _is_whole(tests: bool) -> bool:
    """True if the Python in ``.venv`` has everything."""
    ask = f"import sys; from studio.cli import environment; sys.exit(bool(environment.lacking({tests})))"
    return subprocess.run([PYTHON, "-c", ask], cwd=ROOT, stderr=subprocess.DEVNULL, check=False).returncode == 0


@contextlib.contextmanager
def _mark_unfinished(stamp: Stamp) -> Iterator[None]:
    """Mark ``.venv`` as unfinished while it is changed; restore ``stamp`` if that fails but leaves it complete."""
    environment.write_stamp(Stamp(UNFINISHED))
    try:
        yield
    except StudioError:
        if _is_whole(stamp.tests):
            environment.write_stamp(stamp)
        raise


def _make_venv() -> None:
    if VENV.exists():
        say(tr("Removing {folder}", folder=VENV))
        shutil.rmtree(VENV)
    say(tr("Creating {folder}", folder=VENV))
    VENV.mkdir()
    environment.write_stamp(Stamp(UNFINISHED))
    base = str(getattr(sys, "_base_executable", sys.executable))
    _run([base, "-m", "venv", str(VENV)], tr("Python couldn't create an environment; see its output above."))


def _change_torch(python: str, torch: str, yes: bool) -> None:
    """Put another build of torch into an environment that has everything."""
    stamp = environment.read_stamp() if Path(python) == PYTHON else None
    if stamp is not None and stamp.torch == torch != "auto":  # the graphics card may have changed since
        return
    _ask(
        tr(
            "This installs the {build} build of torch in {folder}: {size}.",
            build=torch,
            folder=Path(python).parents[1],
            size=_size(_size_of(torch)),
        ),
        yes,
    )
    with _mark_unfinished(stamp) if stamp is not None else contextlib.nullcontext():
        _install_torch(python, torch)
    if stamp is not None:
        environment.write_stamp(stamp._replace(torch=torch))


def _install_torch(python: str, build: str) -> None:
    """Install torch with uv, which knows where each build is, and with ``auto`` which one fits card and driver."""
    torch = next(text for text in environment.requirements() if text.startswith("torch"))
    _pip(tr("Installing uv, to choose the right build of torch"), ["uv"], python)
    say(tr("Installing torch ({build})", build=build))
    command = [python, "-m", "uv", "pip", "install", "--python", python, "--torch-backend", build, "--upgrade", torch]
    _run(command, tr("uv couldn't install the {build} build of torch; see its output above.", build=build))


def _pip(what: str, packages: Sequence[str], python: str = str(PYTHON)) -> None:
    if not packages:
        return
    say(what)
    _run(
        [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *packages],
        tr("pip couldn't install everything; see its output above. Check the network, then start again."),
    )


def _run(command: Sequence[str], failure: str) -> None:
    """Run it, with its output on stderr. Raises StudioError."""
    # Personal settings that would install the packages elsewhere.
    ours = {**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
    if subprocess.run(command, cwd=ROOT, stdout=2, env=ours, check=False).returncode:
        raise StudioError(failure)


def _usual_torch() -> str:
    """On Windows pip chooses a CPU build, whatever the card."""
    return "auto" if os.name == "nt" and _has_nvidia() else ""


def _has_nvidia() -> bool:
    return shutil.which("nvidia-smi") is not None or Path("/proc/driver/nvidia/version").exists()


def _size_of(torch: str) -> tuple[float, float]:
    """The size of the build ``torch``."""
    small = torch == "cpu" or (torch == "auto" and not _has_nvidia()) or (not torch and sys.platform != "linux")
    return _SMALL if small else _CUDA


def _size(gigabytes: tuple[float, float]) -> str:
    return tr("about {load} GB to download, {disk} GB on the disk", load=gigabytes[0], disk=gigabytes[1])


def _what_it_takes(torch: str) -> str:
    lines = [
        tr("{folder} is unfinished or out of date, and will be rebuilt.", folder=VENV)
        if VENV.exists()
        else tr("The first start installs what Triptych needs (PyTorch, Qt...) into {folder}.", folder=VENV)
    ]
    if torch or sys.platform != "linux":
        lines.append(f"{_size(_size_of(torch))}.")
    else:
        lines.append(tr("With torch for NVIDIA cards, pip's usual choice on Linux: {size}.", size=_size(_CUDA)))
        lines.append(tr("With --torch cpu, or where pip is set to a build for the CPU: {size}.", size=_size(_SMALL)))
        if not _has_nvidia():
            lines.append(tr("No NVIDIA card was found here, so --torch cpu is the better choice."))
    return "\n".join(lines)


def _ask(what: str, yes: bool) -> None:
    """Say what will happen, and ask at an interactive terminal. Raises StudioError if declined."""
    say(what)
    if yes or not sys.stdin.isatty():
        return
    sys.stderr.write(tr("Continue? [Y/n] "))
    sys.stderr.flush()
    if sys.stdin.readline().lower() not in ("\n", "y\n", "yes\n"):
        raise StudioError(tr("Nothing was changed."))


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Lock out a second setup of the same folder until this one is done."""
    with PROJECT.open("r+b") as file:
        if os.name == "nt":
            import msvcrt

            file.seek(1 << 30)  # far beyond the end, where the lock doesn't block readers
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(tr("Another copy of Triptych is setting up this folder; waiting for it to finish."))
                fcntl.flock(file, fcntl.LOCK_EX)
        yield
