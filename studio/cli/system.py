"""What Linux must bring for Qt: its system libraries and a screen; which packages hold what is missing."""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from studio.core.errors import StudioError
from studio.core.text import tr

# Found on a bare Debian 12. The first six are needed without a screen too.
_ALWAYS = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
}
_SCREEN = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}


def check_screen() -> None:
    """Raises StudioError where no window can be shown."""
    given = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform != "linux" or any(os.environ.get(name) for name in given):
        return
    raise StudioError(
        tr(
            "There is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open.\n"
            "Without a window it works like this:  {example}\nAll commands:  {help}",
            example='python3 main.py image "a lighthouse at dusk" --out pictures',
            help="python3 main.py --help",
        )
    )


def check_window() -> None:
    """Raises StudioError where Qt would abort: without a screen, or without its libraries."""
    check_screen()
    missing = missing_libraries(screen=wants_screen())
    if missing:
        raise StudioError(advice(missing))


def wants_screen() -> bool:
    """False for Qt's platforms that draw on no screen."""
    return os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0] not in ("offscreen", "minimal")


def missing_libraries(screen: bool) -> dict[str, str]:
    """Library -> Debian's package, of those that Qt needs and this Linux lacks. ``screen``: for windows to be seen."""
    if sys.platform != "linux" or (Path(sys.prefix) / "conda-meta").exists():  # conda brings Qt's libraries itself
        return {}
    return {name: package for name, package in (_ALWAYS | (_SCREEN if screen else {})).items() if not _loads(name)}


def missing_venv() -> dict[str, str]:
    """Part of Python -> Debian's package, where the distribution has split off what makes environments.

    Raises StudioError when no package of the distribution brings it to this Python.
    """
    parts = [part for part in ("venv", "ensurepip") if find_spec(part) is None]
    if not parts:
        return {}
    if not (is_debian() and Path(sys.executable).resolve().is_relative_to("/usr/bin")):
        raise StudioError(
            tr(
                "{python} lacks the module {module}, without which it can't make an environment. "
                "Start with another Python (on Debian and Ubuntu the package python3-venv brings it).",
                python=sys.executable,
                module=parts[0],
            )
        )
    return {part: "python{}.{}-venv".format(*sys.version_info[:2]) for part in parts}


def advice(missing: dict[str, str]) -> str:
    """What to install, in one line."""
    if is_debian():
        command = f"sudo apt-get install {' '.join(sorted(set(missing.values())))}"
    elif shutil.which("dnf"):
        command = " ".join(["sudo dnf install", *(f"'{name}()(64bit)'" for name in missing)])
    else:
        return tr(
            "Some system libraries are missing. Install the packages that hold them: {names}", names=", ".join(missing)
        )
    return tr("Some system packages are missing. Install them with:  {command}", command=command)


def can_install() -> bool:
    """True for root on Debian or Ubuntu."""
    return is_debian() and os.geteuid() == 0


def install(missing: dict[str, str]) -> None:
    """Have apt-get install the packages, telling so. Raises StudioError when it can't."""
    packages = sorted(set(missing.values()))
    say(tr("Installing system packages with apt-get: {packages}", packages=" ".join(packages)))
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if not _apt(command) and not (_apt(["apt-get", "update"]) and _apt(command)):
        raise StudioError(advice(missing))


def is_debian() -> bool:
    """True on Debian and what is made from it."""
    return Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def say(words: str) -> None:
    """Tell the person something. It goes to stderr, so that stdout holds results only."""
    print(words, file=sys.stderr, flush=True)


def _apt(command: Sequence[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, stdout=2, env=environment, check=False).returncode == 0


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
