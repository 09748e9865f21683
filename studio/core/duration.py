"""How long something takes, in words."""

from studio.core.text import tr


def in_words(seconds: float) -> str:
    """ "45 s", "3 min 33 s", "2 h 5 min"."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return tr("{seconds} s", seconds=whole)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return tr("{minutes} min {seconds} s", minutes=minutes, seconds=rest)
    return tr("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
