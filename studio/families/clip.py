"""CLIP, which says how well words fit a picture."""

from studio.families.rules.family import Family

FAMILY = Family(name="clip", can=("text+image>score",), architectures={"CLIPModel": "CLIPModel"})
