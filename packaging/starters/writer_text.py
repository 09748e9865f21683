"""Writes the texts that the first Starter for writing learns from: prompts, short scenes, taglines, small talk."""

import random
from dataclasses import replace

import scenes_content as scenes
import writer_words as words
from writer_words import Deed, Who

Message = tuple[str, str]


def document(rng: random.Random) -> str | list[Message]:
    """One piece of training text: plain words, or a chat as (role, text) pairs."""
    kind = rng.random()
    if kind < 0.10:
        return prompt(rng)
    if kind < 0.19:
        return scene(rng, *_about(rng))
    if kind < 0.22:
        return tagline(rng, rng.choice(list(words.GOODS)))
    return chat(rng)


def chat(rng: random.Random) -> list[Message]:
    """A request and its answer; sometimes with instructions before it or a second request after it."""
    ask = rng.choices((ask_prompt, _ask_scene, _ask_tagline, _ask_anything), weights=(70, 15, 12, 3))[0]
    turns = ask(rng)
    if rng.random() < 0.12:
        turns = [
            ("system", rng.choice(("Be brief.", "You help a designer.", "You are a poet.", "Write in English."))),
            *turns,
        ]
    return turns


def _ask_anything(rng: random.Random) -> list[Message]:
    return [("user", rng.choice(words.QUESTIONS)), ("assistant", rng.choice(words.REPLIES))]


def _article(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _about(rng: random.Random) -> tuple[Who, Deed]:
    who, deed = rng.choice(words.WHO), rng.choice(words.DEEDS)
    if rng.random() < 0.35:
        name, pronoun = rng.choice(words.OTHERS), rng.choice(("she", "he"))
        who = Who(name, pronoun, rng.choice(scenes.LANDS), rng.choice(scenes.OBJECTS))
    if rng.random() < 0.45:
        base, does, did, doing = rng.choice(words.VERBS).split("|")
        deed = Deed(base, does, did, doing, rng.choice(words.OBJECTS))
    return who, deed


def _subject(rng: random.Random, who: Who, deed: Deed) -> str:
    """The same subject in one of several wordings."""
    name = rng.choice((_article(who.name), _article(who.name), who.name, f"the {who.name}"))
    form = rng.random()
    if form < 0.2:
        return name
    if form < 0.8:
        return f"{name} who {deed.does} {deed.rest}"
    return f"{name} {deed.doing} {deed.rest}"


def _loose(rng: random.Random, text: str) -> str:
    """As people type: with or without capital letter and full stop."""
    text = text[0].upper() + text[1:] if rng.random() < 0.4 else text
    return text + rng.choice(("", "", "", ".", "!")) if text[-1].isalnum() else text


# --- image prompts


def prompt(rng: random.Random) -> str:
    """An image prompt of a scene by chance."""
    return scenes.caption(scenes.choose(rng), rng)


def prompt_for(rng: random.Random, who: Who, deed: Deed) -> str:
    """An image prompt that shows where `who` lives and when `deed` is done."""
    return scenes.caption(scene_for(rng, who, deed), rng)


def scene_for(rng: random.Random, who: Who, deed: Deed) -> scenes.Scene:
    """A scene that shows where `who` lives and when `deed` is done."""
    time = deed.time or rng.choice(scenes.TIMES)
    place = rng.choice(scenes.PLACES)
    light = deed.light or None
    colours = scenes.SUN_COLOURS if light == "sun" else scenes.MOON_COLOURS
    return scenes.Scene(
        time=time,
        land=who.land,
        land_colour=rng.choice(scenes.LAND_COLOURS) if who.land in {"mountains", "hills"} else None,
        snow=who.land == "mountains" and ("snow" in deed.rest or rng.random() < 0.3),
        clouds=time != "night" and ("cloud" in deed.rest or rng.random() < 0.2),
        object=who.thing,
        object_colour=rng.choice(tuple(scenes.COLOURS)),
        object_place=place,
        light=light,
        light_colour=rng.choice(colours) if light else None,
        light_place=rng.choice([side for side in scenes.PLACES if side != place]) if light else None,
    )


PROMPT_REQUESTS = (
    "an image prompt about {s}", "write an image prompt about {s}", "image prompt: {s}", "a picture prompt for {s}",
    "give me an image prompt for {s}", "an image prompt for {s}", "a prompt for a picture of {s}",
    "describe a picture of {s}",
    "a poster about {s}", "write a prompt about {s}", "picture: {s}", "I need an image prompt about {s}",
)  # fmt: skip


def ask_prompt(rng: random.Random) -> list[Message]:
    """A chat in which somebody asks for an image prompt, and now and then for a change of it."""
    if rng.random() < 0.75:
        return _ask_scene_words(rng)
    who, deed = _about(rng)
    request = rng.choice(PROMPT_REQUESTS).format(s=_subject(rng, who, deed))
    wanted = scene_for(rng, who, deed)
    turns = [("user", _loose(rng, request)), ("assistant", scenes.caption(wanted, rng))]
    return turns + _change(rng, wanted) if rng.random() < 0.25 else turns


def _change(rng: random.Random, wanted: scenes.Scene) -> list[Message]:
    """A second request that alters the picture, and the altered prompt."""
    what = rng.choice(("time", "colour", "again", "land"))
    if what == "time":
        time = rng.choice(scenes.TIMES)
        request, wanted = (
            f"{rng.choice(('now', 'the same', 'make it'))} {scenes.TIME_NAMES[time][0]}",
            replace(wanted, time=time),
        )
    elif what == "colour":
        colour = rng.choice(tuple(scenes.COLOURS))
        request = rng.choice(("make the {} {}", "a {1} {0} instead", "the {} should be {}")).format(
            wanted.object, colour
        )
        wanted = replace(wanted, object_colour=colour)
    elif what == "land":
        land = rng.choice(scenes.LANDS)
        colour_of = rng.choice(scenes.LAND_COLOURS) if land in {"mountains", "hills"} else None
        request = rng.choice(("with {}", "put it in front of {}", "now with {}")).format(scenes.LAND_NAMES[land][0])
        wanted = replace(wanted, land=land, land_colour=colour_of, snow=False)
    else:
        request = rng.choice(("another one", "again", "one more", "another"))
        wanted = replace(
            wanted, object_place=rng.choice(scenes.PLACES), object_colour=rng.choice(tuple(scenes.COLOURS))
        )
    return [("user", _loose(rng, request)), ("assistant", scenes.caption(wanted, rng))]


def _ask_scene_words(rng: random.Random) -> list[Message]:
    """A request in the pictures' own words, with some of them left out."""
    wanted = scenes.choose(rng)
    hints = []
    if wanted.object:
        name = f"{wanted.object_colour} {wanted.object}" if rng.random() < 0.85 else wanted.object
        hints.append(rng.choice((name, _article(name))))
    if rng.random() < 0.5 or not hints:
        hints.append(scenes.LAND_NAMES[wanted.land][0])
    if rng.random() < 0.4:
        hints.append(scenes.TIME_NAMES[wanted.time][0])
    subject = rng.choice((", ", " ")).join(hints)
    return [
        ("user", _loose(rng, rng.choice(PROMPT_REQUESTS).format(s=subject))),
        ("assistant", scenes.caption(wanted, rng)),
    ]


# --- short scenes

FORMS = {"she": ("she", "her", "her"), "he": ("he", "him", "his"), "it": ("it", "it", "its")}
SCENE_REQUESTS = (
    "a short scene about {s}", "write a short scene about {s}", "a scene with {s}", "a short text about {s}",
    "tell me a story about {s}", "a little story about {s}", "write about {s}", "a few lines about {s}", "scene: {s}",
)  # fmt: skip


def scene(rng: random.Random, who: Who, deed: Deed) -> str:
    """Three or four sentences about `who` and `deed`."""
    slots = _slots(rng, who, deed)
    parts = [rng.choice(words.OPENINGS), *rng.sample(words.MIDDLES, rng.choice((1, 2, 2))), rng.choice(words.CLOSINGS)]
    sentences = []
    for part in parts:
        slots.update(_fresh(rng))
        sentences.append(part.format(**slots))
    return " ".join(sentences)


def _slots(rng: random.Random, who: Who, deed: Deed) -> dict[str, str]:
    they, them, their = FORMS[who.pronoun]
    where = rng.choice(words.PLACES[who.land])
    time = deed.time or rng.choice(list(words.WHEN))
    when = rng.choice(words.WHEN[time])
    light = deed.light or ("moon" if time == "night" else "sun")
    slots = {
        "who": who.name, "a_who": _article(who.name), "they": they, "them": them, "their": their,
        "where": where, "place": scenes.LAND_NAMES[who.land][0].removeprefix("the "), "when": when, "light": light,
        "thing": who.thing, "rest": deed.rest, "rest_base": f"{deed.base} {deed.rest}",
        "rest_did": f"{deed.did} {deed.rest}",
        "rest_doing": f"{deed.doing} {deed.rest}", "years": rng.choice(words.COUNTS),
        "rest_done": f"been {deed.doing} {deed.rest}",
    }  # fmt: skip
    for name in ("a_who", "they", "their", "when", "where"):
        slots[name[0].upper() + name[1:]] = slots[name][0].upper() + slots[name][1:]
    return slots


def _fresh(rng: random.Random) -> dict[str, str]:
    """Words that may differ from sentence to sentence."""
    adjective, light, other = rng.choice(words.ADJECTIVES), rng.choice(words.LIGHT_WORDS), rng.choice(words.DEEDS)
    return {
        "adj": adjective, "a_adj": _article(adjective), "light_adj": light, "a_light_adj": _article(light),
        "colour": rng.choice(("red", "orange", "green", "teal", "blue", "purple", "pink", "white")),
        "smell": rng.choice(words.SMELLS), "sound": rng.choice(words.SOUNDS), "wish": rng.choice(words.WISHES),
        "simile": rng.choice(words.SIMILES), "count": rng.choice(words.COUNTS),
        "a_other": _article(rng.choice(words.WHO).name), "other_base": f"{other.base} {other.rest}",
    }  # fmt: skip


def _ask_scene(rng: random.Random) -> list[Message]:
    who, deed = _about(rng)
    request = rng.choice(SCENE_REQUESTS).format(s=_subject(rng, who, deed))
    turns = [("user", _loose(rng, request)), ("assistant", scene(rng, who, deed))]
    if rng.random() < 0.15:
        ask = rng.choice(
            ("an image prompt for it", "now an image prompt", "a picture of that", "make a picture prompt of it")
        )
        turns += [("user", _loose(rng, ask)), ("assistant", prompt_for(rng, who, deed))]
    return turns


# --- taglines

TAGLINE_REQUESTS = (
    "a tagline for {s}", "write a tagline for {s}", "tagline: {s}", "a slogan for {s}", "give me a slogan for {s}",
    "I need a tagline for {s}", "a headline for {s}", "one line for {s}",
)  # fmt: skip


def tagline(rng: random.Random, goods: str) -> str:
    """A tagline for the goods."""
    moment, gives, verb, adjective, noun = words.GOODS[goods]
    slots = {"moment": moment, "gives": gives, "verb": verb, "adjective": adjective, "noun": noun}
    slots |= {name.capitalize(): value[0].upper() + value[1:] for name, value in slots.items()}
    return rng.choice(words.TAGLINES).format(**slots)


def brand(rng: random.Random) -> str:
    """A name never seen before, in any script, to be copied letter by letter."""
    if rng.random() < 0.35:
        return "".join(rng.choice(words.SIGNS) for _ in range(rng.randint(1, 4)))
    name = "".join(rng.choice(words.SYLLABLES) for _ in range(rng.choice((2, 2, 3))))
    return name.capitalize()


def _ask_tagline(rng: random.Random) -> list[Message]:
    goods = rng.choice(list(words.GOODS))
    line = tagline(rng, goods)
    request = rng.choice(TAGLINE_REQUESTS)
    if rng.random() < 0.45:
        name = brand(rng)
        subject = rng.choice(("{} called {}", "{} named {}", "{1}, {0}")).format(goods, name)
        return [
            ("user", _loose(rng, request.format(s=subject))),
            ("assistant", rng.choice(words.NAMED).format(name=name, line=line)),
        ]
    bare = goods.removeprefix("a ").removeprefix("an ")
    subject = rng.choice((goods, bare, f"my {bare}", f"our {bare}", f"a new {bare}"))
    return [("user", _loose(rng, request.format(s=subject))), ("assistant", line)]
