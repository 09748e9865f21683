"""Networks that make pictures and that Triptych can't use, known by the names of their parts."""

import re
from collections.abc import Iterable
from itertools import islice

from studio.core.text import tr

KINDS: dict[tuple[str, ...], str] = {
    (r"^(module\.)?(shared|embeddings)\.weight$", r"^(module\.)?(blocks\.\d|generator\.(layers|gen_z))"): "a BigGAN",
    (r"(^|\.)to_rgbs?(\.\d+)?\.(iwt|dwt)\.",): "a SWAGAN",
    (r"(^|\.)mapping\.embed_proj\.",): "a StyleGAN-XL",
    (r"(^|\.)superresolution\.block\d", r"(^|\.)backbone\.(synthesis|mapping)\."): "an EG3D",
    (r"(^|\.)stylegan_decoder\.",): "a face restorer (GFPGAN or CodeFormer)",
    (r"(^|\.)(g_synthesis|progression\.\d+)\.", r"(^|\.)(g_mapping|style)\."): "a StyleGAN1",
    (r"(^|\.)G\.blocks\.\d+\.to_style1\.",): "a network from lucidrains' stylegan2-pytorch",
    (r"(^|\.)init\.init\.\d+\.weight", r"(^|\.)feat_\d+\."): "a FastGAN",
    (r"\.mlp_gamma\.",): "a SPADE (GauGAN)",
    (r"(^|\.)quantize\.embedding\.weight$",): "a VQGAN",
    (r"(^|\.)model\.\d+\.conv_block\.\d+\.weight$",): "a CycleGAN or pix2pix",
    (r"^(module\.)?main\.0\.weight$", r"^(module\.)?main\.1\.running_mean$"): "a DCGAN",
}
"""Patterns that must all be found among the names -> what people call it. The first that fits counts."""

_LONGEST, _MOST = 200, 20_000
"""Characters of a name, and names, that are looked at."""


def network_named(names: Iterable[str]) -> str:
    """What a network with parts of these ``names`` is ("a BigGAN"); "" for none of those above."""
    told = "\n".join(name[:_LONGEST] for name in islice(names, _MOST))
    for parts, kind in KINDS.items():
        if all(re.search(part, told, re.MULTILINE) for part in parts):
            return tr(kind)
    return ""
