"""Every English sentence that the program may hand to ``tr``, gathered from the source without running it."""

import ast
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from studio.core.fields import Field, all_fields, describe
from studio.features import FEATURES, task_types

ROOT = Path(__file__).resolve().parents[1]
STUDIO = ROOT / "studio"
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
Place = tuple[str, str]
"""A file below studio/, and what stands there between the brackets of ``tr``."""


def spoken() -> dict[str, str]:
    """Each sentence, and where it is said."""
    found = {words: f"{file}:{call.lineno}" for file, call in _calls("tr") for words in _literals(call.args[0])}
    for file, call in _calls("tr_count"):
        found.update(dict.fromkeys([*_literals(call.args[1]), *_literals(call.args[2])], f"{file}:{call.lineno}"))
    for (file, argument), way in WAYS.items():
        found.update({words: f"{file}: tr({argument})" for words in way() if words})
    for file, name in _carriers():
        for caller, call in _calls(name):
            if caller == file or _imports(caller, file, name):
                position = _carriers()[file, name]
                found.update(dict.fromkeys(_literals(call.args[position]), f"{caller}:{call.lineno}"))
    return found


def unknown() -> list[str]:
    """Calls of ``tr`` with something that neither is a literal nor is told about in ``WAYS``."""
    return [
        f"{file}:{call.lineno}: tr({ast.unparse(call.args[0])})"
        for file, call in _calls("tr")
        if not _literals(call.args[0])
        and (file, ast.unparse(call.args[0])) != ("core/text.py", "one if count == 1 else many")
        and (file, ast.unparse(call.args[0])) not in WAYS
        and not any(file == of and _inside(of, name, call) for of, name in _carriers())
    ]


def untold() -> list[str]:
    """Entries of ``WAYS`` whose call is gone."""
    there = {(file, ast.unparse(call.args[0])) for file, call in _calls("tr")}
    return [f"{file}: tr({argument})" for file, argument in WAYS.keys() - there]


def mute() -> list[str]:
    """Errors for people whose sentence doesn't go through ``tr``."""
    return [
        f"{file}:{call.lineno}"
        for file, call in _calls("StudioError")
        if call.args and (_literals(call.args[0]) or isinstance(call.args[0], ast.JoinedStr))
    ]


# -- what stands in the source ----------------------------------------------------------------------------------------


@cache
def _trees() -> Mapping[str, ast.Module]:
    return {
        path.relative_to(STUDIO).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(STUDIO.rglob("*.py"))
    }


@cache
def _all_calls() -> Mapping[str, list[tuple[str, ast.Call]]]:
    """Every call by the last part of what is called, with its file."""
    found: dict[str, list[tuple[str, ast.Call]]] = {}
    for file, tree in _trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                found.setdefault(name, []).append((file, node))
    return found


def _calls(name: str) -> list[tuple[str, ast.Call]]:
    return _all_calls().get(name, [])


def _literals(argument: ast.expr) -> list[str]:
    """The string that ``argument`` is, or the two of an "a if x else b"."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return [argument.value]
    if isinstance(argument, ast.IfExp):
        return _literals(argument.body) + _literals(argument.orelse)
    return []


@cache
def _carriers() -> Mapping[Place, int]:
    """Functions that hand a parameter of theirs on to ``tr``: (file, name) -> the parameter's position."""
    return {
        (file, node.name): [one.arg for one in node.args.args].index(call.args[0].id)
        for file, call in _calls("tr")
        if isinstance(call.args[0], ast.Name) and (file, call.args[0].id) not in WAYS
        for node in ast.walk(_trees()[file])
        if isinstance(node, FUNCTIONS) and call.args[0].id in [one.arg for one in node.args.args]
        if any(inner is call for inner in ast.walk(node))
    }


def _inside(file: str, name: str, call: ast.Call) -> bool:
    functions = (node for node in ast.walk(_trees()[file]) if isinstance(node, FUNCTIONS) and node.name == name)
    return any(inner is call for function in functions for inner in ast.walk(function))


def _imports(file: str, source: str, name: str) -> bool:
    module = "studio." + source.removesuffix(".py").replace("/", ".")
    return any(
        isinstance(node, ast.ImportFrom) and node.module == module and name in [one.name for one in node.names]
        for node in ast.walk(_trees()[file])
    )


def _assigned(file: str, name: str, function: str = "") -> ast.expr:
    """What ``name`` is set to, in the module or in one of its functions."""
    for node in ast.walk(_trees()[file]):
        if isinstance(node, FUNCTIONS) and node.name == function:
            return next(found for inner in ast.walk(node) if (found := _value_of(inner, name)) is not None)
    return next(found for node in _trees()[file].body if (found := _value_of(node, name)) is not None)


def _value_of(node: ast.AST, name: str) -> ast.expr | None:
    if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == name for to in node.targets):
        return node.value
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
        return node.value
    return None


# -- the ways by which sentences reach tr() other than as literals -----------------------------------------------------


def _strings(file: str, name: str, function: str = "") -> Iterator[str]:
    """Every string in what ``name`` is set to; of a dictionary the values."""
    value = _assigned(file, name, function)
    for part in value.values if isinstance(value, ast.Dict) else [value]:
        yield from (
            node.value for node in ast.walk(part) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )


def table(file: str, name: str) -> list[tuple[str, str]]:
    """The first two of each row of the constant ``name``: a value and its words."""
    return [(row[0], row[1]) for row in ast.literal_eval(_assigned(file, name))]


def _second(file: str, name: str) -> list[str]:
    return [words for _, words in table(file, name)]


def _fields(wanted: Callable[[Field], Iterable[str]]) -> list[str]:
    """Of every task, and of what is inside the fields that a person meets."""
    tops = [field for task in task_types().values() for field in describe(task)]
    shown = all_fields([field for field in tops if not field.hidden])
    return [words for field in [*tops, *shown] for words in wanted(field)]


def _own_fields(keyword: str) -> list[str]:
    """Of the fields that no task has: controls of a room's own."""
    rows = [call.keywords for place, call in _calls("Field") if place.startswith("features/")]
    return [words for row in rows for one in row if one.arg == keyword for words in _literals(one.value)]


def _titles() -> list[str]:
    return [*_fields(lambda field: [field.title]), *_own_fields("title")]


def _helps() -> list[str]:
    return [*_fields(lambda field: [field.help]), *_own_fields("help")]


def _units() -> list[str]:
    return _fields(lambda field: [field.unit])


def _zeros() -> list[str]:
    return _fields(lambda field: [field.zero])


def _choices() -> list[str]:
    """As the chips of a form say them."""
    names = {*_strings("ui/controls.py", "_FORMATS"), *_strings("ui/controls.py", "_SYMBOLS")}
    return [
        *_fields(lambda field: [choice.capitalize() for choice in field.choices if choice not in names]),
        *_fields(lambda field: [variant.tag.capitalize() for variant in field.variants]),
    ]


def _stages() -> list[str]:
    """What runners call the stages of their work."""
    return [words for _, call in _calls("progress") if len(call.args) == 3 for words in _literals(call.args[2])]


def _rooms() -> list[str]:
    return [words for room in FEATURES for words in _strings(f"features/{room}/__init__.py", "TITLE")]


def _modes(name: str) -> list[str]:
    from studio.features.latent.ui.modes import MODES

    return [getattr(mode, name) for mode in MODES]


def _kinds() -> list[str]:
    return [kind.capitalize() for kind in task_types()]


def _docstrings() -> list[str]:
    return [(task.__doc__ or "").strip().splitlines()[0].replace("`", "") for task in task_types().values()]


def _settings() -> list[str]:
    themes = [name.capitalize() for name in _strings("ui/theme.py", "THEMES")]
    return [
        *themes,
        *(words for name in ("LANGUAGES", "DEVICES", "DTYPES") for words in _second("shell/settings.py", name)),
    ]


def _machine() -> list[str]:
    """The names of the engine's facts, as the doctor writes them."""
    rows = _assigned("cli/doctor.py", "rows", "_device")
    assert isinstance(rows, ast.Dict)
    return [str(key.value).replace("_", " ") for key in rows.keys if isinstance(key, ast.Constant)]


def _summaries() -> list[str]:
    """What the bundled models say of themselves."""
    cards = sorted((ROOT / "resources" / "starters").glob("*/triptych.json"))
    return [json.loads(card.read_text(encoding="utf-8")).get("summary", "") for card in cards]


WAYS: dict[Place, Callable[[], Iterable[str]]] = {
    ("cli/doctor.py", "name.replace('_', ' ')"): _machine,
    ("cli/flags.py", "field.help"): _helps,
    ("cli/nested_flags.py", "field.help"): _helps,
    ("cli/nested_flags.py", "inner.help"): _helps,
    ("cli/make.py", "(task_type.__doc__ or '').strip().splitlines()[0].replace('`', '')"): _docstrings,
    ("cli/make.py", "stage"): _stages,
    ("core/pace.py", "self._stage"): _stages,
    ("features/latent/ui/modes/teach_mode.py", "stage"): _stages,
    ("features/latent/ui/explore/waiting.py", "host.at[2]"): _stages,
    ("features/image/ui/taken.py", "_FIELDS[name].title"): _titles,
    ("features/image/ui/taken.py", "title"): lambda: _strings("library/metadata/tools/generation.py", "TITLES"),
    ("families/rules/networks.py", "kind"): lambda: _strings("families/rules/networks.py", "KINDS"),
    ("features/image/ui/prompts.py", "HINT"): lambda: _strings("features/image/ui/prompts.py", "HINT"),
    ("features/image/ui/prompts.py", "negative.help"): _helps,
    ("features/image/ui/prompts.py", "negative.title"): _titles,
    ("features/image/ui/prompts.py", "prompt.help"): _helps,
    ("features/image/ui/prompts.py", "prompt.title"): _titles,
    ("features/latent/ui/modes/mode_choice.py", "mode.TIP"): lambda: _modes("TIP"),
    ("features/latent/ui/modes/mode_choice.py", "mode.TITLE"): lambda: _modes("TITLE"),
    ("features/latent/ui/widgets/slots.py", "field.help"): _helps,
    ("features/latent/ui/widgets/slots.py", "field.title"): _titles,
    ("features/latent/runs/train.py", "field.title"): _titles,
    ("features/library/ui/filters.py", "_EMPTY[query.kinds[0]]"): lambda: _strings(
        "features/library/ui/filters.py", "_EMPTY"
    ),
    ("features/library/ui/filters.py", "words"): lambda: [
        words for name in ("_KINDS", "_SPANS") for words in _second("features/library/ui/filters.py", name)
    ],
    ("features/models/ui/panel.py", "room.capitalize()"): _rooms,
    ("features/latent/ui/explore/of_model.py", "field.help"): _helps,
    ("features/latent/ui/modes/vae_mode.py", "field.help"): _helps,
    ("features/latent/ui/modes/vae_mode.py", "field.title"): _titles,
    ("features/latent/ui/explore/of_model.py", "field.title"): _titles,
    ("features/models/ui/panel.py", "field.title"): _titles,
    ("features/models/ui/panel.py", "model.summary"): _summaries,
    ("features/models/ui/panel.py", "words"): lambda: _strings("features/models/ui/panel.py", "_COLUMNS"),
    ("room/shown_items.py", "item.kind.capitalize()"): lambda: ["Image", "Text", "Clip"],
    ("features/write/ui/panel.py", "mode.help"): _helps,
    ("features/write/ui/panel.py", "prompt.help"): _helps,
    ("features/write/ui/panel.py", "prompt.title"): _titles,
    ("files/errors.py", "sentence"): lambda: [
        *_strings("files/errors.py", "_REASONS"),
        *_strings("files/errors.py", "sentence", "not_written"),
    ],
    ("library/index.py", "sentence"): lambda: [
        *_strings("library/index.py", "_REASONS"),
        *_strings("library/index.py", "sentence", "_explain"),
    ],
    ("app/job_handle.py", "task.kind.capitalize()"): _kinds,
    ("models/others.py", "what"): lambda: [
        what
        for name in ("_SMALL", "_PARTS", "_CLASSES", "_ARCHITECTURES")
        for what in _strings("models/others.py", name)
    ],
    ("shell/rail.py", "title"): _rooms,
    ("shell/settings.py", "words"): _settings,
    ("shell/window.py", "_module(room).TITLE"): _rooms,
    ("models/parts.py", "field.title"): _titles,
    ("ui/control.py", "field.help"): _helps,
    ("core/task.py", "field.title"): _titles,
    ("room/request.py", "field.title"): _titles,
    ("ui/control.py", "field.title"): _titles,
    ("ui/controls.py", "value.capitalize()"): _choices,
    ("ui/form.py", "field.title"): _titles,
    ("ui/nested.py", "field.title"): _titles,
    ("ui/number.py", "unit"): _units,
    ("ui/number.py", "zero"): _zeros,
    ("ui/size.py", "field.help"): _helps,
    ("ui/size.py", "field.title"): _titles,
}
