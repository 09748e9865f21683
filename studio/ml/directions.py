"""Directions of a GAN's latent space: principal components of w (GANSpace), and factorised weights (SeFa)."""

import hashlib
import logging
import os
import time
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from studio.core.engine_config import configured
from studio.ml.latents import bands, one_hot

log = logging.getLogger(__name__)

SAMPLES = 10_000
BATCH = 100
"""Samples per pass through the mapping: about ten milliseconds for a large network."""
_FORMAT = "directions 1"
_COVARIANCE = "covariance"


class Axes(NamedTuple):
    """Directions, strongest first: orthonormal rows [count, w_dim], and w's standard deviation along each.

    The sign is chosen so that each direction's largest component is positive.
    """

    vectors: Tensor
    sigma: Tensor


class Directions:
    """The directions of one class of a generator, in float64 on the CPU.

    They need the covariance of w over ``SAMPLES`` samples: it is in the configured cache already, under a hash of the
    weights, or gathered step by step with ``advance``, or all at once when it is needed.
    """

    def __init__(self, generator: Any, label: int = 0) -> None:
        self._mapping, self._z_dim = generator.mapping, generator.z_dim
        device = generator.mapping.w_avg.device
        self._class = one_hot([label], generator.c_dim, device) if generator.c_dim else None
        self._affines = [generator.get_submodule(name).affine.weight for name in dict(generator.styled()).values()]
        self.key = _key_of(generator)
        """The name of the weights that all this comes from: the same wherever the model lies."""
        folder = configured().cache
        self._file = Path(folder) / "directions" / f"{self.key}-{label}.safetensors" if folder else None
        self._count = 0
        self._sum = torch.zeros(generator.w_dim, dtype=torch.float64)
        self._products = torch.zeros(generator.w_dim, generator.w_dim, dtype=torch.float64)
        self._sefa: dict[tuple[int, int], Axes] = {}
        self._usual = [(0, generator.num_ws - 1)]
        parts = bands(generator.num_ws, generator.resolution)
        self._usual += [(band.start, band.stop - 1) for band in parts if band.start < band.stop]
        """Ranges of layers that will be wanted, and are worked out ahead."""
        self._covariance = self._read(generator.w_dim)

    @property
    def share(self) -> float:
        """The fraction of the covariance that is gathered, 1 at the end."""
        return 1.0 if self._covariance is not None else self._count / SAMPLES

    @property
    def done(self) -> bool:
        """Whether the usual directions are available at once."""
        return self._covariance is not None and not self._usual

    def advance(self, seconds: float) -> None:
        """Gather for about this long, at least one batch."""
        end = time.perf_counter() + seconds
        while not self.done:
            if self._covariance is None:
                self._step()
            elif "pca" not in self.__dict__:
                _ = self.pca
            else:
                self.sefa(*self._usual.pop())
            if time.perf_counter() >= end:
                return

    @property
    def covariance(self) -> Tensor:
        """The covariance of w before truncation, [w_dim, w_dim]."""
        while self._covariance is None:
            self._step()
        return self._covariance

    @cached_property
    def pca(self) -> Axes:
        """The principal components of w."""
        variance, vectors = _eigenvectors(self.covariance)
        return Axes(vectors, variance.clamp(min=0).sqrt())

    def sefa(self, first: int, last: int) -> Axes:
        """SeFa's directions of the layers ``first`` to ``last``: the eigenvectors of A^T A.

        The rows of A are those of all these layers' affine weights, which map w to styles, each normalised to length 1,
        as in the authors' code. A toRGB layer counts only if no other layer uses the same style.
        """
        if (first, last) not in self._sefa:
            rows = torch.cat([weight.detach().to("cpu", torch.float64) for weight in self._affines[first : last + 1]])
            rows = torch.nn.functional.normalize(rows, dim=1)
            _, vectors = _eigenvectors(rows.T @ rows)
            variance = torch.einsum("kd,de,ke->k", vectors, self.covariance, vectors)
            self._sefa[first, last] = Axes(vectors, variance.clamp(min=0).sqrt())
        return self._sefa[first, last]

    @torch.inference_mode()
    def _step(self) -> None:
        """Gather one more batch; the samples are always the same."""
        z = np.random.RandomState(self._count).randn(BATCH, self._z_dim)
        c = None if self._class is None else self._class.expand(BATCH, -1)
        batch = torch.from_numpy(z).to(self._mapping.w_avg.device, torch.float32)
        w = self._mapping(batch, c)[:, 0].to("cpu", torch.float64)
        self._sum += w.sum(dim=0)
        self._products += w.T @ w
        self._count += BATCH
        if self._count >= SAMPLES:
            mean = self._sum / self._count
            covariance = (self._products - self._count * torch.outer(mean, mean)) / (self._count - 1)
            self._write(covariance)
            self._covariance = covariance

    def _read(self, size: int) -> Tensor | None:
        try:
            found = load_file(self._file)[_COVARIANCE] if self._file is not None else None
        except FileNotFoundError:
            return None
        except (SafetensorError, OSError, ValueError, KeyError):
            log.warning("%s is damaged and made anew", self._file, exc_info=True)
            return None
        return found if found is not None and found.shape == (size, size) and found.isfinite().all() else None

    def _write(self, covariance: Tensor) -> None:
        if self._file is None:
            return
        fresh = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            save_file({_COVARIANCE: covariance}, fresh)
            fresh.replace(self._file)
        except (SafetensorError, OSError):
            log.warning("the directions could not be kept in %s", self._file, exc_info=True)


_known: "WeakKeyDictionary[Any, dict[int, Directions]]" = WeakKeyDictionary()


def directions_of(generator: Any, label: int = 0) -> Directions:
    """The directions of the class ``label``, cached as long as the generator is in memory.

    Raises StudioError for a class that the model doesn't have.
    """
    classes = _known.setdefault(generator, {})
    if label not in classes:
        classes[label] = Directions(generator, label)
    return classes[label]


def _eigenvectors(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues and eigenvectors (as rows) of a symmetric matrix, the largest first."""
    values, vectors = torch.linalg.eigh(matrix)
    rows = vectors.T.flip(0)
    largest = rows.gather(1, rows.abs().argmax(dim=1, keepdim=True))
    return values.flip(0), rows * largest.sign()


def _key_of(generator: Any) -> str:
    """A hash of the weights that directions depend on: the mapping's and the affine layers'."""
    weights = [*generator.mapping.state_dict().items()]
    weights += [(name, generator.get_submodule(name).affine.weight) for name in dict(generator.styled()).values()]
    digest = hashlib.blake2b(f"{_FORMAT} {SAMPLES}".encode(), digest_size=16)
    for name, weight in weights:
        digest.update(f"{name} {tuple(weight.shape)}".encode())
        digest.update(weight.detach().to("cpu", torch.float32).contiguous().numpy().data)
    return digest.hexdigest()
