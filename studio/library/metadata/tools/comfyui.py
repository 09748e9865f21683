"""ComfyUI: follows the graph from the node that saved the picture back to its sampler and that one's inputs."""

from collections.abc import Mapping
from pathlib import PureWindowsPath
from typing import Any

from studio.library.metadata.tools import comfyui_words as words
from studio.library.metadata.tools.comfyui_graph import Graph, graph_of_prompt, graph_of_workflow
from studio.library.metadata.tools.generation import (
    FILE,
    Generation,
    file_name,
    json_object,
    name,
    named,
    number,
    other,
    unreadable,
    whole,
)

TOOL = "ComfyUI"
_SAVERS = ("save", "preview", "output", "send", "export")
_IMAGES = ("images", "image", "samples", "upscaled", "pixels", "image1", "destination", "input", "any", "value")
_MOST_SAVERS, _LONGEST_WAY = 20, 500
_SAMPLERS = ("sampler_name", "sampler")
_LATENTS = ("latent_image", "latent", "samples", "pixels", "image", "images", "latents", "init_image")
_SEEDS = ("seed", "noise_seed")
_MODELS = (
    "ckpt_name", "unet_name", "model_name", "base_ckpt_name", "checkpoint", "model_path", "gguf_name", "diffusion_name",
)  # fmt: skip


def read(texts: Mapping[str, str]) -> Generation | None:
    """The settings in a picture's ``texts``; None if there is no graph."""
    return of_graphs(json_object(_text(texts, "prompt")), json_object(_text(texts, "workflow")), texts.get(FILE, ""))


def of_graphs(prompt: Mapping[str, Any], workflow: Mapping[str, Any], stem: str = "") -> Generation | None:
    """The settings in the executed graph, else in the editor's; None if neither is valid.

    ``stem``: the picture's file name, which tells it from others that the same graph saves.
    """
    try:
        graph = graph_of_prompt(prompt)
        known = _Reading(graph, stem).generation() if graph else None
        if known is None and (editor := graph_of_workflow(workflow)):
            known = _Reading(editor, stem).generation()
    except ValueError:
        return unreadable(TOOL)
    named_so = "nodes" in workflow and "links" in workflow
    return known or (unreadable(TOOL) if graph is not None or named_so else None)


def _text(texts: Mapping[str, str], key: str) -> str:
    """A PNG's entry; in a WebP's Exif it is in the camera's make or model, prefixed by its key."""
    for tag in ("Model", "Make", "ImageDescription", "UserComment", "Software"):
        begin, _, rest = texts.get(tag, "").partition(":")
        if begin.strip().lower() == key:
            return rest
    return texts.get(key, "")


class _Reading:
    """One graph, read backwards."""

    def __init__(self, graph: Graph, stem: str) -> None:
        self._graph, self._stem = graph, stem
        self._words = words.Words(graph)
        self._promising = graph.before(node for node in graph.nodes if self._is_sampler(node))
        """Samplers, and all that something of one comes to."""
        self._way: list[str] = []
        """From the node that saved the picture to the sampler that began it."""

    def generation(self) -> Generation | None:
        """The settings of the sampler that made the picture; None if no sampler is understood."""
        passes = self._passes()
        if not passes:
            return None
        base = passes[-1]
        steps, strength = self._steps(base)
        start = self._start(base)
        width, height = self._size(base)
        prompt, negative, guidance = self._words.conditions(base)
        model, parts = self._model(base)
        found = parts + self._words.others + self._later(passes[:-1])
        return Generation(
            tool=TOOL,
            prompt=prompt,
            negative=negative,
            steps=steps,
            guidance=guidance if guidance is not None else self._number(base, "cfg"),
            seed=self._seed(base),
            width=width,
            height=height,
            strength=strength if start else None,
            sampler=self._name(base, "sampler_name") or self._name(self._origin(base, "sampler"), "sampler_name"),
            schedule=self._name(base, "scheduler") or self._name(self._sigmas(base), "scheduler"),
            model=model,
            start=start,
            others=tuple(dict.fromkeys(found)),
        )

    # -- which sampler -------------------------------------------------------------------------------------------

    def _passes(self) -> list[str]:
        """The samplers that the picture went through, last first; the base sampler is at the end."""
        for saver in self._savers():
            self._way = self._way_from(saver)
            found = [node for node in self._way if self._is_sampler(node)]
            if found:
                return found
        return []

    def _savers(self) -> list[str]:
        """The output nodes, likeliest first: saved rather than previewed, and with the longest chain."""
        graph = self._graph

        def saves(name: str) -> tuple[bool, bool]:
            kind = graph.nodes[name].kind.lower()
            return not any(word in kind for word in _SAVERS), "preview" in kind

        likeliest = sorted((name for name in graph.ends() if name in self._promising), key=saves)[:_MOST_SAVERS]
        return sorted(likeliest, key=lambda name: (not self._is_called(name), saves(name), -len(graph.behind(name))))

    def _is_called(self, saver: str) -> bool:
        """Whether the picture's file name matches the node's prefix."""
        prefix = PureWindowsPath(self._name(saver, "filename_prefix")).name
        return bool(prefix) and self._stem.startswith(prefix)

    def _way_from(self, saver: str) -> list[str]:
        way, at = [saver], saver
        while True:
            following = (link[0] for title, link in self._graph.links(at) if title in self._ways(at))
            step = next((node for node in following if node in self._promising and node not in way), None)
            if step is None or len(way) > _LONGEST_WAY:
                return way
            way.append(step)
            at = step

    def _ways(self, node: str) -> list[str]:
        """The inputs that bring a picture, or its latent, to ``node``."""
        titles = [title for title, _ in self._graph.links(node)]
        if self._is_sampler(node):
            return [title for title in titles if title in _LATENTS]
        kept = [title for title in titles if title in (*_IMAGES, *_LATENTS)]
        return kept or [title for title in titles if title not in words.NO_WORDS]

    def _is_sampler(self, node: str) -> bool:
        inputs = self._graph.nodes[node].inputs
        draws = any(key in inputs for key in (*_SEEDS, "noise"))
        named = any(key in inputs for key in _SAMPLERS) or "sampler" in self._graph.nodes[node].kind.lower()
        return draws and named and ("steps" in inputs or "sigmas" in inputs)

    def _later(self, passes: list[str]) -> tuple[tuple[str, str], ...]:
        """The passes after the base, as settings that aren't used."""
        found: tuple[tuple[str, str], ...] = ()
        for node in passes[:10]:
            steps, strength = self._steps(node)
            shown = [f"{steps}" if steps is not None else "", f"{strength:g}" if strength is not None else ""]
            found += (("Second pass", " · ".join(filter(None, [self._graph.nodes[node].kind[:60], *shown]))),)
        return found

    # -- what flows into it --------------------------------------------------------------------------------------

    def _origin(self, node: str, title: str) -> str:
        """The node that an input comes from, skipping pass-through nodes; "" if it isn't a link."""
        link = self._graph.link(self._graph.nodes[node].inputs.get(title)) if node else None
        link = self._words.behind_reroutes(link) if link else None
        return link[0] if link else ""

    def _number(self, node: str, title: str) -> float | None:
        return number(self._words.value(node, title)) if node else None

    def _name(self, node: str, title: str) -> str:
        return name(self._words.value(node, title)) if node else ""

    def _seed(self, base: str) -> int | None:
        source = self._origin(base, "noise") or base
        return next((seed for key in _SEEDS if (seed := whole(self._words.value(source, key))) is not None), None)

    def _sigmas(self, node: str) -> str:
        """The node that makes the sigmas, skipping those that split or flip them."""
        at = self._origin(node, "sigmas")
        for _ in range(20):
            if not at or not (deeper := self._origin(at, "sigmas")):
                break
            at = deeper
        return at

    def _steps(self, node: str) -> tuple[int | None, float | None]:
        """Steps, and the denoising strength (1: all)."""
        source = node if "steps" in self._graph.nodes[node].inputs else self._sigmas(node)
        steps = whole(self._words.value(source, "steps")) if source else None
        strength = self._number(source, "denoise")
        begin = whole(self._words.value(node, "start_at_step"))
        if strength is None and begin and steps:
            strength = max(steps - begin, 0) / steps
        return steps, strength

    def _latent(self, base: str) -> list[str]:
        """The nodes from the base's latent back to its origin."""
        title = next((key for key in (*_LATENTS, *words.PIPES) if key in self._graph.nodes[base].inputs), "")
        at, found = self._origin(base, title), list[str]()
        while at and at not in found and len(found) < 100:
            found.append(at)
            ways = [key for key, _ in self._graph.links(at) if key in _LATENTS]
            at = self._origin(at, ways[0]) if ways else ""
        return found

    def _start(self, base: str) -> str:
        """The name of the picture that the base starts from, "?" for an unknown one; "" if it starts from noise."""
        way = self._latent(base)
        loaded = next((node for node in way if "load" in self._graph.nodes[node].kind.lower()), None)
        encoded = any("encode" in self._graph.nodes[node].kind.lower() for node in way)
        if loaded is None and not encoded:
            return ""
        return file_name(self._words.value(loaded, "image")) or "?" if loaded else "?"

    def _size(self, base: str) -> tuple[int | None, int | None]:
        for node in (*self._latent(base), base):
            width, height = (
                whole(self._first(node, f"{side}", f"empty_latent_{side}")) for side in ("width", "height")
            )
            if width and height:
                return width, height
        return None, None

    def _first(self, node: str, *titles: str) -> Any:
        return next((value for title in titles if (value := self._words.value(node, title)) is not None), None)

    def _model(self, base: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The checkpoint's name, and what was applied to it: LoRAs, adapters, another VAE."""
        guider = self._origin(base, "guider")
        at = self._origin(base, "model") or (self._origin(guider, "model") if guider else "") or self._follow_pipe(base)
        found: tuple[tuple[str, str], ...] = ()
        seen: set[str] = set()
        model = ""
        while at and at not in seen and not model:
            seen.add(at)
            model = next((file_name(value) for key in _MODELS if (value := self._words.value(at, key))), "")
            found += self._laid_over(at)
            at = self._origin(at, "model") or self._origin(at, "lora_stack") or self._follow_pipe(at)
        if not model:
            model = next((file_name(value) for key in _MODELS if (value := self._words.value(base, key))), "")
        return model, found + self._after()

    def _follow_pipe(self, node: str) -> str:
        return next((origin for key in words.PIPES if (origin := self._origin(node, key))), "")

    def _laid_over(self, node: str) -> tuple[tuple[str, str], ...]:
        inputs, kind = self._graph.nodes[node].inputs, self._graph.nodes[node].kind
        found: tuple[tuple[str, str], ...] = ()
        for key, value in inputs.items():
            if key == "lora_name":
                found += named("LoRA", self._words.value(node, key), self._words.value(node, "strength_model"))
            elif key.startswith("lora_name_"):
                weight = next((inputs[k] for k in (f"lora_wt_{key[10:]}", f"model_str_{key[10:]}",
                                                   f"model_weight_{key[10:]}") if k in inputs), None)  # fmt: skip
                found += named("LoRA", value, weight)
            elif key.startswith("lora_") and isinstance(value, dict) and value.get("on", True):
                found += named("LoRA", value.get("lora"), value.get("strength"))
        if "ipadapter" in kind.lower():
            found += other("IP-Adapter", kind)
        return found

    def _after(self) -> tuple[tuple[str, str], ...]:
        """What was applied after the sampler: another VAE, an upscaler."""
        found: tuple[tuple[str, str], ...] = ()
        for node in self._way:
            if vae := self._origin(node, "vae"):
                found += named("VAE", self._words.value(vae, "vae_name"))
            if model := self._origin(node, "upscale_model"):
                found += named("Upscaler", self._words.value(model, "model_name") or "?")
        return found
