"""Directions of w: PCA against scikit-learn's and numpy's, SeFa against the matrix it is defined by, and their file."""

import gc
import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.ml import directions
from studio.ml.directions import Directions, directions_of
from studio.ml.load.gan import load_generator
from studio.ml.nets import stylegan3
from studio.ml.nets.stylegan2 import Config, Generator
from tests.configuring import change_config

DATA = Path(__file__).parents[1] / "data" / "stylegan"


@pytest.fixture(scope="module")
def reference() -> Generator:
    return load_generator(DATA / "sg2_64.pkl")


@pytest.fixture(scope="module")
def known(reference: Generator) -> Directions:
    return Directions(reference)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    change_config(cache=str(tmp_path / "cache"))
    monkeypatch.setattr(directions, "SAMPLES", 1000)
    return tmp_path / "cache" / "directions"


def small(classes: int = 0, seed: int = 0) -> Generator:
    torch.manual_seed(seed)
    config = Config(z_dim=8, w_dim=8, resolution=16, channels=(8, 8, 4), mapping_layers=2, c_dim=classes)
    return Generator(config).freeze()


def w_of(generator: Generator, samples: int = 10_000) -> Tensor:
    """The samples' w, as a user of the published functions gets it."""
    z = [np.random.RandomState(first).randn(100, generator.z_dim) for first in range(0, samples, 100)]
    return generator.mapping(torch.from_numpy(np.concatenate(z)).float())[:, 0]


def alike(vectors: Tensor, others: np.ndarray) -> None:
    """Row by row the same direction, whichever of its ends is called forward."""
    cosines = (vectors.double() * torch.from_numpy(others).double()).sum(dim=1).abs()
    assert float(cosines.min()) > 1 - 1e-5


def test_pca_is_that_of_scikit_learn(known: Directions) -> None:
    """The numbers are what ``sklearn.decomposition.PCA(20).fit(w)`` of scikit-learn 1.9.1 gave for this very w.

    It is not installed for the tests: transformers, where it finds it, imports it too, and takes longer to start.
    """
    with np.load(DATA / "sg2_64_pca.npz") as expected:
        alike(known.pca.vectors[:20], expected["components"])
        assert np.allclose(known.pca.sigma[:20], expected["deviation"], rtol=1e-5)


def test_pca_is_the_singular_value_decomposition_of_the_centred_samples(
    reference: Generator, known: Directions
) -> None:
    w = w_of(reference).double().numpy()
    _, values, vectors = np.linalg.svd(w - w.mean(axis=0), full_matrices=False)
    alike(known.pca.vectors[:40], vectors[:40])
    assert np.allclose(known.pca.sigma, values / np.sqrt(len(w) - 1), rtol=1e-5)


def test_the_components_are_orthonormal_and_sorted(known: Directions) -> None:
    vectors, sigma = known.pca
    assert torch.allclose(vectors @ vectors.T, torch.eye(64, dtype=torch.float64), atol=1e-10)
    assert torch.equal(sigma, sigma.sort(descending=True).values)


def test_a_step_of_one_sigma_is_one_deviation_of_the_samples(reference: Generator, known: Directions) -> None:
    along = w_of(reference).double() @ known.pca.vectors.T
    assert torch.allclose(along.std(dim=0), known.pca.sigma, rtol=1e-4)
    along = w_of(reference).double() @ known.sefa(0, 9).vectors.T
    assert torch.allclose(along.std(dim=0), known.sefa(0, 9).sigma, rtol=1e-4)


@pytest.mark.parametrize(
    ("first", "last", "names"),
    [
        (0, 9, "b4.conv1 b8.conv0 b8.conv1 b16.conv0 b16.conv1 b32.conv0 b32.conv1 b64.conv0 b64.conv1 b64.torgb"),
        (0, 2, "b4.conv1 b8.conv0 b8.conv1"),
        (4, 4, "b16.conv1"),
        (9, 9, "b64.torgb"),
    ],
)
def test_sefa_are_the_eigenvectors_of_the_stated_matrix(
    reference: Generator, known: Directions, first: int, last: int, names: str
) -> None:
    matrix = np.zeros((64, 64))
    for name in names.split():
        for row in reference.state_dict()[f"synthesis.{name}.affine.weight"].double().numpy():
            matrix += np.outer(row, row) / (row @ row)
    vectors, _ = known.sefa(first, last)
    assert torch.allclose(vectors @ vectors.T, torch.eye(64, dtype=torch.float64), atol=1e-10)
    values, expected = torch.linalg.eigh(torch.from_numpy(matrix))
    found = torch.from_numpy(matrix) @ vectors.T
    assert torch.allclose(found, vectors.T * values.flip(0), atol=1e-9)
    alike(vectors[:10], expected.T.flip(0)[:10].numpy())


def test_a_stylegan3_has_its_directions_too() -> None:
    torch.manual_seed(0)
    generator = stylegan3.Generator(stylegan3.Config(z_dim=8, w_dim=8, resolution=32, channels=(16,) * 6)).freeze()
    generator.synthesis.input.affine.weight.normal_()  # it begins with zeros
    matrix = np.zeros((8, 8))
    for name in ["input", *generator.synthesis.names]:
        for row in generator.synthesis.get_submodule(name).affine.weight.double().numpy():
            matrix += np.outer(row, row) / (row @ row)
    alike(Directions(generator).sefa(0, generator.num_ws - 1).vectors, np.linalg.eigh(matrix)[1].T[::-1].copy())
    values = np.linalg.eigvalsh(np.cov(w_of(generator).double().numpy().T))
    assert np.allclose(Directions(generator).pca.sigma, np.sqrt(values[::-1]), rtol=1e-5)


def test_each_class_has_its_own_components() -> None:
    generator = small(classes=3)
    first, second = directions_of(generator, 0), directions_of(generator, 1)
    assert not torch.allclose(first.covariance, second.covariance)
    with pytest.raises(StudioError, match="no class 3"):
        directions_of(generator, 3)


def test_they_are_gathered_bit_by_bit() -> None:
    generator = small()
    steps, known = [], Directions(generator)
    while not known.done:
        known.advance(0)
        steps.append(known.share)
    usual = ["pca", "all", "coarse", "middle", "fine"]
    assert len(steps) == directions.SAMPLES / directions.BATCH + len(usual)
    assert steps == sorted(steps)
    assert steps[-1] == 1
    assert torch.equal(known.pca.vectors, Directions(generator).pca.vectors)


def test_what_was_gathered_is_found_again(cache: Path) -> None:
    before = Directions(small()).pca
    (file,) = cache.iterdir()
    again = Directions(small())
    assert again.share == 1
    assert torch.equal(again.pca.vectors, before.vectors)
    assert file.suffix == ".safetensors"


def test_other_weights_and_other_classes_have_other_files(cache: Path) -> None:
    for known in (Directions(small()), Directions(small(seed=1)), *(Directions(small(3), label) for label in (0, 1))):
        assert known.share < 1
        assert known.pca.sigma[0] > 0
    assert len(list(cache.iterdir())) == 4
    changed = small()
    changed.synthesis.b8.conv1.affine.weight.mul_(2)
    assert Directions(changed).key != Directions(small()).key


def test_a_damaged_file_is_made_anew(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = Directions(small()).pca
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:-40])
    with caplog.at_level(logging.CRITICAL, "studio.ml.directions"):
        known = Directions(small())
    assert known.share < 1
    assert torch.equal(known.pca.vectors, before.vectors)
    assert file.read_bytes() == whole


def test_a_folder_that_refuses_costs_nothing_but_time(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache.parent.write_bytes(b"no folder")
    with caplog.at_level(logging.CRITICAL, "studio.ml.directions"):
        assert Directions(small()).pca.sigma[0] > 0


def test_they_go_with_the_model() -> None:
    generator = small()
    assert directions_of(generator) is directions_of(generator)
    count = len(directions._known)
    del generator
    gc.collect()
    assert len(directions._known) == count - 1
