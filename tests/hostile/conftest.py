"""What the tests of hostile files share: the processes that open them, and a canary that a payload would leave."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.hostile.opener import MEGABYTES, SECONDS, Opened, Opener
from tests.hostile.sound import _sound, clip, generator, picture, writer  # noqa: F401  fixtures

SAYING = ("judge", "settings", "queue")
"""Ways that end in words for people where they don't refuse."""
OF_MODELS = ("judge", "latent", "image", "write", "chat", "count", "vae", "encoder", "match")


LIBRARYS = re.compile(
    r"object has no|NoneType|\w+(Error|Exception|Warning)\b|unexpected keyword|Traceback|<class|<\w+ object|"
    r"Expected [`']|expected (str|int|a |\d)|not (subscriptable|iterable|callable|hashable)|unhashable|"
    r"positional|required argument|keyword argument|argument of type|huggingface\.co|pip install|__init__|"
    r"\bNone\b|[Ee]rrno|\btorch\.|\bself\.|line \d+ column|must be (str|int|real|a str)|invalid literal|"
    r"not supported between|codec can't|tensor\(|`\w+`|size mismatch|\bdict\b|'(str|int|list|dict|bool|float)'|"
    r"out of range|\.py\b(?! of StyleGAN)"
)
"""What Python and the libraries say, and no sentence for people holds."""


class Opening(Protocol):
    """Opens a file as the studio does: it is refused with a sentence that names it, or opened, and does no harm.

    The sentence is one for people: what a library said of it is for the log.
    """

    def __call__(self, way: str, path: Path) -> Opened: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if sys.platform != "linux":
        for item in items:
            if "opening" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.skip(reason="the limits are measured on Linux only"))


@pytest.fixture(scope="session")
def hostile_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The user's folders, as far as what is opened can tell."""
    return tmp_path_factory.mktemp("hostile-home")


@pytest.fixture(scope="session")
def _openers(hostile_home: Path) -> Iterator[dict[bool, Opener]]:
    openers = {True: Opener("ways_of_models", hostile_home), False: Opener("ways_of_files", hostile_home)}
    yield openers
    for opener in openers.values():
        opener.close()


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A payload would make this file."""
    return tmp_path / "canary"


@pytest.fixture
def opening(_openers: dict[bool, Opener], canary: Path) -> Opening:
    """See ``Opening``."""

    def opened(way: str, path: Path) -> Opened:
        found = _openers[way in OF_MODELS](way, path)
        assert not found.fault, found.fault
        assert not canary.exists(), "a program of the file's was run"
        assert not found.harm
        assert found.seconds < SECONDS, found
        assert found.megabytes < MEGABYTES, found
        if found.refused:
            assert str(path) in found.refused
            assert len(found.refused) < len(str(path)) + 400
        said = found.refused or (found.opened if way in SAYING else "")
        assert not LIBRARYS.search(said.replace(str(path), "").replace(str(path.parent), "")), said
        return found

    return opened
