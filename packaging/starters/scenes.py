"""Draws the flat poster landscapes, with their captions, that Starter Scenes learns from."""

import math
import random

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QLinearGradient, QPainter, QPainterPath, QPen, QPolygonF
from scenes_content import COLOURS, Scene, caption, choose

Pixels = NDArray[np.uint8]

SKIES = {
    "day": ("#3F9BE0", "#8CCBF0", "#DDF2F7"),
    "sunset": ("#4B2A7B", "#D0587E", "#FFB061"),
    "night": ("#0B1030", "#1A2453", "#3A4A85"),
    "dawn": ("#8D93DB", "#E3B4D6", "#FFE3CC"),
}
# How the hour tints the ground: colour and strength.
TINTS = {"day": ("#FFFFFF", 0.0), "sunset": ("#5A1E50", 0.26), "night": ("#0A1038", 0.42), "dawn": ("#B9A0D0", 0.16)}
PLACE_X = {"left": 0.22, "center": 0.5, "right": 0.78}


def draw(seed: int, size: int = 128) -> tuple[Pixels, str, dict[str, str | bool | None]]:
    """The picture of `seed` (size x size x 3, uint8), a caption, and what is in it; always the same for a seed."""
    rng = random.Random(seed)
    scene = choose(rng)
    return paint(scene, rng, size), caption(scene, rng), vars(scene).copy()


def paint(scene: Scene, rng: random.Random, size: int = 128) -> Pixels:
    """The scene as pixels [size, size, 3]; `rng` places what the caption leaves open."""
    image = QImage(size, size, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.scale(size, size)
    _Canvas(painter, scene, rng).picture()
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(size, image.bytesPerLine() // 4, 4)
    return rows[:, :size, 2::-1].copy()


def mix(first: QColor, second: QColor, share: float) -> QColor:
    """Mix `share` of `second` into `first`."""
    keep = 1 - share
    return QColor(
        round(first.red() * keep + second.red() * share),
        round(first.green() * keep + second.green() * share),
        round(first.blue() * keep + second.blue() * share),
    )


WHITE, BLACK = QColor("#FFFFFF"), QColor("#000000")
Points = list[tuple[float, float]]


class _Canvas:
    """One picture being painted; the unit square is the picture, y grows downwards."""

    def __init__(self, painter: QPainter, scene: Scene, rng: random.Random) -> None:
        self.p, self.scene, self.rng = painter, scene, rng
        self.sky = [QColor(stop) for stop in SKIES[scene.time]]
        self.horizon = 0.60 + rng.uniform(-0.03, 0.03)

    def picture(self) -> None:
        scene = self.scene
        gradient = QLinearGradient(0, 0, 0, self.horizon + 0.04)
        for stop, colour in zip((0.0, 0.55, 1.0), self.sky, strict=True):
            gradient.setColorAt(stop, colour)
        self.p.fillRect(QRectF(0, 0, 1, 1), QBrush(gradient))
        if scene.time == "night":
            self.stars()
        if scene.light:
            self.light()
        if scene.clouds:
            self.clouds()
        getattr(self, scene.land)()
        if scene.object == "boat" and scene.land != "sea":
            self.water(0.80, 0.0)
        if scene.object:
            self.thing()

    # --- strokes

    def lit(self, colour: QColor | str, share: float = 1.0) -> QColor:
        """A daylight colour as it looks at this hour; `share` scales the tint."""
        tint, strength = TINTS[self.scene.time]
        return mix(QColor(colour), QColor(tint), strength * share)

    def polygon(self, points: Points, colour: QColor) -> None:
        self.p.setBrush(colour)
        self.p.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))

    def ellipse(self, x: float, y: float, across: float, down: float, colour: QColor) -> None:
        self.p.setBrush(colour)
        self.p.drawEllipse(QPointF(x, y), across, down)

    def box(self, x: float, y: float, width: float, height: float, colour: QColor, radius: float = 0.0) -> None:
        self.p.setBrush(colour)
        self.p.drawRoundedRect(QRectF(x, y, width, height), radius, radius)

    def wave(self, level: float, height: float, period: float, colour: QColor) -> None:
        """Land with a smooth rolling edge, filled to the bottom."""
        phase, second = self.rng.uniform(0, math.tau), self.rng.uniform(0, math.tau)
        edge = []
        for i in range(33):
            x = i / 32
            swell = math.sin(x * math.tau / period + phase) + 0.35 * math.sin(x * 2.3 * math.tau / period + second)
            edge.append((x, level - height * 0.6 * swell))
        self.polygon([(0.0, 1.0), *edge, (1.0, 1.0)], colour)

    # --- sky

    def stars(self) -> None:
        for _ in range(26):
            radius = self.rng.choice((0.004, 0.005, 0.008))
            self.ellipse(self.rng.random(), self.rng.uniform(0, 0.5), radius, radius, QColor("#F4F1DC"))

    def light(self) -> None:
        scene, rng = self.scene, self.rng
        x = PLACE_X[scene.light_place or "center"] + rng.uniform(-0.03, 0.03)
        colour = QColor(COLOURS[scene.light_colour or "white"])
        if scene.light == "sun":
            low = scene.time in {"sunset", "dawn"}
            y = rng.uniform(0.36, 0.46) if low else rng.uniform(0.15, 0.24)
            radius = 0.125 if low else 0.095
            for ring, alpha in ((1.9, 34), (1.45, 60)):
                glow = QColor(colour)
                glow.setAlpha(alpha)
                self.ellipse(x, y, radius * ring, radius * ring, glow)
            self.ellipse(x, y, radius, radius, colour)
            return
        self.crescent(x, rng.uniform(0.14, 0.24), 0.09, colour)

    def crescent(self, x: float, y: float, radius: float, colour: QColor) -> None:
        whole, bite = QPainterPath(), QPainterPath()
        whole.addEllipse(QPointF(0, 0), 100, 100)  # large, because Qt flattens the curves it subtracts
        bite.addEllipse(QPointF(55, -30), 88, 88)
        self.p.save()
        self.p.translate(x, y)
        self.p.scale(radius / 100, radius / 100)
        self.p.fillPath(whole.subtracted(bite), colour)
        self.p.restore()

    def clouds(self) -> None:
        colour = mix(self.sky[2], WHITE, 0.55)
        colour.setAlpha(215)
        for side in self.rng.sample((0.18, 0.5, 0.82), 2):
            x, y = side + self.rng.uniform(-0.08, 0.08), self.rng.uniform(0.1, 0.34)
            width = self.rng.uniform(0.10, 0.15)
            cloud = QPainterPath()
            cloud.setFillRule(Qt.FillRule.WindingFill)
            cloud.addRoundedRect(QRectF(x - width, y - 0.022, 2 * width, 0.044), 0.022, 0.022)
            cloud.addEllipse(QPointF(x - width * 0.2, y - 0.025), width * 0.42, 0.045)
            cloud.addEllipse(QPointF(x + width * 0.38, y - 0.014), width * 0.34, 0.033)
            self.p.fillPath(cloud, colour)

    # --- land

    def mountains(self) -> None:
        base = QColor(COLOURS[self.scene.land_colour or "blue"])
        for level, height, count, haze in ((self.horizon + 0.02, 0.26, 3, 0.42), (self.horizon + 0.12, 0.2, 3, 0.12)):
            face = self.lit(mix(base, self.sky[2], haze))
            for i in range(count):
                x = (i + 0.5) / count + self.rng.uniform(-0.09, 0.09)
                self.peak(x, level, height * self.rng.uniform(0.75, 1.15), face, snow=self.scene.snow)
            self.box(0, level - 0.005, 1, 1, mix(face, BLACK, 0.12))
        self.wave(self.horizon + 0.23, 0.03, 0.9, self.lit(mix(base, BLACK, 0.48)))

    def peak(self, x: float, foot: float, height: float, face: QColor, snow: bool) -> None:
        half, top, knee = height * 1.15, foot - height, x + height * 0.16
        shade = mix(face, BLACK, 0.24)
        self.polygon([(x - half, foot), (x, top), (knee, foot)], face)
        self.polygon([(x, top), (x + half, foot), (knee, foot)], shade)
        if not snow:
            return
        cap = 0.34
        left, right, low = x - half * cap, x + half * cap, top + height * cap
        middle = x + (knee - x) * (cap + 0.1)
        white = self.lit("#FBF8F4", 0.6)
        self.polygon(
            [(left, low), (x, top), (middle, low + height * 0.1), ((left + x) / 2, low - height * 0.06)], white
        )
        self.polygon([(x, top), (right, low), ((right + x) / 2, low - height * 0.05), (middle, low + height * 0.1)],
                     mix(white, shade, 0.28))  # fmt: skip

    def hills(self) -> None:
        base = QColor(COLOURS[self.scene.land_colour or "green"])
        for level, height, shade in ((-0.02, 0.055, 0.45), (0.10, 0.06, 0.0), (0.24, 0.05, -0.42)):
            colour = mix(base, self.sky[2], shade) if shade >= 0 else mix(base, BLACK, -shade)
            self.wave(self.horizon + level, height, self.rng.uniform(0.8, 1.2), self.lit(colour))

    def desert(self) -> None:
        for level, colour in ((0.0, "#F1CE8E"), (0.11, "#E0AE66"), (0.24, "#BC8040")):
            self.wave(self.horizon + level, 0.05, self.rng.uniform(0.9, 1.3), self.lit(colour))

    def sea(self) -> None:
        self.water(self.horizon + 0.02, 1.0)

    def water(self, level: float, glitter: float) -> None:
        """Water from `level` down, with the light's reflection on it where it is open to the sky."""
        near, far = self.lit("#1C5F9E"), mix(self.lit("#3F97C9"), self.sky[2], 0.28)
        gradient = QLinearGradient(0, level, 0, 1)
        gradient.setColorAt(0, far)
        gradient.setColorAt(1, near)
        self.p.fillRect(QRectF(0, level, 1, 1), QBrush(gradient))
        if glitter and self.scene.light:
            x = PLACE_X[self.scene.light_place or "center"]
            colour = mix(QColor(COLOURS[self.scene.light_colour or "white"]), far, 0.25)
            for i in range(5):
                half = (0.11, 0.075, 0.10, 0.06, 0.035)[i]
                self.box(x - half, level + 0.03 + i * 0.055, half * 2, 0.018, colour, 0.009)
        pale = mix(far, WHITE, 0.3)
        for i in range(4):
            x, half = self.rng.random(), self.rng.uniform(0.05, 0.09)
            self.box(
                x - half, level + 0.03 + (i + self.rng.random()) * (0.96 - level) / 4, half * 2, 0.012, pale, 0.006
            )

    def city(self) -> None:
        dark = self.scene.time in {"night", "sunset"}
        for row, (count, haze, low, high) in enumerate(((8, 0.55, 0.16, 0.34), (6, 0.12, 0.06, 0.26))):
            wall = self.lit(mix(QColor("#46507A"), self.sky[2], haze), 0.7)
            window = QColor("#FFD36E") if dark else mix(wall, WHITE, 0.45)
            for i in range(count):
                width = 1 / count
                tall = self.rng.uniform(low, high)
                self.tower(i * width, self.horizon + 0.14 - tall, width * 0.98, wall, window if row else None)
        self.wave(0.86, 0.008, 1.0, self.lit("#3D5A4C"))

    def tower(self, x: float, top: float, width: float, wall: QColor, window: QColor | None) -> None:
        self.box(x, top, width, 1 - top, wall)
        if window is None:
            return
        self.box(x + width * 0.72, top, width * 0.28, 1 - top, mix(wall, BLACK, 0.2))
        for row in range(int((0.84 - top) / 0.075)):
            for column in range(2):
                if self.rng.random() < 0.7:
                    self.box(x + width * (0.12 + column * 0.32), top + 0.03 + row * 0.075, width * 0.17, 0.036, window)

    def forest(self) -> None:
        for foot, tall, count, haze in ((0.06, 0.15, 10, 0.5), (0.15, 0.2, 8, 0.16), (0.27, 0.23, 7, -0.3)):
            green = QColor("#2F7D4F")
            colour = self.lit(
                mix(green, self.sky[2], haze) if haze >= 0 else mix(green, QColor("#0C2A2A"), -haze * 1.6)
            )
            foot_y = self.horizon + foot
            clearing = haze < 0 and self.scene.object in {"house", "tree"}  # so that what stands in it is seen
            height = tall * 0.45 if clearing else tall
            for i in range(count):
                x = (i + 0.5) / count + self.rng.uniform(-0.03, 0.03)
                self.pine(x, foot_y + 0.02, height * self.rng.uniform(0.75, 1.1), colour)
            self.box(-0.01, foot_y, 1.02, 1, colour)

    def pine(self, x: float, foot: float, tall: float, colour: QColor) -> None:
        half = tall * 0.3
        self.polygon([(x - half, foot), (x, foot - tall * 0.72), (x + half, foot)], colour)
        self.polygon(
            [(x - half * 0.7, foot - tall * 0.42), (x, foot - tall), (x + half * 0.7, foot - tall * 0.42)], colour
        )

    # --- things

    def thing(self) -> None:
        scene = self.scene
        x = PLACE_X[scene.object_place or "center"] + self.rng.uniform(-0.035, 0.035)
        colour = self.lit(COLOURS[scene.object_colour or "white"], 0.3)
        dark = mix(colour, WHITE, 0.22) if scene.object_colour == "black" else mix(colour, BLACK, 0.28)
        if scene.object in {"house", "tree"} and scene.land == "sea":
            self.p.setBrush(self.lit("#E4BE7C"))
            self.p.drawChord(QRectF(x - 0.2, 0.80, 0.4, 0.13), 0, 180 * 16)
        getattr(self, scene.object or "")(x, colour, dark)

    def balloon(self, x: float, colour: QColor, dark: QColor) -> None:
        y, radius = self.rng.uniform(0.27, 0.40), 0.155
        self.p.setPen(QPen(self.lit("#5B3A26"), 0.008))
        for side in (-1, 1):
            self.p.drawLine(QPointF(x + side * 0.055, y + radius), QPointF(x + side * 0.026, y + radius + 0.085))
        self.p.setPen(Qt.PenStyle.NoPen)
        skin, mouth = QPainterPath(), radius * 1.22
        skin.moveTo(x - radius, y)
        skin.arcTo(QRectF(x - radius, y - radius, 2 * radius, 2 * radius), 180, -180)
        skin.cubicTo(x + radius, y + radius * 0.62, x + 0.06, y + mouth * 0.8, x + 0.045, y + mouth)
        skin.lineTo(x - 0.045, y + mouth)
        skin.cubicTo(x - 0.06, y + mouth * 0.8, x - radius, y + radius * 0.62, x - radius, y)
        self.p.fillPath(skin, colour)
        self.p.save()
        self.p.setClipPath(skin)
        self.p.fillPath(_spindle(x, y - radius, y + mouth + 0.02, radius * 0.56), dark)
        self.p.fillPath(_spindle(x, y - radius, y + mouth + 0.02, radius * 0.24), mix(colour, WHITE, 0.35))
        self.p.restore()
        self.box(x - 0.036, y + radius + 0.085, 0.072, 0.052, self.lit("#7A4B2C"), 0.01)

    def house(self, x: float, colour: QColor, dark: QColor) -> None:
        ground, half, wall = 0.87, 0.135, 0.17
        roof = ground - wall
        self.box(x + half * 0.42, roof - 0.13, 0.042, 0.1, dark)
        self.box(x - half, roof, half * 2, wall, colour)
        self.box(x + half * 0.5, roof, half * 0.5, wall, mix(colour, dark, 0.45))
        self.polygon([(x - half - 0.035, roof), (x - half * 0.45, roof - 0.125), (x + half * 0.45, roof - 0.125),
                      (x + half + 0.035, roof)], dark)  # fmt: skip
        glow = QColor("#FFE08A") if self.scene.time in {"night", "sunset"} else QColor("#CDEBF5")
        self.box(x - half * 0.72, roof + 0.045, 0.06, 0.06, glow)
        self.box(x + half * 0.02, roof + 0.06, 0.06, wall - 0.06, mix(dark, BLACK, 0.35))

    def tree(self, x: float, colour: QColor, dark: QColor) -> None:
        y, radius = 0.60, 0.15
        trunk = self.lit("#6B4429")
        self.polygon([(x - 0.014, y), (x + 0.014, y), (x + 0.026, 0.88), (x - 0.026, 0.88)], trunk)
        crown, shade = QPainterPath(), QPainterPath()
        crown.setFillRule(Qt.FillRule.WindingFill)
        for dx, dy, part in ((0, -0.03, 1.0), (-0.085, 0.055, 0.62), (0.085, 0.055, 0.62)):
            crown.addEllipse(QPointF(x + dx, y + dy), radius * part, radius * part)
        self.p.fillPath(crown, colour)
        self.p.save()
        self.p.setClipPath(crown)
        shade.addEllipse(QPointF(x + 0.14, y + 0.08), radius * 1.05, radius * 1.15)
        self.p.fillPath(shade, dark)
        self.p.restore()

    def boat(self, x: float, colour: QColor, dark: QColor) -> None:
        deck = 0.835
        self.box(x - 0.008, deck - 0.33, 0.016, 0.34, self.lit("#5B3A26"))
        sail = self.lit("#FBF7EE", 0.35)
        self.polygon([(x + 0.018, deck - 0.33), (x + 0.15, deck - 0.035), (x + 0.018, deck - 0.035)], sail)
        self.polygon(
            [(x - 0.018, deck - 0.28), (x - 0.018, deck - 0.035), (x - 0.11, deck - 0.035)], mix(sail, BLACK, 0.14)
        )
        self.polygon([(x - 0.18, deck), (x + 0.18, deck), (x + 0.125, deck + 0.085), (x - 0.125, deck + 0.085)], colour)
        self.polygon([(x - 0.1535, deck + 0.045), (x + 0.152, deck + 0.045), (x + 0.125, deck + 0.085),
                      (x - 0.125, deck + 0.085)], dark)  # fmt: skip

    def kite(self, x: float, colour: QColor, dark: QColor) -> None:
        y = self.rng.uniform(0.27, 0.38)
        lean = 0.05 if x < 0.5 else -0.05
        top, low, west, east = (
            (x + lean, y - 0.19),
            (x - lean * 1.4, y + 0.2),
            (x - 0.125, y - 0.035),
            (x + 0.125, y - 0.005),
        )
        tail = QPainterPath(QPointF(*low))
        tail.cubicTo(low[0] + 0.09, low[1] + 0.09, low[0] - 0.1, low[1] + 0.13, low[0] - lean * 0.8, low[1] + 0.24)
        self.p.strokePath(tail, QPen(dark, 0.012))
        middle = (x, y - 0.02)
        light = mix(colour, WHITE, 0.3)
        for points, shade in (((top, west, middle), colour), ((top, east, middle), light),
                              ((low, west, middle), dark), ((low, east, middle), colour)):  # fmt: skip
            self.polygon(list(points), shade)
        for share in (0.4, 0.8):
            bow = tail.pointAtPercent(share)
            for side in (-1, 1):
                self.polygon([(bow.x(), bow.y()), (bow.x() + side * 0.034, bow.y() - 0.02),
                              (bow.x() + side * 0.034, bow.y() + 0.02)], colour)  # fmt: skip

    def rocket(self, x: float, colour: QColor, dark: QColor) -> None:
        y, half, long = self.rng.uniform(0.38, 0.46), 0.07, 0.2
        for width, drop, flame in ((0.055, 0.19, "#F2792B"), (0.03, 0.11, "#FFE08A")):
            foot = y + long * 0.8
            self.polygon([(x - width, foot), (x + width, foot), (x, foot + drop)], QColor(flame))
        for side in (-1, 1):
            self.polygon([(x + side * half * 0.75, y + 0.04), (x + side * half * 2.0, y + 0.21),
                          (x + side * half * 0.55, y + 0.165)], dark)  # fmt: skip
        hull, shade = QPainterPath(QPointF(x, y - long * 1.25)), QPainterPath()
        hull.cubicTo(x + half * 1.5, y - long * 0.5, x + half * 1.2, y + 0.05, x + half * 0.6, y + 0.17)
        hull.lineTo(x - half * 0.6, y + 0.17)
        hull.cubicTo(x - half * 1.2, y + 0.05, x - half * 1.5, y - long * 0.5, x, y - long * 1.25)
        self.p.fillPath(hull, colour)
        self.p.save()
        self.p.setClipPath(hull)
        shade.addRect(QRectF(x + half * 0.3, y - 0.3, 0.2, 0.6))
        shade.addRect(QRectF(x - 0.2, y - 0.3, 0.4, 0.125))
        self.p.fillPath(shade, dark)
        self.p.restore()
        self.ellipse(x, y - 0.06, 0.042, 0.042, self.lit("#F8F4EC", 0.3))
        self.ellipse(x, y - 0.06, 0.027, 0.027, QColor("#6EC3EA"))


def _spindle(x: float, top: float, bottom: float, half: float) -> QPainterPath:
    path = QPainterPath(QPointF(x, top))
    path.cubicTo(x + half * 1.4, top + 0.08, x + half * 1.2, bottom - 0.1, x, bottom)
    path.cubicTo(x - half * 1.2, bottom - 0.1, x - half * 1.4, top + 0.08, x, top)
    return path
