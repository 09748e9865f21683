"""Trains Starter Scenes: the autoencoder, then denoiser and text encoder on its latents, then the decoder alone."""

import copy
import logging
import math
import multiprocessing
import shutil
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import scenes
import scenes_content
import scenes_model as model
import torch
import torch.nn.functional as F  # noqa: N812
from diffusers import AutoencoderTiny, StableDiffusionPipeline
from numpy.typing import NDArray
from scenes_card import Facts, card
from torch import Tensor, nn
from transformers import CLIPTokenizer

from studio.files.atomic import replacing

log = logging.getLogger(__name__)

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
ON_GPU = DEVICE.type == "cuda"
PICTURES = 60_000
UNSEEN = 256  # the last pictures: only for evaluation
LEARNED = PICTURES - UNSEEN
WORDINGS = 4
AUTOENCODER_SHARE, DECODER_SHARE = 0.30, 0.10  # fractions of the whole time; the denoiser has the rest
SAVE_EVERY = 120.0  # seconds
BATCH = 512 if ON_GPU else 16  # latents of whole pictures, for the denoiser
# The autoencoder learns from crops: more variety for the same number of pixels.
PART = model.SIZE if ON_GPU else model.SIZE // 2
PARTS = 128 if ON_GPU else 4  # crops per batch
BLUR = 0.04  # noise on latents for the decoder: the denoiser's are not perfect either
DROPPED = 0.1  # fraction of captions dropped, for guidance
STRANGE = 0.06  # fraction of captions with an unknown word, which the model learns to ignore


def build(minutes: float, out: Path, work: Path, start: Path | None = None) -> None:
    """Trains for `minutes` in all, what an earlier run left in `work` included, and writes the Starter to `out`.

    From a finished model in `start` denoiser and words alone learn on.
    """
    work.mkdir(parents=True, exist_ok=True)
    pictures = torch.from_numpy(picture_file(work)).to(DEVICE)
    if start:
        shutil.copytree(start, work / "start", dirs_exist_ok=True)
    begin = model.load(work / "start") if (work / "start").exists() else None
    seconds = minutes * 60
    if begin:
        vae = begin.vae.to(DEVICE, memory_format=torch.channels_last).eval()
    else:
        vae = train_autoencoder(seconds * AUTOENCODER_SHARE, pictures, work)
    latents = encoded(vae, pictures)
    words = Words(work, begin)

    def write(nets: nn.ModuleDict) -> None:
        made = copy.deepcopy(nets).cpu().eval()
        pipeline = model.assemble(copy.deepcopy(vae).cpu(), made["unet"], made["text"], words.tokenizer)
        model.save(pipeline, out)
        (out / "README.md").write_text(card(facts(pipeline, work)), encoding="utf-8")

    share = 1.0 if begin else 1 - AUTOENCODER_SHARE - DECODER_SHARE
    nets = train_denoiser(seconds * share, latents, words, write, work, begin)
    if not begin:
        train_decoder(seconds * DECODER_SHARE, vae, latents, pictures, work)
        write(nets)


def facts(pipeline: StableDiffusionPipeline, work: Path) -> Facts:
    """The facts for the model card about `pipeline` and its trainings in `work`."""
    spent: dict[str, tuple[float, int]] = {}
    for name in ("autoencoder", "denoiser", "decoder"):
        path = work / f"{name}.pt"
        state = torch.load(path, weights_only=True) if path.exists() else {"spent": 0.0, "step": 0}
        spent[name] = float(state["spent"]), int(state["step"])
    parts = {"vae": pipeline.vae, "unet": pipeline.unet, "text": pipeline.text_encoder}
    return Facts(
        autoencoder_seconds=spent["autoencoder"][0],
        denoiser_seconds=spent["denoiser"][0],
        denoiser_steps=spent["denoiser"][1],
        batch=BATCH,
        decoder_seconds=spent["decoder"][0],
        parameters={name: sum(weight.numel() for weight in part.parameters()) for name, part in parts.items()},
        drawn=PICTURES,
        wordings=WORDINGS,
        machine=f"one {torch.cuda.get_device_name()}" if ON_GPU else f"{torch.get_num_threads()} threads and no GPU",
    )


# --- data


def picture_file(work: Path) -> NDArray[np.uint8]:
    """The pictures of seeds 0 to PICTURES - 1, [N, H, W, 3], drawn once and cached in a file."""
    path = work / "pictures.npy"
    if not path.exists():
        with replacing(path) as drawn, processes() as pool:
            canvas = np.lib.format.open_memmap(drawn, "w+", np.uint8, (PICTURES, model.SIZE, model.SIZE, 3))
            for seed, (picture, _, _) in enumerate(pool.map(scenes.draw, range(PICTURES), chunksize=200)):
                canvas[seed] = picture
            canvas.flush()
        log.info("drew %d pictures", PICTURES)
    pictures: NDArray[np.uint8] = np.load(path, mmap_mode="c")
    return pictures


def processes() -> ProcessPoolExecutor:
    """Spawned: a fork would inherit locks and the GPU."""
    return ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn"))


def as_wanted(pixels: Tensor) -> Tensor:
    """Byte pictures [N, H, W, 3] as input of the autoencoder: [N, 3, H, W] in [-1, 1], on the device."""
    return pixels.to(DEVICE).permute(0, 3, 1, 2).float().div(127.5).sub(1).contiguous(memory_format=torch.channels_last)


def parts_of(source: Tensor, rows: Tensor, corners: Tensor, size: int) -> Tensor:
    """Square crops of `source` [N, H, W, C] at `corners` [B, 2] (y, x) of its `rows` [B]: [B, size, size, C]."""
    line = torch.arange(size, device=rows.device)
    down, across = (corners[:, which, None] + line for which in (0, 1))
    return source[rows[:, None, None], down[:, :, None], across[:, None, :]]


def half_precision() -> AbstractContextManager[None]:
    """Matrix products in bfloat16 on a GPU; the small ones here gain nothing from it on a CPU."""
    return torch.autocast(DEVICE.type, torch.bfloat16, enabled=ON_GPU)


# --- the time a stage has, and what it leaves behind


class Stage:
    """One training with its own clock, which counts only time spent training, over all runs; saves checkpoints."""

    def __init__(self, name: str, seconds: float, work: Path, parts: dict[str, Any]) -> None:
        self.name, self.seconds, self.path, self.parts = name, seconds, work / f"{name}.pt", parts
        self.step, self.spent = 0, 0.0
        if self.path.exists():
            state = torch.load(self.path, weights_only=True, map_location=DEVICE)
            for part, holder in parts.items():
                holder.load_state_dict(state[part])
            self.step, self.spent = state["step"], state["spent"]
            log.info("%s: goes on from step %d, %.0f s", name, self.step, self.spent)

    def save(self) -> None:
        """Save to a second name first: a training that is killed here must find its last state again."""
        state = {part: holder.state_dict() for part, holder in self.parts.items()}
        with replacing(self.path) as fresh:
            torch.save(state | {"step": self.step, "spent": self.spent}, fresh)

    def rate(self, optimizer: torch.optim.Optimizer, peak: float, warm_up: int) -> None:
        """Set the learning rate: a short warm-up, then a cosine that ends near zero when the time is up."""
        share = min(self.spent / self.seconds, 1.0)
        fall = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share))
        for group in optimizer.param_groups:
            group["lr"] = peak * min(1.0, (self.step + 1) / warm_up) * fall

    def run(self, learn: Callable[[], Mapping[str, Tensor | float]], saved: Callable[[], None]) -> None:
        """Call `learn` until the time is up, logging every 50 steps, and `saved` after each checkpoint."""
        last = self.spent
        while self.spent < self.seconds:
            begun = time.perf_counter()
            losses = learn()
            self.step += 1
            self.spent += time.perf_counter() - begun
            if self.step % 50 == 0:
                shown = " ".join(f"{name} {float(value):.4f}" for name, value in losses.items())
                log.info("%s: step %d, %.0f of %.0f s: %s", self.name, self.step, self.spent, self.seconds, shown)
            if self.spent - last >= SAVE_EVERY:
                last = self.spent
                self.save()
                saved()
        self.save()
        saved()


# --- the autoencoder


def train_autoencoder(seconds: float, pictures: Tensor, work: Path) -> AutoencoderTiny:
    """Train an autoencoder for byte pictures [N, H, W, 3], including the scale of its latents."""
    vae = model.autoencoder().to(DEVICE, memory_format=torch.channels_last)
    average = copy.deepcopy(vae).requires_grad_(False)
    optimizer = torch.optim.AdamW(vae.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=1e-4, fused=True)
    stage = Stage("autoencoder", seconds, work, {"vae": vae, "average": average, "optimizer": optimizer})
    torch.manual_seed(stage.step)

    def learn() -> dict[str, Tensor]:
        stage.rate(optimizer, 1.5e-3, 50)
        rows = torch.randint(LEARNED, (PARTS,), device=DEVICE)
        corners = torch.randint(model.SIZE - PART + 1, (PARTS, 2), device=DEVICE)
        real = as_wanted(parts_of(pictures, rows, corners, PART))
        with half_precision():
            latent = vae.encode(real).latents
            made = vae.decode(latent + BLUR * torch.randn_like(latent)).sample
        loss, square = likeness(made.float(), real, 0.3)
        torch.autograd.backward(loss + 1e-4 * latent.float().square().mean())
        step_of(vae, optimizer)
        follow(average, vae, stage.step, 0.998)
        return {"psnr": 10 * torch.log10(4 / square), "latent": latent.detach().float().std()}

    if not (work / "denoiser.pt").exists():  # once the denoiser has started, the meaning of latents must not change
        stage.run(learn, lambda: log.info("autoencoder: %.2f dB on unseen pictures", fidelity(average, pictures)))
        average.register_to_config(scaling_factor=round(1 / float(latents_of(average, pictures[:1000]).std()), 5))
        average.save_config(work)
    average.register_to_config(scaling_factor=AutoencoderTiny.load_config(work)["scaling_factor"])
    return average.eval()


def likeness(made: Tensor, real: Tensor, crispness: float) -> tuple[Tensor, Tensor]:
    """The loss of `made` pictures, and their mean squared error alone.

    Differences of gradients count too, weighted by `crispness`, to keep edges crisp.
    """
    wrong = made - real
    square = wrong.square().mean()
    edges = wrong.diff(dim=2).abs().mean() + wrong.diff(dim=3).abs().mean()
    return square + 0.5 * wrong.abs().mean() + crispness * edges, square.detach()


@torch.no_grad()
def fidelity(vae: AutoencoderTiny, pictures: Tensor) -> float:
    """Mean PSNR in dB over the unseen ones of byte pictures [N, H, W, 3]."""
    found = []
    for some in torch.split(pictures[-UNSEEN:], 32):
        real = as_wanted(some)
        made = vae.decode(vae.encode(real).latents).sample.clamp(-1, 1)
        found.append(10 * torch.log10(4 / (made - real).square().mean(dim=(1, 2, 3))))
    return float(torch.cat(found).mean())


@torch.no_grad()
def latents_of(vae: AutoencoderTiny, pictures: Tensor) -> Tensor:
    """Byte pictures [N, H, W, 3] to latents [N, C, H/8, W/8]."""
    return torch.cat([vae.encode(as_wanted(some)).latents for some in torch.split(pictures, PARTS)])


def encoded(vae: AutoencoderTiny, pictures: Tensor) -> Tensor:
    """The latents of the first LEARNED pictures, scaled to a standard deviation of about one."""
    scale: float = vae.config.scaling_factor
    return latents_of(vae, pictures[:LEARNED]) * scale


def train_decoder(seconds: float, vae: AutoencoderTiny, latents: Tensor, pictures: Tensor, work: Path) -> None:
    """Fine-tune the decoder of `vae` in place, on latents as imperfect as the denoiser's; the encoder stays."""
    decoder, factor = copy.deepcopy(vae.decoder).requires_grad_(True), float(vae.config.scaling_factor)
    average = vae.decoder
    optimizer = torch.optim.AdamW(decoder.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=1e-4, fused=True)
    stage = Stage("decoder", seconds, work, {"decoder": decoder, "average": average, "optimizer": optimizer})
    torch.manual_seed(stage.step)
    part, pixels = PART // 8, latents.permute(0, 2, 3, 1)

    def learn() -> dict[str, Tensor]:
        stage.rate(optimizer, 1e-3, 50)
        rows = torch.randint(LEARNED, (PARTS,), device=DEVICE)
        corners = torch.randint(model.SIZE // 8 - part + 1, (PARTS, 2), device=DEVICE)
        latent = parts_of(pixels, rows, corners, part).permute(0, 3, 1, 2) / factor
        real = as_wanted(parts_of(pictures, rows, corners * 8, PART))
        with half_precision():
            made = decoder(latent + BLUR * torch.randn_like(latent))
        loss, square = likeness(made.float(), real, 0.5)
        torch.autograd.backward(loss)
        step_of(decoder, optimizer)
        follow(average, decoder, stage.step, 0.998)
        return {"psnr": 10 * torch.log10(4 / square)}

    stage.run(learn, lambda: log.info("decoder: %.2f dB on unseen pictures", fidelity(vae, pictures)))


# --- the denoiser and the words


class Words:
    """Every caption as token ids: LEARNED x WORDINGS x TOKENS, and batches of them with some dropped."""

    def __init__(self, work: Path, begin: StableDiffusionPipeline | None) -> None:
        tell = partial(scenes_content.captions, count=WORDINGS)
        with processes() as pool:
            lines = [line for some in pool.map(tell, range(LEARNED), chunksize=500) for line in some]
        folder = work / "tokenizer"
        if begin:
            self.tokenizer = begin.tokenizer
        elif (folder / "vocab.json").exists():
            self.tokenizer = CLIPTokenizer.from_pretrained(folder, model_max_length=model.TOKENS)
        else:
            self.tokenizer = model.make_tokenizer(lines, folder)
        once = {line: i for i, line in enumerate(dict.fromkeys(lines))}
        ids = self.ids(list(once))
        table = ids[torch.tensor([once[line] for line in lines])].view(LEARNED, WORDINGS, model.TOKENS)
        self.table, self.nothing = table.to(DEVICE), self.ids([""])[0].to(DEVICE)
        log.info("%d captions, %d of them different", len(lines), len(once))

    def ids(self, lines: list[str]) -> Tensor:
        """Captions as tokens [N, TOKENS]."""
        found = self.tokenizer(lines, padding="max_length", truncation=True, max_length=model.TOKENS)["input_ids"]
        return torch.tensor(found)

    def batch(self, rows: Tensor) -> Tensor:
        """One caption [TOKENS] for each of `rows` [B]: some with an unknown word, some empty."""
        chosen = self.table[rows, torch.randint(WORDINGS, rows.shape, device=DEVICE)]
        chosen = torch.where(chances(rows) < STRANGE, self.with_strange_words(chosen), chosen)
        return torch.where(chances(rows) < DROPPED, self.nothing, chosen)

    @staticmethod
    def with_strange_words(ids: Tensor) -> Tensor:
        """Captions [B, TOKENS] with two to four random bytes in each, the last marked as the end of a word."""
        long = torch.randint(2, 5, (len(ids), 1), device=DEVICE)
        place = torch.randint(1, 12, (len(ids), 1), device=DEVICE)
        column = torch.arange(model.TOKENS, device=DEVICE)
        letters = torch.randint(256, ids.shape, device=DEVICE) + 256 * (column == place + long - 1)
        moved = ids.gather(1, torch.where(column < place, column, (column - long).clamp(min=0)))
        return torch.where((column >= place) & (column < place + long), letters, moved)


def chances(rows: Tensor) -> Tensor:
    """[B, 1] between 0 and 1."""
    return torch.rand(len(rows), 1, device=DEVICE)


def train_denoiser(
    seconds: float,
    latents: Tensor,
    words: Words,
    write: Callable[[nn.ModuleDict], None],
    work: Path,
    begin: StableDiffusionPipeline | None,
) -> nn.ModuleDict:
    """Train the denoiser ("unet") and the text encoder ("text"), and return their running averages; `write` is called
    regularly."""
    unet, text = (begin.unet, begin.text_encoder) if begin else (model.unet(), model.text_encoder(words.tokenizer))
    nets: nn.ModuleDict = nn.ModuleDict({"unet": unet, "text": text}).to(DEVICE, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(nets).requires_grad_(False)
    optimizer = torch.optim.AdamW(nets.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    stage = Stage("denoiser", seconds, work, {"nets": nets, "average": average, "optimizer": optimizer})
    torch.manual_seed(stage.step)
    noise_plan = model.scheduler().alphas_cumprod.to(DEVICE)
    count = sum(weight.numel() for weight in nets.parameters())
    log.info("denoiser and words: %.2f M parameters, vocabulary of %d", count / 1e6, len(words.tokenizer))

    def learn() -> dict[str, Tensor]:
        stage.rate(optimizer, 6e-4 if begin else 1e-3, 100)
        rows = torch.randint(LEARNED, (BATCH,), device=DEVICE)
        clean, moment = latents[rows], moments(rows, len(noise_plan))
        signal, noise = noise_plan[moment].sqrt().view(-1, 1, 1, 1), torch.randn_like(clean)
        blur = (1 - noise_plan[moment]).sqrt().view(-1, 1, 1, 1)
        noisy = (signal * clean + blur * noise).contiguous(memory_format=torch.channels_last)
        with half_precision():
            hidden = text(words.batch(rows)).last_hidden_state
            guess = unet(noisy, moment, hidden).sample
        loss = F.mse_loss(guess.float(), signal * noise - blur * clean)
        torch.autograd.backward(loss)
        step_of(nets, optimizer)
        follow(average, nets, stage.step, 0.996)
        return {"loss": loss.detach()}

    stage.run(learn, lambda: write(average))
    return average


def moments(rows: Tensor, count: int) -> Tensor:
    """A timestep below `count` for each of `rows`. Half are noisy ones, which decide the layout."""
    anywhere = torch.randint(count, rows.shape, device=DEVICE)
    noisy = torch.randint(count * 6 // 10, count, rows.shape, device=DEVICE)
    return torch.where(torch.rand(rows.shape, device=DEVICE) < 0.5, anywhere, noisy)


def step_of(net: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """One step of the optimizer, by gradients that were clipped."""
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()


@torch.no_grad()
def follow(average: nn.Module, net: nn.Module, step: int, decay: float) -> None:
    """Update the running average of the weights; it follows faster in the beginning."""
    keep = min(decay, (1 + step) / (10 + step))
    torch._foreach_lerp_(list(average.parameters()), list(net.parameters()), 1 - keep)
