"""Draws the lake landscapes that the first Starter for the Latent room learns from, many at once."""

import math

import torch
from torch import Tensor

# How many numbers control positions, shapes and colours.
COARSE, MIDDLE, FINE = 12, 10, 10
COUNT = COARSE + MIDDLE + FINE

# Sky from the top over the middle to the horizon, through one day: night, dawn, day, gold, sunset, dusk.
SKIES = (
    ("#0A1030", "#1B2A5E", "#4A6A9E"),
    ("#7C86D6", "#DDA6CF", "#FFD9C0"),
    ("#2F86D8", "#7FC4F0", "#DDF3F5"),
    ("#3D9CB8", "#BFDDC0", "#FFE08A"),
    ("#4A2A7E", "#D4567F", "#FFA850"),
    ("#221748", "#63346F", "#E07A8A"),
)
DARKNESS = (1.0, 0.15, 0.0, 0.0, 0.1, 0.6)  # how dark the land is, and how many stars there are
LAND = ("#2F6E5B", "#3F9C86", "#3D6FB8", "#6A55A8", "#A8567E", "#C0603F", "#C99545")
LIGHT = ("#FFFDF4", "#FFF0A8", "#FFD45A", "#FF9A4A", "#FF6B5A", "#FFB4C8")
BANK = ("#123028", "#16324A", "#2A2050", "#451C3E", "#4A2A1A")


def colours(codes: tuple[str, ...]) -> Tensor:
    """[len(codes), 3] in 0 to 1."""
    return torch.tensor([[int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)] for code in codes])


def share(x: Tensor) -> Tensor:
    """The cumulative distribution of a normal number, 0 to 1."""
    place: Tensor = torch.special.ndtr(x)
    return place


def along(stops: Tensor, where: Tensor) -> Tensor:
    """`stops` [K, C] interpolated at `where` [N], 0 to 1: [N, C]."""
    place = where.clamp(0, 1) * (len(stops) - 1)
    low = place.floor().clamp(max=len(stops) - 2).long()
    return torch.lerp(stops[low], stops[low + 1], (place - low)[:, None])


def edge(distance: Tensor, width: float = 1.2) -> Tensor:
    """1 where `distance` [..., size] is above 0, 0 below, smooth over `width` pixels."""
    return (distance * (distance.shape[-1] / width) + 0.5).clamp(0, 1)


def over(below: Tensor, colour: Tensor, cover: Tensor | float) -> Tensor:
    """`colour` laid over `below`, as much as `cover` says (0 to 1)."""
    return below + (colour - below) * cover


def draw(numbers: Tensor, size: int) -> Tensor:
    """Pictures [N, 3, size, size] in -1 to 1 for normal numbers [N, COUNT]; near numbers give near pictures."""
    return Landscape(numbers, size).picture() * 2 - 1


class Landscape:
    """A batch of pictures in the making; x right, y down, both 0 to 1; [N, 1, size, size] unless said otherwise."""

    def __init__(self, numbers: Tensor, size: int) -> None:
        columns = [column.view(-1, 1, 1, 1) for column in numbers.unbind(dim=1)]
        self.place, self.kind = columns[:COARSE], columns[COARSE : COARSE + MIDDLE]
        self.tone = columns[COARSE + MIDDLE :]
        line = (torch.arange(size) + 0.5) / size
        self.x = line.view(1, 1, 1, size).expand(len(numbers), 1, size, size)
        self.y = line.view(1, 1, size, 1).expand(len(numbers), 1, size, size)
        self.shore = 0.66 + 0.07 * torch.tanh(self.place[2])
        self.palette()

    def palette(self) -> None:
        """The colours of the hour, the land, the light and the near bank."""
        hour = share(self.tone[0].flatten())
        stops = torch.stack([colours(row).flatten() for row in SKIES])
        sky = along(stops, hour).view(-1, 3, 3, 1, 1)
        turn = 0.35 * torch.tanh(self.tone[1])
        self.sky = [self.turned(sky[:, i], turn) for i in range(3)]
        self.dark = along(torch.tensor(DARKNESS)[:, None], hour).view(-1, 1, 1, 1)
        self.land = self.pick(LAND, 2)
        self.sun = self.pick(LIGHT, 5)
        self.bank = self.pick(BANK, 7)

    def pick(self, codes: tuple[str, ...], tone: int) -> Tensor:
        """One of the colours, or one between two of them, by a number of the tone."""
        return along(colours(codes), share(self.tone[tone].flatten())).view(-1, 3, 1, 1)

    @staticmethod
    def turned(colour: Tensor, angle: Tensor) -> Tensor:
        """A colour [N, 3, 1, 1] with its hue rotated by `angle` about the grey axis."""
        grey = colour.mean(dim=1, keepdim=True)
        across = colour.roll(1, 1) - colour.roll(-1, 1)
        return (grey + (colour - grey) * angle.cos() + across * angle.sin() / math.sqrt(3)).clamp(0, 1)

    def picture(self) -> Tensor:
        """The whole picture [N, 3, size, size], 0 to 1."""
        deep = (self.y - self.shore).clamp(min=0)
        wave = torch.sin(self.y * 190) * deep * 0.05
        scene = self.above(self.x + wave, torch.where(self.y < self.shore, self.y, 2 * self.shore - self.y))
        water = self.tinted_water(scene, deep)
        whole = over(scene, water, edge(self.y - self.shore))
        whole = self.boat(whole)
        return self.bank_with_trees(whole).clamp(0, 1)

    def tinted_water(self, mirrored: Tensor, deep: Tensor) -> Tensor:
        """The mirrored scene, darker and rippled the nearer it is."""
        tint = self.sky[0] * (0.75 + 0.2 * torch.tanh(self.tone[6]))
        water = over(mirrored, tint, 0.25 + 0.9 * deep)
        ripple = (torch.sin(self.y * 140 + 3 * torch.sin(self.x * 9)) - 0.55).clamp(0, 1)
        return over(water, self.sky[2], ripple * 0.35)

    def above(self, x: Tensor, y: Tensor) -> Tensor:
        """Everything that the lake mirrors: sky, light, clouds and mountains, at the given positions."""
        height = (y / self.shore).clamp(0, 1)
        sky = over(self.sky[0], self.sky[1], (height / 0.55).clamp(0, 1))
        sky = over(sky, self.sky[2], ((height - 0.55) / 0.45).clamp(0, 1))
        sky = over(sky, torch.ones(1), self.stars(x, y) * self.dark * 0.9)
        sky = self.light(sky, x, y)
        sky = self.cloud(sky, x, y)
        haze = 0.45 + 0.2 * torch.tanh(self.tone[4])
        night = 1 - 0.55 * self.dark
        bright = night * (1 + 0.18 * torch.tanh(self.tone[3]))
        for which, (layer, mist) in enumerate(((0, haze), (1, haze * 0.3))):
            top = self.ridge(x, layer)
            face = over(self.land * bright * (1 - 0.2 * which), self.sky[2], mist)
            sky = over(sky, face, edge(y - top))
            line = self.shore - 0.30 + 0.20 * torch.sigmoid(1.8 * self.kind[1] - 0.6)
            line = line + 0.014 * torch.sin(x * 41 + which)
            cover = edge(y - top) * edge(line - y) * (1 - 0.35 * self.dark)
            sky = over(sky, over(torch.ones(1), self.sky[1], 0.12 + 0.25 * mist), cover)
        return sky

    def ridge(self, x: Tensor, layer: int) -> Tensor:
        """The height of a mountain range's edge: rolling or jagged."""
        first = 5 if layer == 0 else 8
        p, q = 0.9 * self.place[first], 0.9 * self.place[first + 1]
        width = 1.1 ** torch.tanh(self.place[11])
        base = math.tau * x * width
        slow, fast = base * (1.2 + 0.3 * layer) + p + layer * 2, base * (2.9 + 0.6 * layer) + q
        jagged = torch.sigmoid(2 * self.kind[0])
        swell = 0.6 * self.peak(slow, jagged) + 0.4 * self.peak(fast, jagged)
        if layer == 0:
            tall = 0.16 + 0.13 * torch.sigmoid(1.5 * self.place[4])
            return self.shore - 0.02 - tall * swell
        tall = 0.06 + 0.16 * torch.sigmoid(1.5 * self.place[7])
        lean = 0.12 * torch.tanh(self.place[10]) * (x - 0.5)
        return self.shore + 0.02 - tall * swell - lean - 0.015

    @staticmethod
    def peak(angle: Tensor, jagged: Tensor) -> Tensor:
        """A wave between 0 and 1, round or pointed."""
        round_ = 0.5 + 0.5 * torch.sin(angle)
        pointed = 0.5 + torch.asin(0.999 * torch.sin(angle)) / math.pi
        return over(round_, pointed, jagged)

    @staticmethod
    def stars(x: Tensor, y: Tensor) -> Tensor:
        """The same stars every night, fading towards the horizon."""
        a, b = x * 11, y * 11
        row, column = b.floor(), a.floor()
        hash_x, hash_y = torch.sin(row * 12.9 + column * 78.2) * 437.5, torch.sin(row * 39.3 + column * 11.1) * 237.9
        dx, dy = a - column - 0.2 - 0.6 * (hash_x - hash_x.floor()), b - row - 0.2 - 0.6 * (hash_y - hash_y.floor())
        some = hash_x > hash_x.floor() + 0.45
        return (1.5 - (dx.square() + dy.square()) * 110).clamp(0, 1) * (1 - y / 0.6).clamp(0, 1) * some

    def light(self, sky: Tensor, x: Tensor, y: Tensor) -> Tensor:
        """The sun or the moon, and its glow."""
        across = 0.5 + 0.36 * torch.tanh(0.8 * self.place[0])
        up = self.shore - 0.08 - 0.44 * torch.sigmoid(1.3 * self.place[1] + 0.2)
        radius = 0.05 + 0.06 * torch.sigmoid(1.5 * self.place[3])
        distance = ((x - across).square() + (y - up).square() + 1e-6).sqrt()
        glow = (0.55 + 0.2 * torch.tanh(self.tone[9])) * torch.exp(-(distance - radius).clamp(min=0) / 0.13)
        return over(over(sky, self.sun, glow), self.sun, edge(radius - distance))

    def cloud(self, sky: Tensor, x: Tensor, y: Tensor) -> Tensor:
        """Two long clouds, the second to the right of the first and lower."""
        white = over(over(self.sky[2], torch.ones(1), 0.5), self.sun, 0.15 + 0.15 * torch.tanh(self.tone[8]))
        white = white * (1 - 0.5 * self.dark)
        amount = torch.sigmoid(2 * self.kind[4])
        across, up = 0.5 + 0.4 * torch.tanh(self.kind[2]), 0.2 + 0.1 * torch.tanh(self.kind[3])
        for shift, drop, wide in ((-0.2, 0.0, 0.26), (0.25, 0.13, 0.2)):
            dx, dy = (x - across - shift) / wide, y - up - drop
            body = (1 - dx.square()).clamp(min=0).sqrt() * (0.03 + 0.035 * amount)
            lumps = 1 + 0.3 * torch.sin(dx * 7 + shift * 20)
            shape = edge(body * lumps - dy.abs() - dy * 0.4 - 0.012, 2)
            sky = over(sky, white, shape * (amount * 1.5 - 0.3).clamp(0, 0.9))
        return sky

    def boat(self, scene: Tensor) -> Tensor:
        """A small boat with a sail, in some pictures."""
        size = 0.085 * torch.sigmoid(4 * self.kind[8])
        across, foot = 0.5 + 0.4 * torch.tanh(0.9 * self.kind[9]), self.shore + 0.075
        dx, dy = self.x - across, foot - self.y
        sail = edge(size * (1 - dy / (size * 1.9 + 1e-3)) * 0.55 - (dx - size * 0.12).abs()) * edge(dy)
        hull = edge(size * 0.85 + dy * 0.8 - dx.abs()) * edge(-dy) * edge(dy + size * 0.38)
        shown = (size / 0.02 - 0.6).clamp(0, 1)
        scene = over(scene, over(torch.ones(1), self.sky[1], 0.15 + 0.3 * self.dark), sail * shown)
        return over(scene, self.bank, hull * shown)

    def bank_with_trees(self, scene: Tensor) -> Tensor:
        """The near bank at the foot of the picture, with pines that can grow tall."""
        lean = torch.tanh(self.kind[6]) * (self.x - 0.5)
        top = 0.93 - 0.06 * torch.tanh(self.kind[5]) - 0.13 * lean - 0.012 * torch.sin(self.x * 9)
        pine = (1 - (self.x * 9 % 1 - 0.5).abs() * 2.6).clamp(min=0)
        pine = pine * (0.65 + 0.35 * torch.sin((self.x * 9).floor() * 2.4))
        tall = 0.24 * torch.sigmoid(1.6 * self.kind[7] - 0.3)
        beside = (0.15 + (self.x - 0.5).square() * 4.2).clamp(max=1)
        return over(scene, self.bank * (1 - 0.35 * self.dark), edge(self.y - top + pine * tall * beside))
