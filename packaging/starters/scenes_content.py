"""What a poster landscape can contain, and the words for it."""

import random
from dataclasses import dataclass

COLOURS = {
    "red": "#D8352E", "orange": "#F28A26", "yellow": "#FBC638", "green": "#3BA657", "teal": "#1FA59B",
    "blue": "#2E6EDD", "purple": "#7F46BA", "pink": "#F27BAA", "white": "#F8F4EC", "black": "#24222C",
}  # fmt: skip
LAND_COLOURS = ("red", "orange", "yellow", "green", "teal", "blue", "purple", "pink")
SUN_COLOURS = ("yellow", "orange", "red", "white", "pink")
MOON_COLOURS = ("white", "yellow", "orange", "pink")
TIMES = ("day", "sunset", "night", "dawn")
LANDS = ("mountains", "hills", "sea", "desert", "city", "forest")
OBJECTS = ("balloon", "house", "tree", "boat", "kite", "rocket")
PLACES = ("left", "center", "right")
SUN_ODDS = {"day": (0.8, 0.08), "sunset": (0.62, 0.26), "night": (0.06, 0.8), "dawn": (0.5, 0.35)}


@dataclass(frozen=True)
class Scene:
    """What is in a picture. `land_colour` is set for mountains and hills only; `object` None means none."""

    time: str
    land: str
    land_colour: str | None
    snow: bool
    clouds: bool
    object: str | None
    object_colour: str | None
    object_place: str | None
    light: str | None
    light_colour: str | None
    light_place: str | None


def choose(rng: random.Random) -> Scene:
    """What is in one picture, by chance."""
    time, land = rng.choice(TIMES), rng.choice(LANDS)
    coloured = land in {"mountains", "hills"}
    thing = rng.choice(OBJECTS) if rng.random() < 0.86 else None
    place = rng.choice(PLACES) if thing else None
    sun, moon = SUN_ODDS[time]
    draw_of = rng.random()
    light = "sun" if draw_of < sun else "moon" if draw_of < sun + moon else None
    light_place = rng.choice([side for side in PLACES if side != place]) if light else None
    return Scene(
        time=time,
        land=land,
        land_colour=rng.choice(LAND_COLOURS) if coloured else None,
        snow=land == "mountains" and rng.random() < 0.4,
        clouds=time != "night" and rng.random() < 0.3,
        object=thing,
        object_colour=rng.choice(tuple(COLOURS)) if thing else None,
        object_place=place,
        light=light,
        light_colour=rng.choice(SUN_COLOURS if light == "sun" else MOON_COLOURS) if light else None,
        light_place=light_place,
    )


# --- captions

NAMES = {
    "balloon": ("balloon", "balloon", "hot air balloon"),
    "house": ("house", "house", "cottage", "home"),
    "tree": ("tree",),
    "boat": ("boat", "boat", "sailing boat", "sailboat", "ship"),
    "kite": ("kite",),
    "rocket": ("rocket", "rocket", "spaceship"),
}
LAND_NAMES = {
    "mountains": ("mountains", "mountains", "peaks", "mountain range"),
    "hills": ("hills", "hills", "rolling hills"),
    "sea": ("the sea", "the sea", "the ocean", "water"),
    "desert": ("the desert", "the desert", "sand dunes", "a desert"),
    "city": ("the city", "a city", "a city skyline", "skyscrapers"),
    "forest": ("the forest", "a forest", "the woods", "pine trees"),
}
ABOVE = ("over", "above", "in front of")
WITHIN = ("in front of", "by", "near")
TIME_NAMES = {
    "day": ("by day", "in daylight", "during the day", "on a bright day", "at noon", "under a blue sky"),
    "sunset": ("at sunset", "at sunset", "at dusk", "in the evening", "under a sunset sky"),
    "night": ("at night", "at night", "under the stars", "on a starry night", "at midnight"),
    "dawn": ("at dawn", "at dawn", "at sunrise", "in the early morning", "under a pale morning sky"),
}
PLACE_NAMES = {
    "left": ("on the left", "on the left side", "at left"),
    "center": ("in the center", "in the middle", "in the centre"),
    "right": ("on the right", "on the right side", "at right"),
}
OPENINGS = ("a poster of ", "a picture of ", "an illustration of ", "a flat illustration of ", "a landscape with ")


def caption(scene: Scene, rng: random.Random) -> str:
    """A caption of `scene`: a sentence or a list, sometimes without the land, the hour, a colour or a position."""
    land, time, light = rng.random() < 0.92, rng.random() < 0.85, scene.light is not None and rng.random() < 0.72
    thing = _thing_words(scene, rng)
    if not thing:
        land = True
    land_words = _land_words(scene, rng) if land else ""
    time_words = rng.choice(TIME_NAMES[scene.time]) if time else ""
    light_words = _light_words(scene, rng) if light else ""
    clouds = rng.choice(("clouds", "white clouds")) if scene.clouds and rng.random() < 0.6 else ""
    if rng.random() < 0.22:
        hour = scene.time if time else ""
        parts = [
            part.removeprefix("a ").removeprefix("the ") for part in (thing, land_words, light_words, clouds, hour)
        ]
        return ", ".join(part for part in parts if part)
    words = thing
    if land_words:
        joint: tuple[str, ...] = ABOVE if scene.object in {"balloon", "kite", "rocket"} else WITHIN
        if scene.object == "boat" and scene.land == "sea":
            joint = ("on",)
        words = f"{thing} {rng.choice(joint)} {land_words}" if thing else land_words
    if time_words:
        words = f"{time_words}, {words}" if rng.random() < 0.12 else f"{words} {time_words}"
    extras = " and ".join(part for part in (light_words, clouds) if part)
    if extras:
        words = f"{words} {rng.choice(('with', 'with', 'and'))} {extras}"
    return rng.choice(OPENINGS) + words if rng.random() < 0.1 else words


def _thing_words(scene: Scene, rng: random.Random) -> str:
    if not scene.object:
        return ""
    colour = f"{scene.object_colour} " if rng.random() < 0.93 else ""
    name = colour + rng.choice(NAMES[scene.object])
    place = f" {rng.choice(PLACE_NAMES[scene.object_place or 'center'])}" if rng.random() < 0.75 else ""
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}{place}"


def _land_words(scene: Scene, rng: random.Random) -> str:
    name = rng.choice(LAND_NAMES[scene.land])
    if scene.land_colour and rng.random() < 0.85:
        name = f"{scene.land_colour} {name}"
    if scene.snow and rng.random() < 0.8:
        name = f"{rng.choice(('snowy', 'snow-capped'))} {name}"
    return f"a {name}" if name.endswith("range") else name


def _light_words(scene: Scene, rng: random.Random) -> str:
    kind = rng.choice(("moon", "moon", "crescent moon")) if scene.light == "moon" else "sun"
    colour = f"{scene.light_colour} " if rng.random() < 0.8 else ""
    place = f" {rng.choice(PLACE_NAMES[scene.light_place or 'center'])}" if rng.random() < 0.75 else ""
    name = colour + kind
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}{place}"


def captions(seed: int, count: int) -> list[str]:
    """`count` captions of the picture of `seed`."""
    scene = choose(random.Random(seed))
    return [caption(scene, random.Random(seed * 1000 + i)) for i in range(count)]
