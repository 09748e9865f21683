"""Which part of a picture fills another shape: reckoned alike for the eye and for the model."""

import math

Size = tuple[float, float]
Place = tuple[float, float]
"""How far the part lies across and down, where it can move: (0, 0) is at the top left, (0.5, 0.5) in the middle."""
MIDDLE: Place = (0.5, 0.5)


def crop_box(picture: Size, shape: Size, place: Place = MIDDLE) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) of the largest part of a ``picture`` (width, height) that has this ``shape``."""
    scale = min(picture[0] / shape[0], picture[1] / shape[1])
    width, height = shape[0] * scale, shape[1] * scale
    left, top = (picture[0] - width) * place[0], (picture[1] - height) * place[1]
    return left, top, left + width, top + height


def share_cut(picture: Size, shape: Size) -> float:
    """The part of ``picture``, from 0 to 1, that is cut away for this ``shape``."""
    left, top, right, bottom = crop_box(picture, shape)
    return 1 - (right - left) * (bottom - top) / (picture[0] * picture[1])


def size_like(picture: Size, base: float, multiple: int, bounds: tuple[float, float]) -> tuple[int, int]:
    """The size nearest to the shape of ``picture`` with about ``base`` squared pixels.

    Both sides are multiples of ``multiple`` within ``bounds``. The shape counts more than the number of pixels.
    """
    ratio = picture[0] / picture[1]
    width, height = base * math.sqrt(ratio), base / math.sqrt(ratio)

    def sides(wanted: float) -> list[int]:
        low, high = (int(bound // multiple) for bound in (bounds[0] + multiple - 1, bounds[1]))
        around = range(int(wanted // multiple) - 4, int(wanted // multiple) + 6)
        return sorted({min(max(number, low, 1), high) * multiple for number in around})

    def badness(size: tuple[int, int]) -> float:
        shape, area = size[0] / size[1] / ratio, size[0] * size[1] / (width * height)
        return 4 * max(shape, 1 / shape) + max(area, 1 / area)

    return min(((w, h) for w in sides(width) for h in sides(height)), key=badness)
