"""How long a training will take, in words, from what a few of its steps took."""

from studio.core.text import tr, tr_count
from studio.features.latent.tasks.train import TrainTask

SHAPES, GOOD = 50_000, 400_000
"""Pictures shown after which small networks have the shapes, and after which they change little. A rule of thumb."""


def estimate(task: TrainTask, rate: float, count: int) -> list[str]:
    """Sentences for a training of ``count`` pictures that sees ``rate`` of them a second here."""
    words = [
        tr(
            "This machine trains on about {rate} pictures per second.",
            rate=f"{rate:.0f}" if rate >= 2 else f"{rate:.1f}",
        )
    ]
    limits = [limit for limit in (task.minutes * 60 * rate, task.thousands * 1000) if limit]
    if limits:
        shown = min(limits)
        words.append(
            tr(
                "It ends after about {time} and {shown} pictures, each of yours shown {times} times.",
                time=duration(shown / rate),
                shown=f"{round(shown, -2):,.0f}",
                times=f"{shown / count:.0f}",
            )
        )
    else:
        words.append(tr("It continues until you pause it."))
    words.append(
        tr(
            "First shapes appear after about {shapes} pictures, {soon}; good results take {good} or more, {late}. "
            "These are rules of thumb.",
            shapes=f"{SHAPES:,}",
            soon=duration(SHAPES / rate),
            good=f"{GOOD:,}",
            late=duration(GOOD / rate),
        )
    )
    return words


def duration(seconds: float) -> str:
    """ "40 s", "25 min", "3 h 20 min", "2 days"."""
    if seconds < 90:
        return tr("{count} s", count=round(seconds))
    minutes = round(seconds / 60)
    if minutes < 90:
        return tr("{count} min", count=minutes)
    if minutes < 60 * 36:
        hours, minutes = divmod(round(minutes, -1), 60)
        return tr("{hours} h {minutes} min", hours=hours, minutes=minutes) if minutes else tr("{count} h", count=hours)
    return tr_count(round(minutes / 60 / 24), "{count} day", "{count} days")
