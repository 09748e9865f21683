"""Trains Starter Scenes: the autoencoder, then denoiser and words together on its latents, then its decoder alone."""

import copy
import logging
import math
import time
from collections.abc import Callable
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

log = logging.getLogger(__name__)

PICTURES = 26_000
UNSEEN = 256  # the last pictures: never learned from, only measured on
LEARNED = PICTURES - UNSEEN  # pictures whose latents the denoiser learns from
WORDINGS = 4
AUTOENCODER_SHARE, DECODER_SHARE = 0.25, 0.10  # of the whole time; the denoiser has the rest
THREADS = 1  # two trainings beside each other on two cores only wait for each other with more
SAVE_EVERY = 120.0  # seconds
BATCH = 16
DROPPED = 0.1  # share of captions dropped, for guidance
STRANGE = 0.06  # share of captions with a word nobody knows in them, which the model learns to pass over


def train(minutes: float, out: Path, work: Path) -> None:
    torch.set_num_threads(THREADS)
    work.mkdir(parents=True, exist_ok=True)
    pictures = picture_file(work)
    seconds = minutes * 60
    vae = train_autoencoder(seconds * AUTOENCODER_SHARE, pictures, work)
    latents = latent_file(vae, pictures, work)
    words = Words(work)

    decibels = fidelity(vae, pictures)

    def write(nets: nn.ModuleDict) -> None:
        made = copy.deepcopy(nets).eval()
        pipeline = model.assemble(copy.deepcopy(vae), made["unet"], made["text"], words.tokenizer)
        facts = measure(pipeline, decibels, work)
        model.save(pipeline, out)
        (out / "README.md").write_text(card(facts), encoding="utf-8")

    nets = train_denoiser(seconds * (1 - AUTOENCODER_SHARE - DECODER_SHARE), latents, words, write, work)
    train_decoder(seconds * DECODER_SHARE, vae, latents, pictures, work)
    decibels = fidelity(vae, pictures)  # read by write(), as is what the decoder has learned
    write(nets)


def measure(pipeline: StableDiffusionPipeline, decibels: float, work: Path) -> Facts:
    """What the model card says about `pipeline` and the trainings in `work` that led to it."""
    spent: dict[str, tuple[float, int]] = {}
    for name in ("autoencoder", "denoiser", "decoder"):
        path = work / f"{name}.pt"
        state = torch.load(path, weights_only=True) if path.exists() else {"spent": 0.0, "step": 0}
        spent[name] = float(state["spent"]), int(state["step"])
    pipeline.set_progress_bar_config(disable=True)
    begun = time.perf_counter()
    pipeline("a red balloon", num_inference_steps=20, guidance_scale=4.0, generator=torch.Generator().manual_seed(1))
    picture_seconds = time.perf_counter() - begun
    parts = {"vae": pipeline.vae, "unet": pipeline.unet, "text": pipeline.text_encoder}
    return Facts(
        autoencoder_seconds=spent["autoencoder"][0],
        denoiser_seconds=spent["denoiser"][0],
        denoiser_steps=spent["denoiser"][1],
        batch=BATCH,
        decoder_seconds=spent["decoder"][0],
        fidelity=decibels,
        parameters={name: sum(weight.numel() for weight in part.parameters()) for name, part in parts.items()},
        drawn=PICTURES,
        learned=LEARNED,
        wordings=WORDINGS,
        picture_seconds=picture_seconds,
        threads=THREADS,
    )


# --- data


def picture_file(work: Path) -> NDArray[np.uint8]:
    """The pictures of seeds 0 to PICTURES - 1, drawn once and kept in a file."""
    path = work / "pictures.npy"
    if not path.exists():
        drawn = work / "pictures.part"
        canvas = np.lib.format.open_memmap(drawn, "w+", np.uint8, (PICTURES, model.SIZE, model.SIZE, 3))
        for seed in range(PICTURES):
            canvas[seed] = scenes.draw(seed, model.SIZE)[0]
        canvas.flush()
        drawn.replace(path)
        log.info("drew %d pictures", PICTURES)
    pictures: NDArray[np.uint8] = np.load(path, mmap_mode="r")
    return pictures


def batch_of(pictures: NDArray[np.uint8], rows: NDArray[np.int64] | slice) -> Tensor:
    """Pictures as the autoencoder wants them: B x 3 x H x W in [-1, 1]."""
    pixels = torch.from_numpy(np.array(pictures[rows])).permute(0, 3, 1, 2)
    return pixels.float().div(127.5).sub(1).contiguous(memory_format=torch.channels_last)


def crops_of(pictures: NDArray[np.uint8], chance: np.random.Generator, count: int) -> Tensor:
    """Quarter pictures from anywhere in what may be learned: more variety for the same number of pixels."""
    half = model.SIZE // 2
    rows, places = chance.integers(0, PICTURES - UNSEEN, count), chance.integers(0, half + 1, (count, 2))
    found = np.stack([pictures[row, y : y + half, x : x + half] for row, (y, x) in zip(rows, places, strict=True)])
    return batch_of(found, slice(None))


# --- the time a stage has, and what it leaves behind


class Stage:
    """One training with its own clock: counts only time spent training, over all runs, and saves as it goes."""

    def __init__(self, name: str, seconds: float, work: Path, parts: dict[str, Any]) -> None:
        self.name, self.seconds, self.path, self.parts = name, seconds, work / f"{name}.pt", parts
        self.step, self.spent = 0, 0.0
        if self.path.exists():
            state = torch.load(self.path, weights_only=True)
            for part, holder in parts.items():
                holder.load_state_dict(state[part])
            self.step, self.spent = state["step"], state["spent"]
            log.info("%s: goes on from step %d, %.0f s", name, self.step, self.spent)

    def save(self) -> None:
        state = {part: holder.state_dict() for part, holder in self.parts.items()}
        fresh = self.path.with_suffix(".part")
        torch.save(state | {"step": self.step, "spent": self.spent}, fresh)
        fresh.replace(self.path)

    def rate(self, optimizer: torch.optim.Optimizer, peak: float, warm_up: int) -> None:
        """Sets the learning rate: a short rise, then a cosine that ends near zero when the time is up."""
        share = min(self.spent / self.seconds, 1.0)
        fall = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share))
        for group in optimizer.param_groups:
            group["lr"] = peak * min(1.0, (self.step + 1) / warm_up) * fall

    def run(self, learn: Callable[[], dict[str, float]], saved: Callable[[], None]) -> None:
        """Calls `learn` until the time is up, logging every 50 steps; `saved` after each checkpoint."""
        last = self.spent
        while self.spent < self.seconds:
            begun = time.perf_counter()
            losses = learn()
            self.step += 1
            self.spent += time.perf_counter() - begun
            if self.step % 50 == 0:
                shown = " ".join(f"{name} {value:.4f}" for name, value in losses.items())
                log.info("%s: step %d, %.0f of %.0f s: %s", self.name, self.step, self.spent, self.seconds, shown)
            if self.spent - last >= SAVE_EVERY:
                last = self.spent
                self.save()
                saved()
        self.save()
        saved()


# --- the autoencoder


def train_autoencoder(seconds: float, pictures: NDArray[np.uint8], work: Path) -> AutoencoderTiny:
    vae = model.autoencoder().to(memory_format=torch.channels_last)
    if (work / "latents.npy").exists():  # the denoiser has begun on this autoencoder: it must not change any more
        vae.load_state_dict(torch.load(work / "autoencoder.pt", weights_only=True)["average"])
        return vae.eval()
    average = copy.deepcopy(vae).requires_grad_(False)
    optimizer = torch.optim.AdamW(vae.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=1e-4)
    stage = Stage("autoencoder", seconds, work, {"vae": vae, "average": average, "optimizer": optimizer})
    chance = np.random.default_rng(stage.step)

    def learn() -> dict[str, float]:
        stage.rate(optimizer, 1.5e-3, 50)
        real = crops_of(pictures, chance, 4)
        latent = vae.encode(real).latents
        made = vae.decode(latent + 0.05 * torch.randn_like(latent)).sample
        square, edges = F.mse_loss(made, real), edge_loss(made, real)
        (square + 0.5 * F.l1_loss(made, real) + 0.3 * edges + 1e-4 * latent.square().mean()).backward()
        step_of(vae, optimizer)
        follow(average, vae, stage.step, 0.998)
        return {"psnr": float(10 * torch.log10(4 / square.detach())), "latent": float(latent.detach().std())}

    stage.run(learn, lambda: log.info("autoencoder: %.2f dB on unseen pictures", fidelity(average, pictures)))
    return average.eval()


def edge_loss(made: Tensor, real: Tensor) -> Tensor:
    """How far the steps between neighbouring pixels differ: what keeps edges crisp."""
    wrong = made - real
    return wrong.diff(dim=2).abs().mean() + wrong.diff(dim=3).abs().mean()


@torch.no_grad()
def fidelity(vae: AutoencoderTiny, pictures: NDArray[np.uint8]) -> float:
    """Mean PSNR in dB over the unseen pictures."""
    found = []
    for start in range(PICTURES - UNSEEN, PICTURES, 32):
        real = batch_of(pictures, slice(start, start + 32))
        made = vae.decode(vae.encode(real).latents).sample.clamp(-1, 1)
        found.append(10 * torch.log10(4 / (made - real).square().mean(dim=(1, 2, 3))))
    return float(torch.cat(found).mean())


def latent_file(vae: AutoencoderTiny, pictures: NDArray[np.uint8], work: Path) -> Tensor:
    """The latents of the first LEARNED pictures, scaled to a spread of one; the autoencoder is told the factor."""
    path = work / "latents.npy"
    if not path.exists():
        found = []
        with torch.no_grad():
            for start in range(0, LEARNED, 20):
                found.append(vae.encode(batch_of(pictures, slice(start, start + 20))).latents.numpy())
        np.save(path, np.concatenate(found).astype(np.float32))
        log.info("encoded %d pictures", LEARNED)
    latents = torch.from_numpy(np.load(path))
    factor = round(1 / float(latents.std()), 5)
    vae.register_to_config(scaling_factor=factor)
    return latents * factor


def train_decoder(
    seconds: float, vae: AutoencoderTiny, latents: Tensor, pictures: NDArray[np.uint8], work: Path
) -> None:
    """Teaches `vae` to decode better, in place, from latents as imperfect as the denoiser's; what they mean stays."""
    decoder, factor = copy.deepcopy(vae.decoder).requires_grad_(True), float(vae.config.scaling_factor)
    average = vae.decoder
    optimizer = torch.optim.AdamW(decoder.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=1e-4)
    stage = Stage("decoder", seconds, work, {"decoder": decoder, "average": average, "optimizer": optimizer})
    chance = np.random.default_rng(stage.step)
    part = model.SIZE // 16  # half a picture, in latents

    def learn() -> dict[str, float]:
        stage.rate(optimizer, 1e-3, 50)
        rows, places = chance.integers(0, LEARNED, 6), chance.integers(0, part + 1, (6, 2))
        spots = list(zip(rows, places, strict=True))
        latent = torch.stack([latents[row, :, y : y + part, x : x + part] for row, (y, x) in spots]) / factor
        crops = [pictures[row, y * 8 : (y + part) * 8, x * 8 : (x + part) * 8] for row, (y, x) in spots]
        real = batch_of(np.stack(crops), slice(None))
        made = decoder(latent + 0.05 * torch.randn_like(latent))
        square = F.mse_loss(made, real)
        torch.autograd.backward(square + 0.5 * F.l1_loss(made, real) + 0.5 * edge_loss(made, real))
        step_of(decoder, optimizer)
        follow(average, decoder, stage.step, 0.998)
        return {"psnr": float(10 * torch.log10(4 / square.detach()))}

    stage.run(learn, lambda: log.info("decoder: %.2f dB on unseen pictures", fidelity(vae, pictures)))


# --- the denoiser and the words


class Words:
    """Every caption as token ids: LEARNED x WORDINGS x TOKENS, and batches of them with some dropped."""

    def __init__(self, work: Path) -> None:
        lines = [line for seed in range(LEARNED) for line in scenes_content.captions(seed, WORDINGS)]
        folder = work / "tokenizer"
        if (folder / "vocab.json").exists():
            self.tokenizer = CLIPTokenizer.from_pretrained(folder, model_max_length=model.TOKENS)
        else:
            self.tokenizer = model.make_tokenizer(lines, folder)
        once = {line: i for i, line in enumerate(dict.fromkeys(lines))}
        ids = self.ids(list(once))
        self.table = ids[torch.tensor([once[line] for line in lines])].view(LEARNED, WORDINGS, model.TOKENS)
        self.nothing = self.ids([""])[0]

    def ids(self, lines: list[str]) -> Tensor:
        found = self.tokenizer(lines, padding="max_length", truncation=True, max_length=model.TOKENS)["input_ids"]
        return torch.tensor(found)

    def batch(self, rows: Tensor) -> Tensor:
        chosen = self.table[rows, torch.randint(WORDINGS, rows.shape)].clone()
        for i in torch.nonzero(torch.rand(len(rows)) < STRANGE).flatten().tolist():
            chosen[i] = self.with_strange_word(chosen[i])
        chosen[torch.rand(len(rows)) < DROPPED] = self.nothing
        return chosen

    def with_strange_word(self, ids: Tensor) -> Tensor:
        """The caption with two to four random bytes somewhere in it, the last with the mark of a word's end."""
        long = int(torch.randint(2, 5, ()))
        place = int(torch.randint(1, 12, ()))
        letters = torch.randint(256, (long,))
        letters[-1] += 256
        return torch.cat([ids[:place], letters, ids[place:]])[: model.TOKENS]


def train_denoiser(
    seconds: float, latents: Tensor, words: Words, write: Callable[[nn.ModuleDict], None], work: Path
) -> nn.ModuleDict:
    """The running average of the denoiser ("unet") and the text encoder ("text"); `write` is called now and then."""
    unet, text = model.unet().to(memory_format=torch.channels_last), model.text_encoder(words.tokenizer)
    nets = nn.ModuleDict({"unet": unet, "text": text})
    average = copy.deepcopy(nets).requires_grad_(False)
    optimizer = torch.optim.AdamW(nets.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    stage = Stage("denoiser", seconds, work, {"nets": nets, "average": average, "optimizer": optimizer})
    torch.manual_seed(stage.step)
    noise_plan = model.scheduler().alphas_cumprod
    count = sum(weight.numel() for weight in nets.parameters())
    log.info("denoiser and words: %.2f M parameters, vocabulary of %d", count / 1e6, len(words.tokenizer))

    def learn() -> dict[str, float]:
        stage.rate(optimizer, 1e-3, 100)
        rows = torch.randint(LEARNED, (BATCH,))
        clean, moment = latents[rows], moments(len(noise_plan))
        signal, noise = noise_plan[moment].sqrt().view(-1, 1, 1, 1), torch.randn_like(clean)
        blur = (1 - noise_plan[moment]).sqrt().view(-1, 1, 1, 1)
        noisy = (signal * clean + blur * noise).contiguous(memory_format=torch.channels_last)
        hidden = text(words.batch(rows)).last_hidden_state
        guess = unet(noisy, moment, hidden).sample
        loss = F.mse_loss(guess, signal * noise - blur * clean)
        torch.autograd.backward(loss)
        step_of(nets, optimizer)
        follow(average, nets, stage.step, 0.996)
        return {"loss": float(loss.detach())}

    stage.run(learn, lambda: write(average))
    return average


def moments(count: int) -> Tensor:
    """BATCH moments of `count`. Half of them are noisy ones: there it is decided on which side things stand."""
    anywhere, noisy = torch.randint(count, (BATCH,)), torch.randint(count * 6 // 10, count, (BATCH,))
    return torch.where(torch.rand(BATCH) < 0.5, anywhere, noisy)


def step_of(net: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()


@torch.no_grad()
def follow(average: nn.Module, net: nn.Module, step: int, decay: float) -> None:
    """Moves the running average of the weights towards the weights, faster while there are few steps behind."""
    keep = min(decay, (1 + step) / (10 + step))
    torch._foreach_lerp_(list(average.parameters()), list(net.parameters()), 1 - keep)
