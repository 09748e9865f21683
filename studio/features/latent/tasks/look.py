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
            "0 is the average picture, 1 the full variety; about 0.7 is a good middle.",
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
        declare.choice("Noise", "The fine grain: always the same, new each time, or none."),
    ] = "const"
    strength: Annotated[
        float,
        declare.number(
            "Grain", "How strong the noise is: 1 as the model learned it. A StyleGAN3 has none.", ge=0, le=2, step=0.01
        ),
    ] = 1.0
    noise_seed: Annotated[
        int,
        declare.seed(
            "Noise seed", "What random noise is drawn from; -1 is new each time.", ge=-1, le=2**31 - 1, hidden=True
        ),
    ] = -1
    turn: Annotated[
        float,
        declare.number(
            "Turn", "Turn the picture, clockwise; only a StyleGAN3 can.", ge=-360, le=360, step=1.0, unit="°", more=True
        ),
    ] = 0.0
    shift_x: Annotated[
        float,
        declare.number(
            "Shift right",
            "Shift the picture to the right, in widths of it; only a StyleGAN3 can.",
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
            "Shift the picture down, in heights of it; only a StyleGAN3 can.",
            ge=-2,
            le=2,
            step=0.01,
            more=True,
        ),
    ] = 0.0
    scales: Scales = ()
