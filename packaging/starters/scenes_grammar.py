"""Parses captions that `scenes_content.caption` could have written."""

import re

import scenes_content as scenes


def parse(words: str) -> dict[str, str] | None:
    """What a caption says (attributes of `Scene`, with "clouds" and "snow" as "yes"), or None if it is no caption.

    It is None if the words don't fit the grammar, or describe an impossible scene: a red moon, green sea, clouds at
    night, a boat above hills. Two objects on one side can be parsed; see `crowded`.
    """
    for form in (SENTENCE, LIST):
        if found := form.fullmatch(words):
            told = _meaning({name: text for name, text in found.groupdict().items() if text})
            if _possible(told):
                return {name: value for name, value in told.items() if name != "joint"}
    return None


def crowded(told: dict[str, str]) -> bool:
    """Whether sun or moon is on the object's side, where no scene has it."""
    return "object_place" in told and told["object_place"] == told.get("light_place")


def _any(names: object) -> str:
    return "|".join(map(re.escape, sorted(set(names), key=len, reverse=True)))  # type: ignore[call-overload]


def _one(name: str, table: dict[str, tuple[str, ...]]) -> str:
    """One of the words of a table, as a named group."""
    return f"(?P<{name}>{_any(word for words in table.values() for word in words)})"


COLOUR = _any(scenes.COLOURS)
PLACE = _any(word for words in scenes.PLACE_NAMES.values() for word in words)


def _thing(name: str, nouns: str, article: str) -> str:
    return f"{article}(?:(?P<{name}_colour>{COLOUR}) )?{nouns}(?: (?P<{name}_place>{PLACE}))?"


BARE_LANDS = {land: tuple(name.removeprefix("a ").removeprefix("the ") for name in names)
              for land, names in scenes.LAND_NAMES.items()}  # fmt: skip
OBJECT, LIGHT = _one("object", scenes.NAMES), "(?P<light>sun|(?:crescent )?moon)"
CLOUDS = "(?P<clouds>(?:white )?clouds)"
LAND_WORDS = "(?:(?P<snow>snowy|snow-capped) )?(?:(?P<land_colour>{colours}) )?{names}"


def _sentence() -> re.Pattern[str]:
    thing, light = _thing("object", OBJECT, "(?:a|an) "), _thing("light", LIGHT, "(?:a|an) ")
    land = "(?:a )?" + LAND_WORDS.format(colours=COLOUR, names=_one("land", scenes.LAND_NAMES))
    joint = f"(?P<joint>{_any((*scenes.ABOVE, *scenes.WITHIN, 'on'))})"
    hour = _any(word for words in scenes.TIME_NAMES.values() for word in words)
    core = f"(?:{thing}(?: {joint} {land})?|{land.replace('(?P<', '(?P<only_')})"
    extras = f"(?: (?:with|and) (?:{light}(?: and {CLOUDS})?|{CLOUDS.replace('(?P<', '(?P<only_')}))?"
    return re.compile(
        f"(?:{_any(scenes.OPENINGS)})?(?:(?P<first_time>{hour}), {core}|{_again(core)}(?: (?P<time>{hour}))?){extras}"
    )


def _again(pattern: str) -> str:
    """The same pattern again, with other group names."""
    return pattern.replace("(?P<", "(?P<late_")


def _list() -> re.Pattern[str]:
    parts = (
        _thing("object", OBJECT, "(?:an )?"),
        LAND_WORDS.format(colours=COLOUR, names=_one("land", BARE_LANDS)),
        _thing("light", LIGHT, "(?:an )?"),
        CLOUDS,
        f"(?P<time>{_any(scenes.TIMES)})",
    )
    # Each part is optional; parts are separated by commas.
    some = "".join(f"(?:(?:^|, ){part})?" for part in parts)
    return re.compile(f"(?!, ){some}")


def _meaning(groups: dict[str, str]) -> dict[str, str]:
    told: dict[str, str] = {}
    for name, text in groups.items():
        told[re.sub(r"^(?:late_|first_|only_)+", "", name)] = text
    for name, table in (
        ("object", scenes.NAMES),
        ("land", {land: (*scenes.LAND_NAMES[land], *BARE_LANDS[land]) for land in scenes.LANDS}),
        ("time", {time: (time, *scenes.TIME_NAMES[time]) for time in scenes.TIMES}),
        ("object_place", scenes.PLACE_NAMES),
        ("light_place", scenes.PLACE_NAMES),
    ):
        if name in told:
            told[name] = next(value for value, words in table.items() if told[name] in words)
    if "light" in told:
        told["light"] = told["light"].removeprefix("crescent ")
    return told | {name: "yes" for name in ("clouds", "snow") if name in told}


def _possible(told: dict[str, str]) -> bool:
    land, light = told.get("land"), told.get("light")
    colours = scenes.SUN_COLOURS if light == "sun" else scenes.MOON_COLOURS
    return (
        bool(land or told.get("object"))
        and _coloured_like_land(land, told.get("land_colour"))
        and ("snow" not in told or land == "mountains")
        and told.get("light_colour", colours[0]) in colours
        and not ("clouds" in told and told.get("time") == "night")
        and _joined(told.get("object"), land, told.get("joint"))
    )


def _coloured_like_land(land: str | None, colour: str | None) -> bool:
    return not colour or (land in {"mountains", "hills"} and colour in scenes.LAND_COLOURS)


def _joined(thing: str | None, land: str | None, joint: str | None) -> bool:
    if joint is None:
        return True
    if (thing, land) == ("boat", "sea"):
        return joint == "on"
    return joint in (scenes.ABOVE if thing in {"balloon", "kite", "rocket"} else scenes.WITHIN)


SENTENCE, LIST = _sentence(), _list()
