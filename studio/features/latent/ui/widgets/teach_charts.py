"""The two charts of a training."""

from studio.core.text import tr
from studio.ui.chart import Chart


def loss_chart() -> Chart:
    """The losses of generator and discriminator."""
    return Chart(
        tr("Loss"),
        tr("What generator and critic play for. Neither falls for good: each learns from the other."),
        (tr("Generator"), tr("Critic")),
        ("focus", "warn"),
        tr("pictures"),
    )


def kid_chart() -> Chart:
    """The KID of the generated pictures."""
    return Chart(
        tr("KID × 1000"),
        tr(
            "How far what it makes is from your pictures: less is better. The features are those of a small fixed "
            "network of random weights, not Inception's, so compare these numbers with each other only."
        ),
        (tr("KID"),),
        ("ok",),
        tr("pictures"),
        logarithmic=True,
    )
