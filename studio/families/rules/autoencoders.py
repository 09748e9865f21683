"""Autoencoders: which kinds can be used by themselves, and whose latents one has."""

from studio.families.rules.family import Settings
from studio.families.rules.known import FAMILIES

KINDS = ("AutoencoderKL", "AutoencoderTiny")
_WHOLE = KINDS[0]


def kind_of(config: Settings) -> str:
    """The kind of the autoencoder with this config.json; "" for what is none that can be used."""
    name = config.get("_class_name")
    return name if isinstance(name, str) and name in KINDS else ""


def family_with(config: Settings) -> str:
    """The name of the family whose latents the autoencoder has; "" when its settings don't tell."""
    if kind_of(config) != _WHOLE:
        return ""
    latents = config.get("latent_channels"), config.get("scaling_factor")
    known = ((family.name, family.autoencoder) for family in FAMILIES.values() if family.autoencoder)
    return next((name for name, own in known if latents == (own.channels, own.scaling)), "")
