"""ComfyUI's conditionings: finds a sampler's prompt and negative prompt, through any nodes in between."""

from typing import Any

from studio.library.metadata.tools.comfyui_graph import Graph, Link, is_passed_through
from studio.library.metadata.tools.generation import named, number, other, text, whole

NO_WORDS = (
    "clip", "vae", "model", "control_net", "image", "images", "pixels", "mask", "latent", "latent_image", "samples",
    "clip_vision", "clip_vision_output", "style_model", "ipadapter", "gligen_textbox_model", "audio",
)  # fmt: skip
"""Inputs that never lead to prompt texts."""
_DEEPEST, _MOST_LOOKS = 100, 10_000
_TEXTS = ("text", "text_g", "text_l", "clip_l", "clip_g", "t5xxl", "prompt", "positive", "negative", "string", "value")
_ENCODED = ("text", "text_g", "text_l", "clip_g", "clip_l", "t5xxl", "prompt")
_VALUES = ("value", "int", "float", "number", "string", "text", "Text", "seed", "noise_seed", "Value", "boolean")
_SWITCHES = ("select", "index", "input", "switch", "boolean", "selected")
_PAIR = ("positive", "negative")
PIPES = ("pipe", "basic_pipe", "context", "base_ctx", "ctx")
"""Inputs through which some node packs pass everything at once."""


class Words:
    """The texts and numbers of a graph. ``others``: settings found on the way that a request can't hold."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.others: tuple[tuple[str, str], ...] = ()
        self._guidance: float | None = None
        self._patience = _MOST_LOOKS

    def conditions(self, sampler: str) -> tuple[str, str, float | None]:
        """Prompt, negative prompt, and the guidance of the conditionings or their guider."""
        inputs = self._graph.nodes[sampler].inputs
        guider = self._graph.link(inputs.get("guider"))
        source = self.behind_reroutes(guider)[0] if guider else sampler
        guidance = number(self.value(source, "cfg")) if guider else None
        found = [self._condition(source, title) for title in _PAIR]
        return found[0], found[1], self._guidance if self._guidance is not None else guidance

    def _condition(self, source: str, title: str) -> str:
        """The text of a sampler's or guider's input, or of its substitute."""
        inputs = self._graph.nodes[source].inputs
        others = ("conditioning", "cond1", "text") if title == _PAIR[0] else ()
        key = next((key for key in (title, *others, *PIPES) if key in inputs), "")
        link = self._graph.link(inputs.get(key))
        return self._condition_text(link, title, set(), 0, piped=key in PIPES) if link else text(inputs.get(key))

    # -- values --------------------------------------------------------------------------------------------------

    def value(self, node: str, title: str, depth: int = 0) -> Any:
        """An input's value: its own, or that of its source node; None if it has none."""
        found = self._graph.nodes[node].inputs.get(title) if node in self._graph.nodes else None
        link = self._graph.link(found)
        if link is None:
            return None if isinstance(found, list) else found
        return self._resolve(link, title, depth + 1)

    def _resolve(self, link: Link, title: str, depth: int) -> Any:
        """The value of a node that holds, selects or joins values."""
        name = self.behind_reroutes(link)[0]
        inputs = self._graph.nodes[name].inputs
        self._patience -= 1
        if depth > _DEEPEST or self._patience < 0:
            return None
        for key in (title, *(key for key in _VALUES if key in inputs)):
            if key in inputs and (found := self.value(name, key, depth)) is not None:
                return found
        plain = [value for value in inputs.values() if isinstance(value, int | float | str)]
        if len(plain) == 1:
            return plain[0]
        inner = self._graph.links(name)
        return self._resolve(inner[0][1], title, depth + 1) if inner else None

    def behind_reroutes(self, link: Link) -> Link:
        """The source of ``link``, skipping reroutes."""
        for _ in range(_DEEPEST):
            inner = self._graph.links(link[0]) if is_passed_through(self._graph.nodes[link[0]]) else []
            if not inner:
                return link
            link = inner[0][1]
        return link

    # -- words ---------------------------------------------------------------------------------------------------

    def _condition_text(self, link: Link, wanted: str, seen: set[str], depth: int, piped: bool = False) -> str:
        """The text of the conditioning that comes through ``link``; each node is read once."""
        name, slot = self.behind_reroutes(link)
        node = self._graph.nodes[name]
        if name in seen or depth > _DEEPEST or "ZeroOut" in node.kind:
            return ""
        seen.add(name)
        self._note(name)
        if (guidance := number(self.value(name, "guidance"))) is not None and wanted == "positive":
            self._guidance = guidance
        if isinstance(node.inputs.get(wanted), str):  # a loader that encodes both prompts
            return text(self.value(name, wanted))
        own = [self._words_of(name, key) for key in _ENCODED if key in node.inputs]
        if any(own):
            return ", ".join(dict.fromkeys(filter(None, own)))
        pair = [key for key in _PAIR if self._graph.link(node.inputs.get(key))]
        if len(pair) == len(_PAIR):
            wanted = _PAIR[slot] if slot < len(_PAIR) and not piped else wanted
            pair = [wanted]
        links = [
            (inner, key in PIPES)
            for key, inner in self._graph.links(name)
            if (key in pair if pair else key not in NO_WORDS)
        ]  # a switch is followed through all inputs: usually only one of them is linked
        return ", ".join(
            dict.fromkeys(
                filter(None, (self._condition_text(inner, wanted, seen, depth + 1, pipe) for inner, pipe in links))
            )
        )

    def _words_of(self, name: str, title: str) -> str:
        value = self._graph.nodes[name].inputs.get(title)
        link = self._graph.link(value)
        return self._node_text(link, set(), 0) if link else text(value)

    def _node_text(self, link: Link, seen: set[str], depth: int) -> str:
        """The text of a text node: its own, or others' joined."""
        name, slot = self.behind_reroutes(link)
        inputs = self._graph.nodes[name].inputs
        if name in seen or depth > _DEEPEST:
            return ""
        seen.add(name)
        styled = ("text_positive", "text_negative")
        if all(key in inputs for key in styled):
            return self._one(inputs[styled[slot] if slot < len(styled) else styled[0]], seen, depth)
        for key in ("populated_text", "text_0"):
            if isinstance(inputs.get(key), str):
                return text(inputs[key])
        choice = self._choice(inputs)
        if choice is not None:
            return self._one(choice, seen, depth)
        joint = next(
            (inputs[key] for key in ("delimiter", "separator", "delim") if isinstance(inputs.get(key), str)), ""
        )
        given = [
            self._one(value, seen, depth)
            for key, value in sorted(inputs.items())
            if key
            not in (*NO_WORDS, "delimiter", "separator", "delim", "clean_whitespace", "mode", "linebreak_addition")
            and (key.lower().startswith(_TEXTS) or self._graph.link(value))
        ]
        return (joint or " ").join(filter(None, given)).strip()

    def _one(self, value: object, seen: set[str], depth: int) -> str:
        link = self._graph.link(value)
        return self._node_text(link, seen, depth + 1) if link else text(value)

    def _choice(self, inputs: dict[str, Any]) -> Any:
        """The input that a switch selects; None if the node isn't one."""
        at = next((whole(inputs[key]) for key in _SWITCHES if key in inputs), None)
        if at is None:
            return None
        several = [key for key in inputs if key[-1:].isdigit()]
        return next((inputs[key] for key in several if key.rstrip("0123456789") + str(at) == key), None)

    def _note(self, name: str) -> None:
        """Note a part of a conditioning that a request can't hold."""
        node = self._graph.nodes[name]
        control = self._graph.link(node.inputs.get("control_net"))
        if control:
            what = self.value(self.behind_reroutes(control)[0], "control_net_name")
            self.others += named("ControlNet", what or "?", self.value(name, "strength"))
        clip = self._graph.link(node.inputs.get("clip"))
        seen: set[str] = set()
        while clip and (at := self.behind_reroutes(clip)[0]) not in seen:
            seen.add(at)
            layer = whole(self.value(at, "stop_at_clip_layer"))
            self.others += other("Clip skip", -layer) if layer is not None and layer < -1 else ()
            clip = self._graph.link(self._graph.nodes[at].inputs.get("clip"))
        if any(word in node.kind for word in ("SetArea", "SetMask", "StyleModel", "unCLIP", "GLIGEN", "Reference")):
            self.others += other(node.kind[:60], True)
