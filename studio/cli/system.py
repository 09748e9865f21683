"""What Qt needs from Linux: system libraries and a display, and the packages that provide what is missing."""

import ctypes
import locale
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from studio.core.errors import StudioError
from studio.core.text import tr

# What Qt 6.11's libraries and its X11 plugin link to, except what every Linux has. The first ones are needed even
# without a display.
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
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb-util.so.1": "libxcb-util1",
    "libX11-xcb.so.1": "libx11-xcb1",
}


def check_screen() -> None:
    """Raises StudioError if no window can be shown."""
    given = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform != "linux" or any(os.environ.get(name) for name in given):
        return
    raise StudioError(
        tr(
            "There is no display (neither DISPLAY nor WAYLAND_DISPLAY is set), so the window can't open.\nTo use "
            "Triptych without a window:  {example}\nAll commands:  {help}",
            example='python3 main.py image "a lighthouse at dusk" --out pictures',
            help="python3 main.py --help",
        )
    )


def check_window() -> None:
    """Raises StudioError where Qt would abort: without a display, or without libraries that can't be installed."""
    check_screen()
    bring_libraries(screen=wants_screen())


def bring_libraries(*, screen: bool) -> None:
    """Install what Qt needs. Raises StudioError, which says how to get it, if that needs an administrator."""
    missing = missing_libraries(screen)
    bring(missing)
    if missing and (still := missing_libraries(screen)):
        raise StudioError(advice(still))


def bring(missing: dict[str, str]) -> None:
    """Install what is missing, if permitted. Raises StudioError, which says how to, otherwise."""
    if not missing:
        return
    if not can_install():
        raise StudioError(advice(missing))
    install(missing)


def wants_screen() -> bool:
    """False for Qt platforms without a display."""
    return os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0] not in ("offscreen", "minimal")


def tests_want_screen() -> bool:
    """True if a virtual display is available, on which one of the tests opens the window."""
    return shutil.which("Xvfb") is not None


def missing_libraries(screen: bool) -> dict[str, str]:
    """Missing library -> Debian package that provides it. ``screen``: include what visible windows need."""
    if sys.platform != "linux" or (Path(sys.prefix) / "conda-meta").exists():  # conda provides Qt's libraries itself
        return {}
    return {name: package for name, package in (_ALWAYS | (_SCREEN if screen else {})).items() if not _loads(name)}


def missing_venv() -> dict[str, str]:
    """Missing part of Python -> Debian package, where the distribution has split off venv.

    Raises StudioError if no package of the distribution provides it for this Python.
    """
    parts = [part for part in ("venv", "ensurepip") if find_spec(part) is None]
    if not parts:
        return {}
    if not (is_debian() and Path(sys.executable).resolve().is_relative_to("/usr/bin")):
        raise StudioError(
            tr(
                "{python} lacks the module {module}, which is needed to create an environment. Start with another "
                "Python (on Debian and Ubuntu, install the package python3-venv).",
                python=sys.executable,
                module=parts[0],
            )
        )
    return {part: "python{}.{}-venv".format(*sys.version_info[:2]) for part in parts}


def advice(missing: dict[str, str]) -> str:
    """What to install, in one line."""
    if is_debian():
        command = f"{_sudo()}apt-get install {' '.join(sorted(set(missing.values())))}"
    elif shutil.which("dnf"):
        command = " ".join([f"{_sudo()}dnf install", *(f"'{name}()(64bit)'" for name in missing)])
    else:
        return tr(
            "Some system libraries are missing. Install the packages that provide them: {names}",
            names=", ".join(missing),
        )
    return tr("Some system packages are missing. Install them with:  {command}", command=command)


def can_install() -> bool:
    """True for root on Debian or Ubuntu."""
    return is_debian() and _is_root()


def install(missing: dict[str, str]) -> None:
    """Install the packages with apt-get, and say so. Raises StudioError if that fails."""
    packages = sorted(set(missing.values()))
    say(tr("Installing system packages with apt-get: {packages}", packages=" ".join(packages)))
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if not _apt(command) and not (_apt(["apt-get", "update"]) and _apt(command)):
        raise StudioError(advice(missing))


def is_debian() -> bool:
    """True on Debian and its derivatives."""
    return Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def use_utf8() -> None:
    """Restart this command with UTF-8 if the locale is another one, for file names and output.

    Prompts become file names, which a locale such as Latin-1 can't represent.
    """
    if os.environ.get("LC_ALL") in ("C", "POSIX"):
        os.environ["LC_ALL"] = "C.UTF-8"  # Qt would switch to it as well, with a warning on the terminal
    if os.name != "posix" or sys.getfilesystemencoding().lower() in ("utf-8", "utf8"):
        return
    if os.environ.get("PYTHONUTF8") == "1":
        return  # this Python ignores that
    os.environ["PYTHONUTF8"] = "1"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def language() -> str:
    """The system's language, as in "zh_CN"; "" if it is none that Python knows."""
    try:
        return locale.getlocale()[0] or ""
    except ValueError:
        return ""


def say(words: str) -> None:
    """Print a message to stderr, so that stdout has results only."""
    print(words, file=sys.stderr, flush=True)


def _sudo() -> str:
    """The prefix for commands that need root; a container whose only user is root has no sudo."""
    return "" if _is_root() else "sudo "


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _apt(command: Sequence[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, stdout=2, env=environment, check=False).returncode == 0


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
