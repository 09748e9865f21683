"""CLIP models: any local folder in transformers format with a CLIPModel, which says how well words fit a picture."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from studio.core.errors import StudioError
from studio.core.resources import BUNDLED
from studio.families.rules.judge import judge_clip
from studio.families.rules.settings_files import stays_inside
from studio.files.card import read_card
from studio.files.model_settings import read_settings
from studio.ml import device
from studio.ml.load.address import resolve
from studio.ml.load.bounds import bounded, strangers
from studio.ml.load.explained import not_loaded
from studio.ml.load.folder import check_part, incomplete
from studio.ml.quiet import quiet


@dataclass(frozen=True)
class ClipModel:
    """A CLIP model, ready to compare."""

    model: Any
    """A CLIPModel of transformers, in evaluation mode."""
    tokenizer: Any
    images: Any
    """What makes a picture into the model's pixels."""
    path: Path

    @torch.inference_mode()
    def score(self, picture: Image.Image, words: str) -> float:
        """How well ``words`` fit ``picture``: the cosine of the two, -1 to 1, and higher is better."""
        place, limit = self.model.device, self.model.config.text_config.max_position_embeddings
        tokens = self.tokenizer([words], truncation=True, max_length=limit, return_tensors="pt").to(place)
        pixels = self.images(picture, return_tensors="pt")["pixel_values"].to(place, self.model.dtype)
        found = self.model(input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"], pixel_values=pixels)
        return float(torch.cosine_similarity(found.image_embeds.float(), found.text_embeds.float()))


def clip_model_for(folder: Path) -> str:
    """The address of the CLIP model that the picture model in ``folder`` names in its card; "" where it names none.

    A bundled one, or a folder within its own: any other path in a stranger's card would be looked for, on a server too.
    """
    try:
        address = read_card(folder).match
    except (OSError, StudioError):
        return ""
    if address.startswith(BUNDLED):
        return address
    return str(folder / address) if stays_inside(address) else ""


def load_clip(address: str) -> ClipModel:
    """The CLIP model at ``address``. Nothing in its folder is run as a program.

    Raises StudioError: "model_missing" when nothing is there, "model_unusable" when it can't be read or is no CLIP.
    """
    folder = resolve(address)
    quiet()
    judge_clip(folder, read_settings(folder / "config.json") if folder.is_dir() else {})
    variant, safetensors = check_part(folder)
    from transformers import AutoTokenizer, CLIPImageProcessorPil, CLIPModel

    with strangers(lambda error: not_loaded(folder, error)), bounded(folder, folder.iterdir()):
        model, facts = CLIPModel.from_pretrained(
            str(folder),
            local_files_only=True,
            use_safetensors=True if safetensors else None,
            variant=variant,
            dtype=torch.float32,
            output_loading_info=True,
        )
        if missing := sorted(facts["missing_keys"]):
            raise incomplete(folder, missing[0])
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
        images = CLIPImageProcessorPil.from_pretrained(str(folder), local_files_only=True)
        return ClipModel(model.to(device.choose().device).eval(), tokenizer, images, folder)
