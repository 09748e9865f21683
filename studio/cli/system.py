"""What Linux must bring for Qt: its system libraries and a screen; which packages hold what is missing."""

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

# What Qt 6.11's libraries and its plugin for X11 name, but for what each Linux has. The first are needed without a
# screen too.
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
    """Raises StudioError where Qt would abort: without a screen, or without its libraries, if they can't be brought."""
    check_screen()
    bring_libraries(screen=wants_screen())


def bring_libraries(*, screen: bool) -> None:
    """Have what Qt needs be here. Raises StudioError, which says how to get it, where that takes another person."""
    missing = missing_libraries(screen)
    bring(missing)
    if missing and (still := missing_libraries(screen)):
        raise StudioError(advice(still))


def bring(missing: dict[str, str]) -> None:
    """Install what is missing, if anything is and one may. Raises StudioError, which says how to."""
    if not missing:
        return
    if not can_install():
        raise StudioError(advice(missing))
    install(missing)


def wants_screen() -> bool:
    """False for Qt's platforms that draw on no screen."""
    return os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0] not in ("offscreen", "minimal")


def tests_want_screen() -> bool:
    """One of the tests opens the window on a virtual screen, where there is one."""
    return shutil.which("Xvfb") is not None


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
        command = f"{_sudo()}apt-get install {' '.join(sorted(set(missing.values())))}"
    elif shutil.which("dnf"):
        command = " ".join([f"{_sudo()}dnf install", *(f"'{name}()(64bit)'" for name in missing)])
    else:
        return tr(
            "Some system libraries are missing. Install the packages that hold them: {names}", names=", ".join(missing)
        )
    return tr("Some system packages are missing. Install them with:  {command}", command=command)


def can_install() -> bool:
    """True for root on Debian or Ubuntu."""
    return is_debian() and _is_root()


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


def use_utf8() -> None:
    """Where the locale is another one, begin this very command again with UTF-8, for names of files and what is told.

    Prompts make names of files, which a locale such as Latin-1 has no letters for.
    """
    if os.environ.get("LC_ALL") in ("C", "POSIX"):
        os.environ["LC_ALL"] = "C.UTF-8"  # Qt would switch to it as well, and say so on the terminal
    if os.name != "posix" or sys.getfilesystemencoding().lower() in ("utf-8", "utf8"):
        return
    if os.environ.get("PYTHONUTF8") == "1":
        return  # this Python doesn't listen to that
    os.environ["PYTHONUTF8"] = "1"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def language() -> str:
    """The language of the system, as in "zh_CN"; "" when it names none that Python knows."""
    try:
        return locale.getlocale()[0] or ""
    except ValueError:
        return ""


def say(words: str) -> None:
    """Tell the person something. It goes to stderr, so that stdout holds results only."""
    print(words, file=sys.stderr, flush=True)


def _sudo() -> str:
    """What a command begins with that only root may give; a container that has no other user has no sudo either."""
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
