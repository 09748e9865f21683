"""When a walk is where: from the durations of its legs to the place of every frame. Plain arithmetic."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Protocol

SHORTEST, LONGEST = 0.05, 600.0
"""Seconds of a leg."""
Curve = Sequence[float]
"""How far the picture has changed after each of equal steps along a leg: rising, from 0."""


class Timed(Protocol):
    """What a request for a walk says of its time."""

    @property
    def durations(self) -> Sequence[float]:
        """Seconds of each leg, or of the first ones; empty when all take equally long."""

    @property
    def seconds(self) -> float:
        """Of all legs, where ``durations`` is empty."""

    @property
    def loop(self) -> bool:
        """Whether it goes back to the first keyframe."""

    @property
    def rate(self) -> int:
        """Frames a second."""


def legs_of(keys: int, loop: bool) -> int:
    """How many ways there are between ``keys`` keyframes; in a loop one more, back to the first."""
    return max(keys if loop else keys - 1, 0)


def durations_of(task: Timed, keys: int) -> list[float]:
    """Seconds of each leg. Where the task names fewer than there are legs, the others take as long as its last."""
    count = legs_of(keys, task.loop)
    if not task.durations:
        return [task.seconds / count] * count if count else []
    given = [min(max(SHORTEST, seconds), LONGEST) for seconds in task.durations]
    return [given[min(leg, len(given) - 1)] for leg in range(count)]


def frames_of(task: Timed, keys: int) -> int:
    """How many frames the walk has."""
    return max(2, round(sum(durations_of(task, keys)) * task.rate))


def evened(durations: Sequence[float], curves: Sequence[Curve]) -> list[float]:
    """The same time in all, shared by how much the picture changes in each leg."""
    total, far = sum(durations), sum(curve[-1] for curve in curves)
    return [total * curve[-1] / far for curve in curves] if far else list(durations)


def places(
    durations: Sequence[float], frames: int, loop: bool, easing: str = "steady", curves: Sequence[Curve] = ()
) -> list[float]:
    """Where each frame lies between the keyframes: 1.5 is half-way from the second to the third.

    In a loop the frame after the last would be the first; else the last one is the last keyframe. With ``curves`` the
    picture, not the point, goes at the speed of the easing.
    """
    ends = list(accumulate(durations))
    step = ends[-1] / (frames if loop else frames - 1)
    found = []
    for frame in range(frames):
        time = frame * step
        leg = bisect_right(ends, time + 1e-9)  # or a rounding error would put a keyframe on the leg before it
        if leg == len(ends):
            found.append(float(leg))
            continue
        share = ease((time - ends[leg] + durations[leg]) / durations[leg], easing)
        found.append(leg + (_reached(curves[leg], share) if curves else share))
    return found


def ease(share: float, easing: str) -> float:
    """How much of the way is done after ``share`` of its time."""
    share = min(max(share, 0.0), 1.0)
    if easing == "hold":  # a quarter of the time on each keyframe before it goes on, and a quarter after it came
        share = min(max(2 * share - 0.5, 0.0), 1.0)
    return share if easing == "steady" else share * share * (3 - 2 * share)


def _reached(curve: Curve, share: float) -> float:
    """How much of a leg lies behind when ``share`` of its change does."""
    far = share * curve[-1]
    step = min(bisect_right(curve, far), len(curve) - 1)
    before, after = curve[step - 1], curve[step]
    return (step - 1 + ((far - before) / (after - before) if after > before else 0.0)) / (len(curve) - 1)
