"""How pictures of points look: what all requests for them have."""

from typing import Annotated, Literal

from studio.core import declare
from studio.core.task import Task
from studio.features.latent.points.point import Scales


class LookTask(Task, frozen=True, kw_only=True):
    """Truncation, grain, place, and channels that are scaled."""

    needs = ("latent>image",)

    psi: Annotated[
        float,
        declare.number(
            "Truncation ψ",
            "0 is the average picture, 1 the full variety; about 0.7 is a good balance.",
            ge=-1,
            le=2,
            step=0.01,
        ),
    ] = 0.7
    cutoff: Annotated[
        int,
        declare.number(
            "Cutoff layer", "Truncate only the layers before this one; 0 truncates all.", ge=0, le=64, step=1
        ),
    ] = 0
    noise: Annotated[
        Literal["const", "random", "none"],
        declare.choice("Noise", "Fine-grained noise: always the same, new each time, or none."),
    ] = "const"
    strength: Annotated[
        float,
        declare.number(
            "Grain", "How strong the noise is; 1 is what the model learned. StyleGAN3 has none.", ge=0, le=2, step=0.01
        ),
    ] = 1.0
    noise_seed: Annotated[
        int,
        declare.seed("Noise seed", "The seed for random noise; -1 is new each time.", ge=-1, le=2**31 - 1, hidden=True),
    ] = -1
    turn: Annotated[
        float,
        declare.number(
            "Rotate", "Rotate the picture clockwise; StyleGAN3 only.", ge=-360, le=360, step=1.0, unit="°", more=True
        ),
    ] = 0.0
    shift_x: Annotated[
        float,
        declare.number(
            "Shift right",
            "Shift the picture right, as a fraction of its width; StyleGAN3 only.",
            ge=-2,
            le=2,
            step=0.01,
            more=True,
        ),
    ] = 0.0
    shift_y: Annotated[
        float,
        declare.number(
            "Shift down",
            "Shift the picture down, as a fraction of its height; StyleGAN3 only.",
            ge=-2,
            le=2,
            step=0.01,
            more=True,
        ),
    ] = 0.0
    scales: Scales = ()
