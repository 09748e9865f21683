"""Special syntax in prompts: other tools' notations for LoRAs, embeddings, weights and breaks."""

import re

import msgspec

from studio.library.metadata.tools.generation import Generation

_NETWORK = re.compile(r"<(lora|lyco|hypernet|lora_block)\s*:([^<>]{1,200})>", re.IGNORECASE)
_EMBEDDING = re.compile(
    r"\(?\bembedding:([\w\-./\\]{1,100}?)(?:\.(?:pt|safetensors))?(?::\d+(?:\.\d+)?\))?(?=[\s,()]|$)"
)
_BREAK = re.compile(r"\b(BREAK|ADDCOL|ADDROW|ADDBASE|ADDCOMM)\b")
_WEIGHT = re.compile(r"\([^()]{1,200}:\s*-?\d+(?:\.\d+)?\s*\)")
_EDIT = re.compile(r"\[[^\[\]]{0,200}[|:][^\[\]]{0,200}\]")
_TITLES = {"lora": "LoRA", "lyco": "LoRA", "lora_block": "LoRA", "hypernet": "Hypernetwork"}
_LONGEST_SHOWN = 60


def separate_syntax(known: Generation) -> Generation:
    """``known`` with plain prompts, and with their special syntax moved to ``others``.

    Weights such as ``(word:1.3)`` stay: people know them, and keep editing them.
    """
    found: list[tuple[str, str]] = []
    prompts = []
    for prompt in (known.prompt, known.negative):
        plain, others = _plain(prompt)
        prompts.append(plain)
        found += others
    networks = {value.split(" (")[0].lower() for title, value in found if title == "LoRA"}
    kept = [
        (title, value)
        for title, value in known.others
        if title != "LoRA" or value.split(" (")[0].lower() not in networks
    ]
    told = tuple(dict.fromkeys([*found, *kept]))
    return msgspec.structs.replace(known, prompt=prompts[0], negative=prompts[1], others=told)


def _plain(prompt: str) -> tuple[str, list[tuple[str, str]]]:
    found: list[tuple[str, str]] = []
    for kind, inside in _NETWORK.findall(prompt):
        what, *weights = [part.strip() for part in inside.split(":")]
        weight = f" ({weights[0]})" if weights and re.fullmatch(r"-?\d*\.?\d+", weights[0]) else ""
        found.append((_TITLES[kind.lower()], f"{what}{weight}"))
    found += [("Embedding", what) for what in _EMBEDDING.findall(prompt)]
    parts = list(dict.fromkeys(_BREAK.findall(prompt)))
    found += [(word, "") for word in parts]
    for title, shape in (("Weights in the prompt", _WEIGHT), ("Prompt editing", _EDIT)):
        examples = list(dict.fromkeys(found_one[0] for found_one in shape.finditer(prompt)))
        if examples:
            more = " …" if len(examples) > 1 else ""
            found.append((title, f"{examples[0][:_LONGEST_SHOWN]}{more}"))
    if not (found and (_NETWORK.search(prompt) or _EMBEDDING.search(prompt) or parts)):
        return prompt, found
    plain = _BREAK.sub(", ", _EMBEDDING.sub("", _NETWORK.sub("", prompt)))
    plain = re.sub(r"\s{0,9},(?:\s{0,9},){1,99}", ",", plain)
    lines = (re.sub(r"[ \t]{2,}", " ", line).replace(" ,", ",").strip() for line in plain.split("\n"))
    return "\n".join(lines).strip(" ,\n"), found
