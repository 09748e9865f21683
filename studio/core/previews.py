"""Previews that harm no job: one that can't be made is logged, and the work goes on without."""

import logging
from collections.abc import Callable

from studio.core.context import Context
from studio.core.values import Asset

log = logging.getLogger(__name__)


class Previews:
    """A job's previews; the first that can't be made is logged, and those that fail later are left out in silence."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._failed = False

    def show(self, make: Callable[[], Asset | None], index: int = 0) -> None:
        """Show what ``make`` gives of thing number ``index``, if a preview is wanted now; None is nothing to see.

        None is tried after one that failed: at each step, the next would only cost time.
        """
        if not self._failed and self._context.wants_preview():
            self.show_always(make, index)

    def show_always(self, make: Callable[[], Asset | None], index: int = 0) -> None:
        """The same for what is seen once in a while: nobody is asked, and it is tried each time."""
        try:
            asset = make()
        except Exception as error:  # what a strange model does to it, it need not do to the thing itself
            if not self._failed:
                log.warning("a preview can't be made, the job goes on: %s", error, exc_info=True)
            self._failed = True
            return
        if asset is not None:
            self._context.preview(asset, index)
