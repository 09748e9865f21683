"""What models can do, in the words by which tasks say what they need."""

from typing import Literal

from studio.core.text import tr

Can = Literal["text>text", "text>image", "image>image", "image>latents", "latent>image", "text+image>score"]
"""From what > to what. ``image>latents``: there and back. ``latent>image``: of a GAN."""
PICTURES: tuple[Can, ...] = ("text>image", "image>image")
"""What picture models can do; a refiner only the second."""


def fits(can: tuple[Can, ...], needs: tuple[Can, ...]) -> bool:
    """Whether a model that ``can`` do this will do where one of ``needs`` is asked; any will where nothing is."""
    return not needs or not set(can).isdisjoint(needs)


def why_unable(name: str, can: tuple[Can, ...], needed: tuple[Can, ...]) -> str:
    """Why the model called ``name``, which ``can`` do this, is of no use for a task; "" where it is.

    One of what is ``needed`` will do.
    """
    if fits(can, needed):
        return ""
    if "image>image" in can and "text>image" in needed:
        return tr("{name} refines an existing picture and can't start one. Choose a start picture.", name=name)
    if "text>image" in can and "image>image" in needed:
        return tr(
            "The model {path} can't start from a picture. Remove the start picture, or choose another model.", path=name
        )
    return tr("{name} is not made for this. Choose another model.", name=name)
