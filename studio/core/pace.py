"""How far a job is and how fast it goes, in words: for the run bar, the queue and the command line."""

from studio.core.duration import in_words
from studio.core.text import tr

LEAST = 0.2
"""Seconds after which a rate means something."""


class Pace:
    """Measures from the first step of each stage. ``things``: of so many alike the steps are counted together, whatever
    the stages between them are called."""

    def __init__(self, things: int = 1) -> None:
        self._things = things
        self._stage, self._since, self._from = "", 0.0, 0
        self._done, self._total, self._now = 0, 0, 0.0

    def tell(self, done: int, total: int, stage: str, now: float) -> None:
        """``done`` of ``total`` steps of ``stage`` are made at the time ``now``, in seconds."""
        another = stage != self._stage and (self._things == 1 or total != self._total)
        if another or done < self._from:
            self._since, self._from = now, done
        self._stage = stage
        self._done, self._total, self._now = done, total, now

    def where(self) -> str:
        """ "Step 3 / 20", "Picture 2 of 64", "Loading…"."""
        stage = tr(self._stage) if self._stage else tr("Starting")
        if not self._total:
            return f"{stage}…"
        if self._things > 1:
            number = max(self._done - 1, 0) * self._things // self._total + 1
            return tr("Picture {number} of {count}", number=min(number, self._things), count=self._things)
        return f"{stage} {self._done} / {self._total}"

    def rate(self) -> str:
        """Steps a second, "" where nobody can say; of several things only the time counts."""
        rate = self._rate()
        if not rate or self._things > 1:
            return ""
        return tr("{rate} it/s", rate=f"{rate:.1f}") if rate < 100 else tr("{rate} it/s", rate=round(rate))

    def left(self) -> str:
        """How long it will take yet, "" where nobody can say."""
        rate = self._rate()
        if not rate or self._total <= self._done:
            return ""
        return tr("{time} left", time=in_words(max(1, (self._total - self._done) / rate)))

    def sentence(self) -> str:
        """All of it."""
        return " · ".join(part for part in (self.where(), self.rate(), self.left()) if part)

    def _rate(self) -> float:
        made, spent = self._done - self._from, self._now - self._since
        return made / spent if self._total and made > 0 and spent > LEAST else 0.0
