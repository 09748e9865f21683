"""Model folders that name what lies elsewhere: repositories, programs of repositories, files of this computer."""

import json
from pathlib import Path
from typing import Any

from tests.hostile.folders import Harm, edit, put
from tests.hostile.opener import ELSEWHERE

REPOSITORY, KERNEL = "evil/repo", "kernels-community/evil"
NO_OBJECTS: dict[str, Any] = {"a name": REPOSITORY, "names": [REPOSITORY], "a number": 7, "nothing": None, "true": True}
BACKBONE = {"backbone": REPOSITORY, "use_pretrained_backbone": True, "use_timm_backbone": False}
OF_DETR = {"model_type": "detr", "architectures": ["DetrModel"], **BACKBONE}
PROGRAMS: dict[str, dict[str, Any]] = {
    "of attention": {"attn_implementation": KERNEL},
    "of attention, hidden": {"_attn_implementation": f"{KERNEL}@main:run"},
    "of attention, inside": {"_attn_implementation_internal": KERNEL},
    "of attention, for all": {"attn_implementation": {"": KERNEL}},
    "of attention, for a part": {"attn_implementation": {"text_config": KERNEL}},
    "of attention, deeply": {"attn_implementation": {"": {"": [{"text_config": KERNEL}]}}},
    "of attention, in a part": {"text_config": {"_attn_implementation": {"": KERNEL}}},
    "of attention, of pages": {"attn_implementation": f"paged|{KERNEL}"},
    "of experts": {"experts_implementation": {"": KERNEL}},
}


def replaced(file: str, value: Any) -> Harm:
    """The whole JSON file is ``value``."""
    return put(file, json.dumps(value).encode())


def _no_objects(files: tuple[str, ...]) -> dict[str, Harm]:
    """A name in the place of each file, and other things in that of the first two."""
    harms = {f"a name for {file}": replaced(file, REPOSITORY) for file in files}
    others = {f"{what} for {file}": replaced(file, value) for file in files[:2] for what, value in NO_OBJECTS.items()}
    return harms | others


def of_pictures() -> dict[str, Harm]:
    """For a folder in diffusers format."""
    files = (
        "model_index.json", "unet/config.json", "vae/config.json", "text_encoder/config.json",
        "scheduler/scheduler_config.json", "tokenizer/tokenizer_config.json", "tokenizer/special_tokens_map.json",
        "text_encoder/generation_config.json", "unet/diffusion_pytorch_model.safetensors.index.json",
    )  # fmt: skip
    harms = _no_objects(files)
    harms |= {f"a program {what}": edit("text_encoder/config.json", **found) for what, found in PROGRAMS.items()}

    def encoder(kind: str, library: str = "transformers", **config: Any) -> Harm:
        def harm(folder: Path) -> None:
            edit("model_index.json", text_encoder=[library, kind])(folder)
            replaced("text_encoder/config.json", config)(folder)

        return harm

    harms["another class with a backbone"] = encoder("DetrModel", **OF_DETR)
    harms["another class with a backbone of timm"] = encoder(
        "TimmWrapperModel", pretrained_cfg={"hf_hub_id": REPOSITORY}
    )
    for part in ("text_config", "vision_config"):
        harms[f"a backbone in its {part}"] = encoder(
            "Qwen2_5_VLForConditionalGeneration", model_type="qwen2_5_vl", **{part: OF_DETR}
        )
        harms[f"a backbone in its {part}, of another's"] = encoder(
            "Mistral3ForConditionalGeneration",
            model_type="mistral3",
            **{part: {"model_type": "mask2former", "backbone_config": {"model_type": "dpt", **BACKBONE}}},
        )
    harms["a backbone as text"] = edit("text_encoder/config.json", backbone_config=REPOSITORY)
    for library, kind in (
        ("diffusers", "AutoModel"), ("diffusers", "MultiControlNetModel"), ("diffusers", "StableDiffusionPipeline"),
        ("transformers", "AutoModel"), ("transformers", "MgpstrProcessor"), ("transformers", "BarkProcessor"),
        ("transformers", "RagTokenizer"), ("transformers", "OneFormerProcessor"), ("transformers", "PeftModel"),
        ("flux", "FluxPipeline"), ("pipeline_utils", "DiffusionPipeline"),
    ):  # fmt: skip
        harms[f"{library} {kind}"] = edit("model_index.json", tokenizer=[library, kind])
    for part in ("unet", "vae", "scheduler", "safety_checker", "text_encoder_2", "extra"):
        harms[f"another class for {part}"] = edit("model_index.json", **{part: ["transformers", "DetrModel"]})
    harms["a part that is a table"] = edit("model_index.json", unet={"os": 1, "system": 2})
    harms["a part of two letters"] = edit("model_index.json", unet="os")
    harms["a tokenizer of sound"] = edit(
        "tokenizer/processor_config.json",
        audio_tokenizer={"audio_tokenizer_class": "DacModel", "audio_tokenizer_name_or_path": REPOSITORY},
    )
    harms["a tokenizer of a packed file"] = edit(
        "tokenizer/tokenizer_config.json", gguf_file="x.gguf", name_or_path=REPOSITORY
    )

    def processor(**settings: Any) -> Harm:
        """A tokenizer that is a processor, with settings for what reads pictures."""

        def harm(folder: Path) -> None:
            edit("model_index.json", tokenizer=["transformers", "Qwen2VLProcessor"])(folder)
            replaced("tokenizer/preprocessor_config.json", settings)(folder)

        return harm

    harms["pictures read by another class"] = processor(image_processor_type="MgpstrProcessor")
    harms["pictures read with a list elsewhere"] = processor(
        image_processor_type="OneFormerImageProcessor", repo_path=REPOSITORY, class_info_file="a.json"
    )
    harms["pictures read with a list that is always elsewhere"] = processor(
        feature_extractor_type="OneFormerFeatureExtractor", class_info_file="a.json"
    )

    def second(folder: Path) -> None:
        edit("model_index.json", _class_name="KandinskyPipeline")(folder)
        put("README.md", f"---\ntags:\n- text-to-image\nprior:\n- {REPOSITORY}\n---\n".encode())(folder)

    harms["a second model in the card"] = second
    harms["weights elsewhere"] = edit(
        "unet/diffusion_pytorch_model.safetensors.index.json", weight_map={"a": f"../../{ELSEWHERE}/a.safetensors"}
    )
    harms["weights on a server"] = edit(
        "unet/diffusion_pytorch_model.safetensors.index.json", weight_map={"a": r"\\server\share\a.safetensors"}
    )
    return harms


def of_writers() -> dict[str, Harm]:
    """For a folder in transformers format."""
    files = (
        "config.json", "generation_config.json", "tokenizer_config.json", "tokenizer.json", "special_tokens_map.json",
        "added_tokens.json", "preprocessor_config.json", "processor_config.json", "model.safetensors.index.json",
    )  # fmt: skip
    harms = _no_objects(files)
    harms |= {f"a program {what}": edit("config.json", **found) for what, found in PROGRAMS.items()}
    harms["a backbone"] = edit("config.json", **BACKBONE)
    harms["a backbone in a part"] = edit(
        "config.json", model_type="fuyu", architectures=["FuyuForCausalLM"], text_config=OF_DETR
    )
    harms["a model of timm"] = edit("config.json", model_type="timm_wrapper")
    harms["a model of timm, in a part"] = edit("config.json", vision_config={"model_type": "timm_backbone"})
    harms["settings of timm"] = edit("config.json", pretrained_cfg={"hf_hub_id": REPOSITORY})
    harms["settings of another version, elsewhere"] = edit(
        "config.json", configuration_files=[f"config.4.0.0/../../{ELSEWHERE}/config.4.0.0.json"]
    )
    harms["a tokenizer of another version, elsewhere"] = edit(
        "tokenizer_config.json", fast_tokenizer_files=[f"../{ELSEWHERE}/tokenizer.4.0.0.json"]
    )
    harms["a tokenizer of a packed file"] = edit("tokenizer_config.json", gguf_file="x.gguf", name_or_path=REPOSITORY)
    harms["an adapter"] = edit("adapter_config.json", peft_type="LORA", base_model_name_or_path=REPOSITORY, r=1)
    harms["weights elsewhere"] = edit("model.safetensors.index.json", weight_map={"a": f"../{ELSEWHERE}/a.safetensors"})

    for kind in ("MgpstrProcessor", "BarkProcessor", "OneFormerProcessor", "DetrModel", "AutoModel"):
        harms[f"a tokenizer of the kind {kind}"] = edit("tokenizer_config.json", tokenizer_class=kind)
        harms[f"a tokenizer of the kind {kind}, in the settings"] = edit("config.json", tokenizer_class=kind)

    def of_another_version(folder: Path) -> None:
        settings = json.loads((folder / "config.json").read_text("utf-8"))
        replaced("config.4.0.0.json", {**settings, **OF_DETR})(folder)
        edit("config.json", configuration_files=["config.4.0.0.json"])(folder)

    harms["settings of another version"] = of_another_version
    return harms


def opens_all_the_same(folder: Path) -> dict[str, Harm]:
    """What a language model's folder may name, as trainers write it: it is left out, and the model opens."""
    files = {name: str(folder.parent / ELSEWHERE / name) for name in ("vocab_file", "tokenizer_file", "merges_file")}
    return {
        "attention of a trainer": edit("config.json", _attn_implementation="flash_attention_2"),
        "attention of a trainer, for all": edit("config.json", attn_implementation={"": "flash_attention_3"}),
        "attention that nobody knows": edit("config.json", _attn_implementation="mine"),
        "where it was saved": edit("config.json", _name_or_path=REPOSITORY, _commit_hash="a" * 40),
        "where the tokenizer was saved": edit("tokenizer_config.json", name_or_path=REPOSITORY, **files),
        "no versions": edit("config.json", configuration_files=["config.json"]),
    }
