"""The long tests open hostile files as the quick ones do."""

from tests.hostile.conftest import _openers, canary, hostile_home, opening, pytest_collection_modifyitems  # noqa: F401
from tests.hostile.sound import _sound, generator, picture, writer  # noqa: F401
