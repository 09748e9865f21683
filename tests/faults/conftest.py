"""The tests of faults have the whole window, too."""

from tests.opened import opened

__all__ = ["opened"]
