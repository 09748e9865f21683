"""KID: the distance between generated and real pictures, by features of a small fixed network.

After Bińkowski et al., "Demystifying MMD GANs" (2018), with one difference: the features don't come from Inception,
which would have to be downloaded, but from a small network with fixed random weights. So the numbers fall as training
improves, and can be compared for the same picture size, but not with published KIDs.
"""

from itertools import pairwise

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor

WIDTHS = (3, 32, 48, 64, 96)
SEED = 20180104
BATCH = 64


class KidMetric:
    """Measures KID against ``real``, uint8 [N, 3, H, W], whose features are computed once.

    All on the CPU: it is cheap, and the numbers are the same on every machine.
    """

    def __init__(self, real: Tensor) -> None:
        chance = torch.Generator().manual_seed(SEED)
        self._kernels = [torch.randn(b, a, 3, 3, generator=chance) * (2 / (9 * a)) ** 0.5 for a, b in pairwise(WIDTHS)]
        raw = self._features(real.to(torch.float32) / 127.5 - 1)
        self._middle, deviation = raw.mean(dim=0), raw.std(dim=0)
        self._deviation = deviation + deviation.mean() / 2  # or features that hardly vary would count most
        self._real = self._normalize(raw)

    def kid(self, made: Tensor) -> float:
        """The KID of ``made``, float [M, 3, H, W] in [-1, 1]. About 0 for the same distribution."""
        return kernel_distance(self._real, self._normalize(self._features(made)))

    def _normalize(self, raw: Tensor) -> Tensor:
        return (raw - self._middle) / self._deviation

    @torch.no_grad()
    def _features(self, pictures: Tensor) -> Tensor:
        """[N, D]: each layer's features, averaged over each quarter of the picture."""
        rows = []
        for start in range(0, len(pictures), BATCH):
            x, parts = pictures[start : start + BATCH], []
            for kernel in self._kernels:
                x = F.leaky_relu(F.conv2d(x, kernel, stride=2, padding=1), 0.2)
                parts.append(F.adaptive_avg_pool2d(x, 2).flatten(1))
            rows.append(torch.cat(parts, dim=1).double())
        return torch.cat(rows)


def kernel_distance(a: Tensor, b: Tensor) -> float:
    """The unbiased estimate of the squared maximum mean discrepancy between rows, with the kernel (x·y / D + 1)³."""
    size = a.shape[1]

    def kernel(x: Tensor, y: Tensor) -> Tensor:
        return (x @ y.T / size + 1) ** 3

    def within(x: Tensor) -> Tensor:
        own = kernel(x, x)
        return (own.sum() - own.diagonal().sum()) / (len(x) * (len(x) - 1))

    return float(within(a) + within(b) - 2 * kernel(a, b).mean())
