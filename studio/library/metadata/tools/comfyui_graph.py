"""ComfyUI's graph: nodes and links, also from the editor's own format, ``workflow``."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from studio.library.metadata.tools.generation import items, mapping

Link = tuple[str, int]
"""A node's name, and the index of its output."""
_MOST_NODES, _MOST_LINKS = 2_000, 20_000
_AFTER_SEEDS = ("fixed", "increment", "decrement", "randomize")
_MUTED, _BYPASSED = 2, 4
_WIDGETS: dict[str, tuple[str, ...]] = {
    "KSampler": ("seed", "steps", "cfg", "sampler_name", "scheduler", "denoise"),
    "KSamplerAdvanced": (
        "add_noise", "noise_seed", "steps", "cfg", "sampler_name", "scheduler", "start_at_step", "end_at_step",
        "return_with_leftover_noise",
    ),
    "SamplerCustom": ("add_noise", "noise_seed", "cfg"),
    "RandomNoise": ("noise_seed",),
    "KSamplerSelect": ("sampler_name",),
    "BasicScheduler": ("scheduler", "steps", "denoise"),
    "CFGGuider": ("cfg",),
    "FluxGuidance": ("guidance",),
    "CLIPTextEncode": ("text",),
    "CLIPTextEncodeFlux": ("clip_l", "t5xxl", "guidance"),
    "CLIPSetLastLayer": ("stop_at_clip_layer",),
    "EmptyLatentImage": ("width", "height", "batch_size"),
    "EmptySD3LatentImage": ("width", "height", "batch_size"),
    "CheckpointLoaderSimple": ("ckpt_name",),
    "UNETLoader": ("unet_name", "weight_dtype"),
    "LoraLoader": ("lora_name", "strength_model", "strength_clip"),
    "LoraLoaderModelOnly": ("lora_name", "strength_model"),
    "VAELoader": ("vae_name",),
    "LoadImage": ("image",),
    "ControlNetLoader": ("control_net_name",),
    "ControlNetApplyAdvanced": ("strength", "start_percent", "end_percent"),
    "PrimitiveNode": ("value",),
    "SaveImage": ("filename_prefix",),
}  # fmt: skip
"""Widget names of nodes whose inputs don't list them, in the editor's order."""


class Node(msgspec.Struct, frozen=True):
    """A node: its class, and each input's value or link."""

    kind: str
    inputs: dict[str, Any]


class Graph:
    """Nodes by name, and their links. Raises ValueError for an absurdly large graph."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = nodes
        self._links = {
            name: [(title, link) for title, value in node.inputs.items() if (link := self.link(value))]
            for name, node in nodes.items()
        }
        self._takers: dict[str, list[str]] = {name: [] for name in nodes}
        for name, links in self._links.items():
            for _, (origin, _slot) in links:
                self._takers[origin].append(name)
        if len(nodes) > _MOST_NODES or sum(map(len, self._links.values())) > _MOST_LINKS:
            raise ValueError("too large")

    def link(self, value: object) -> Link | None:
        """``value`` as a link to an existing node: a list of its name and the output's index."""
        if isinstance(value, list) and len(value) == 2 and isinstance(value[1], int):
            name = str(value[0]) if isinstance(value[0], str | int) else ""
            return (name, value[1]) if name in self.nodes else None
        return None

    def links(self, name: str) -> list[tuple[str, Link]]:
        """The linked inputs of a node."""
        return self._links[name]

    def ends(self) -> list[str]:
        """The nodes with inputs whose outputs aren't used."""
        return [name for name in self.nodes if self._links[name] and not self._takers[name]]

    def behind(self, name: str) -> set[str]:
        """All nodes upstream of ``name``."""
        return _reach([name], lambda node: [origin for _, (origin, _slot) in self._links[node]])

    def before(self, names: Iterable[str]) -> set[str]:
        """``names`` and all nodes downstream of them."""
        return _reach(names, lambda node: self._takers[node])


def _reach(start: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    rest = list(start)
    seen = set(rest)
    while rest:
        new = set(following(rest.pop())) - seen
        seen |= new
        rest += new
    return seen


def graph_of_prompt(data: Mapping[str, Any]) -> Graph | None:
    """The executed graph (``prompt``); None if ``data`` isn't one. Raises ValueError as ``Graph`` does."""
    nodes = {}
    for name, node in data.items():
        if isinstance(node, dict) and isinstance(node.get("class_type"), str):
            nodes[name] = Node(node["class_type"], dict(mapping(node.get("inputs"))))
    return Graph(nodes) if nodes else None


def graph_of_workflow(data: Mapping[str, Any]) -> Graph | None:
    """The editor's graph; None if ``data`` isn't one. Bypassed nodes pass their inputs through.

    Raises ValueError as ``Graph`` does.
    """
    rows = [row for row in _list(data.get("nodes")) if isinstance(row, dict) and isinstance(row.get("type"), str)]
    origins: dict[Any, list[Any]] = {}
    for link in _list(data.get("links")):
        parts = [link.get(key) for key in ("id", "origin_id", "origin_slot")] if isinstance(link, dict) else link
        if isinstance(parts, list) and len(parts) >= 3 and isinstance(parts[0], int):
            origins[parts[0]] = [str(parts[1]), parts[2]]
    nodes = {str(row.get("id")): _node(row, origins) for row in rows if row.get("mode") != _MUTED}
    return Graph(nodes) if nodes else None


def _list(value: object) -> list[Any]:
    return value[:_MOST_LINKS] if isinstance(value, list) else []


def _node(row: Mapping[str, Any], origins: Mapping[Any, list[Any]]) -> Node:
    kind, values = str(row["type"]), row.get("widgets_values")
    places = [place for place in items(row.get("inputs")) if isinstance(place, dict)]
    inputs: dict[str, Any] = dict(values) if isinstance(values, dict) else {}
    if isinstance(values, list):
        named = [str(place.get("name")) for place in places if isinstance(place.get("widget"), dict)]
        names = _WIDGETS.get(kind) or tuple(named)
        inputs = dict(zip(names, _without_controls(values[:100]), strict=False))
    for place in places:
        origin = origins.get(place["link"]) if isinstance(place.get("link"), int) else None
        if origin is not None:
            inputs[str(place.get("name"))] = origin
    return Node("Reroute" if row.get("mode") == _BYPASSED else kind, inputs)


def _without_controls(values: list[Any]) -> list[Any]:
    """Drop the control after a seed ("randomize"), which is not an input."""
    return [
        value
        for at, value in enumerate(values)
        if not (at and isinstance(values[at - 1], int) and isinstance(value, str) and value in _AFTER_SEEDS)
    ]


def is_passed_through(node: Node) -> bool:
    """Whether the node passes its input through."""
    return node.kind.lower().startswith("reroute")
