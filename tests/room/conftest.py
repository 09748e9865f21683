"""The tests of the rooms have the whole window."""

from tests.opened import Opened, open_window, opened

__all__ = ["Opened", "open_window", "opened"]
