"""Schedulers by name, and the clean latents they believe in."""

from pathlib import Path
from typing import Any

import pytest
import torch

from studio.core.errors import StudioError
from studio.ml.quiet import quiet
from studio.ml.samplers import schedulers
from studio.models.own_settings import schedulers_of

quiet()

from diffusers import (  # noqa: E402
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    HeunDiscreteScheduler,
    LCMScheduler,
    TCDScheduler,
)


def own(**changes: Any) -> Any:
    return DPMSolverMultistepScheduler(beta_schedule="scaled_linear", steps_offset=1, **changes)


def test_the_models_own_comes_fresh() -> None:
    mine = own()
    made = schedulers.make(mine, "")
    assert made is not mine
    assert made.config == mine.config


@pytest.mark.parametrize("name", schedulers.names(own()))
def test_each_name_gives_itself(name: str) -> None:
    assert schedulers.name_of(schedulers.make(own(), name)) == name


@pytest.mark.parametrize("name", ["euler a", "EulerAncestralDiscreteScheduler", "EulerAncestralDiscrete", " Euler a "])
def test_names_are_understood_as_people_write_them(name: str) -> None:
    assert schedulers.name_of(schedulers.make(own(), name)) == "Euler a"


@pytest.mark.parametrize("name", ["LCM", "Flow Euler", "EDMEuler", "nonsense", "__import__"])
def test_what_does_not_fit_is_refused(name: str) -> None:
    with pytest.raises(StudioError, match=r"can't use the scheduler .* It can use: DPM\+\+ 2M"):
        schedulers.make(own(), name)


def test_one_without_a_name_is_called_by_its_class() -> None:
    assert schedulers.name_of(TCDScheduler()) == "TCD"
    assert schedulers.make(TCDScheduler(), "").config.num_train_timesteps == 1000


def test_the_window_offers_the_same_names(tmp_path: Path) -> None:
    """It has no torch to ask, so it keeps a list of its own."""
    for scheduler in (own(), FlowMatchEulerDiscreteScheduler(), LCMScheduler()):
        scheduler.save_pretrained(tmp_path / "scheduler")
        assert list(schedulers_of(tmp_path)) == schedulers.names(scheduler)


def test_latents_are_never_cut_off_at_one() -> None:
    assert schedulers.make(own(), "DDIM").config.clip_sample is False
    assert schedulers.make(DDIMScheduler(clip_sample=True, steps_offset=1), "DDIM").config.clip_sample is True


def test_what_the_model_was_trained_for_is_kept() -> None:
    made = schedulers.make(own(prediction_type="v_prediction", timestep_spacing="trailing"), "Euler")
    assert (made.config.prediction_type, made.config.timestep_spacing) == ("v_prediction", "trailing")


@pytest.mark.parametrize("name", ["", *schedulers.names(own())])
def test_models_of_zero_terminal_snr_keep_their_noise(name: str) -> None:
    mine = own(prediction_type="v_prediction", timestep_spacing="trailing", rescale_betas_zero_snr=True)
    made = schedulers.make(mine, name)
    assert made.config.prediction_type == "v_prediction"
    assert torch.allclose(made.alphas_cumprod[:-1], mine.alphas_cumprod[:-1], atol=1e-5)
    assert float(made.alphas_cumprod[-1]) < 1e-7
    made.set_timesteps(6)
    assert made.timesteps[0] > 990
    latents = torch.randn(1, 4, 2, 2) * made.init_noise_sigma
    for timestep in made.timesteps:
        output = torch.randn(1, 4, 2, 2)
        made.scale_model_input(latents, timestep)
        latents = made.step(output, timestep, latents, return_dict=False)[0]
    assert latents.isfinite().all()


def test_a_scheduler_without_a_word_for_zero_terminal_snr_keeps_what_its_folder_says(tmp_path: Path) -> None:
    own(prediction_type="v_prediction", rescale_betas_zero_snr=True).save_pretrained(tmp_path)
    mine = HeunDiscreteScheduler.from_pretrained(tmp_path)
    for name in ("", "DEIS", "Euler"):
        assert float(schedulers.make(mine, name).alphas_cumprod[-1]) < 1e-7


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction", "sample"])
@pytest.mark.parametrize("name", ["DPM++ 2M", "DPM++ 2M Karras", "DDIM", "DDPM", "UniPC", "Euler", "Euler a", "PLMS"])
def test_clean_latents_are_what_the_noise_hides(name: str, prediction: str) -> None:
    """With the right answer from the network, what is predicted is the clean latents, at any step."""
    if prediction == "sample" and name == "PLMS":
        prediction = "epsilon"  # PNDM knows no other
    scheduler = schedulers.make(own(prediction_type=prediction), name)
    scheduler.set_timesteps(8)
    clean, noise = torch.randn(1, 4, 2, 2).double(), torch.randn(1, 4, 2, 2).double()
    timestep = scheduler.timesteps[3]
    noisy = scheduler.add_noise(clean, noise, timestep.reshape(1))
    table = scheduler.alphas_cumprod
    alpha = float(table[int(timestep)]) + float(timestep % 1) * float(
        table[min(int(timestep) + 1, 999)] - table[int(timestep)]
    )
    velocity = alpha**0.5 * noise - (1 - alpha) ** 0.5 * clean
    output = {"epsilon": noise, "v_prediction": velocity, "sample": clean}[prediction]
    found = schedulers.clean_latents(scheduler, schedulers.Step(output, float(timestep), noisy))
    assert torch.allclose(found, clean.float(), atol=0.02)


def test_clean_latents_of_flow_matching() -> None:
    scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0)
    scheduler.set_timesteps(8)
    clean, noise = torch.randn(1, 4, 2, 2), torch.randn(1, 4, 2, 2)
    timestep = scheduler.timesteps[3]
    noisy = scheduler.scale_noise(clean, timestep.reshape(1), noise)
    found = schedulers.clean_latents(scheduler, schedulers.Step(noise - clean, float(timestep), noisy))
    assert torch.allclose(found, clean, atol=1e-4)


def test_watching_changes_nothing_and_ends() -> None:
    quiet_one, watched = (EulerDiscreteScheduler(steps_offset=1) for _ in range(2))
    for scheduler in (quiet_one, watched):
        scheduler.set_timesteps(4)
    output, latents = torch.randn(1, 4, 2, 2), torch.randn(1, 4, 2, 2)
    with schedulers.watched(watched) as latest:
        assert latest() is None
        first = watched.step(output, watched.timesteps[0], latents).prev_sample
        step = latest()
    assert torch.equal(first, quiet_one.step(output, quiet_one.timesteps[0], latents).prev_sample)
    assert step is not None
    assert step.output is output
    assert step.latents is latents
    assert "step" not in vars(watched)
