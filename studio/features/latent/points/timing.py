"""Timing of a walk: from the durations of its segments to the position of every frame. Plain arithmetic."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Protocol

SHORTEST, LONGEST = 0.05, 600.0
"""Seconds of a segment."""
Curve = Sequence[float]
"""The cumulative change of the picture after equal steps along a segment: rising, from 0."""


class Timed(Protocol):
    """The timing of a request for a walk."""

    @property
    def durations(self) -> Sequence[float]:
        """Seconds of each segment, or of the first ones; empty if all are equally long."""

    @property
    def seconds(self) -> float:
        """Seconds of all segments together, if ``durations`` is empty."""

    @property
    def loop(self) -> bool:
        """Whether it returns to the first keyframe."""

    @property
    def rate(self) -> int:
        """Frames per second."""


def segments_of(keys: int, loop: bool) -> int:
    """The number of segments between ``keys`` keyframes; one more in a loop, back to the first."""
    return max(keys if loop else keys - 1, 0)


def durations_of(task: Timed, keys: int) -> list[float]:
    """Seconds of each segment. If the task has too few, the others take as long as the last."""
    count = segments_of(keys, task.loop)
    if not task.durations:
        return [task.seconds / count] * count if count else []
    given = [min(max(SHORTEST, seconds), LONGEST) for seconds in task.durations]
    return [given[min(leg, len(given) - 1)] for leg in range(count)]


def frames_of(task: Timed, keys: int) -> int:
    """The number of frames of the walk."""
    return max(2, round(sum(durations_of(task, keys)) * task.rate))


def even_out(durations: Sequence[float], curves: Sequence[Curve]) -> list[float]:
    """The same total time, divided by how much the picture changes in each segment."""
    total, far = sum(durations), sum(curve[-1] for curve in curves)
    return [total * curve[-1] / far for curve in curves] if far else list(durations)


def places(
    durations: Sequence[float], frames: int, loop: bool, easing: str = "steady", curves: Sequence[Curve] = ()
) -> list[float]:
    """The position of each frame among the keyframes: 1.5 is half-way from the second to the third.

    In a loop the frame after the last would be the first; else the last frame is the last keyframe. With ``curves`` the
    easing applies to the change of the picture instead of the point.
    """
    ends = list(accumulate(durations))
    step = ends[-1] / (frames if loop else frames - 1)
    found = []
    for frame in range(frames):
        time = frame * step
        leg = bisect_right(ends, time + 1e-9)  # or a rounding error would put a keyframe in the segment before it
        if leg == len(ends):
            found.append(float(leg))
            continue
        share = ease((time - ends[leg] + durations[leg]) / durations[leg], easing)
        found.append(leg + (_invert(curves[leg], share) if curves else share))
    return found


def ease(share: float, easing: str) -> float:
    """The fraction of the path covered after ``share`` of the time."""
    share = min(max(share, 0.0), 1.0)
    if easing == "hold":  # a quarter of the time at each keyframe, before leaving and after arriving
        share = min(max(2 * share - 0.5, 0.0), 1.0)
    return share if easing == "steady" else share * share * (3 - 2 * share)


def _invert(curve: Curve, share: float) -> float:
    """The fraction of a segment at which ``share`` of its change is reached."""
    far = share * curve[-1]
    step = min(bisect_right(curve, far), len(curve) - 1)
    before, after = curve[step - 1], curve[step]
    return (step - 1 + ((far - before) / (after - before) if after > before else 0.0)) / (len(curve) - 1)
