"""``override`` marks a method that replaces an inherited one; mypy checks that there is one, and asks for the mark."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import override
else:

    def override(method):  # typing.override needs Python 3.12, and importing typing_extensions takes 10 ms
        """The method itself."""
        return method


__all__ = ["override"]
