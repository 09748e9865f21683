"""What other tools' pictures say of their making: each in its own form, and what of it has no place here."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from studio.library.metadata.making import read_making
from studio.library.metadata.tools.generation import Generation
from studio.library.metadata.tools.recognise import read_tool

WORDS = "a red kite over dunes"


def png(path: Path, **texts: str) -> Path:
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_text(key.replace("_x_", "-").replace("__", " "), text)
    Image.new("RGB", (8, 8)).save(path, pnginfo=info)
    return path


def known(path: Path) -> Generation:
    making = read_making(path)
    assert making is not None
    assert making.generation is not None
    return making.generation


# -- InvokeAI ----------------------------------------------------------------------------------------------------------

CORE = {
    "generation_mode": "sdxl_img2img", "positive_prompt": WORDS, "negative_prompt": "frame", "width": 832,
    "height": 1216, "seed": 1554095076, "cfg_scale": 15.0, "steps": 50, "scheduler": "euler_k", "strength": 0.4,
    "model": {"key": "k", "hash": "blake3:6a", "name": "juggernaut", "base": "sdxl", "type": "main"},
    "loras": [{"model": {"name": "ink"}, "weight": 0.75}], "clip_skip": 0, "init_image": "a.png",
    "positive_style_prompt": WORDS, "controlnets": [{"control_model": {"name": "canny"}, "weight": 1}],
}  # fmt: skip


@pytest.mark.parametrize("key", ["invokeai_metadata", "invokeai"])
def test_invokeai_from_release_3_on(tmp_path: Path, key: str) -> None:
    found = known(png(tmp_path / "a.png", **{key: json.dumps(CORE)}))
    assert (found.tool, found.prompt, found.negative) == ("InvokeAI", WORDS, "frame")
    assert (found.steps, found.guidance, found.seed, found.width, found.height) == (50, 15.0, 1554095076, 832, 1216)
    assert (found.sampler, found.model, found.strength, found.start) == ("euler_k", "juggernaut", 0.4, "a.png")
    assert found.others == (("LoRA", "ink (0.75)"), ("ControlNet", "canny (1)"))


def test_invokeai_of_release_2(tmp_path: Path) -> None:
    image = {
        "prompt": [{"prompt": f"{WORDS} [fog, rain]", "weight": 1.0}], "steps": 30, "cfg_scale": 7.5, "seed": 7,
        "width": 512, "height": 640, "sampler": "k_euler_a", "type": "txt2img", "hires_fix": True,
    }  # fmt: skip
    data = {"model": "stable diffusion", "model_weights": "sd-v1-5", "model_hash": "ab" * 32, "image": image}
    found = known(png(tmp_path / "a.png", sd_x_metadata=json.dumps(data), Dream="x"))
    assert (found.prompt, found.negative, found.sampler) == (WORDS, "fog, rain", "k_euler_a")
    assert (found.steps, found.seed, found.height, found.model) == (30, 7, 640, "sd-v1-5")
    assert found.others == (("Hires fix", ""),)


def test_invokeai_of_release_1(tmp_path: Path) -> None:
    command = f'"{WORDS} [fog]" -s 30 -S 123 -W 512 -H 640 -C 7.5 -A k_lms -U 2 0.75'
    found = known(png(tmp_path / "a.png", Dream=command))
    assert (found.prompt, found.negative, found.steps, found.seed) == (WORDS, "fog", 30, 123)
    assert (found.width, found.height, found.guidance, found.sampler) == (512, 640, 7.5, "k_lms")
    assert found.others == (("Upscale", "2"),)


# -- NovelAI and what is hidden ----------------------------------------------------------------------------------------

NOVEL = {
    "prompt": "1girl, {{blue hair}}, [sea], 1.3::big hat::", "steps": 28, "height": 1216, "width": 832, "scale": 5.0,
    "seed": 4028746890, "sampler": "k_euler_ancestral", "noise_schedule": "karras", "uc": "lowres, {text}",
    "sm": True,
}  # fmt: skip
NOVEL_TEXTS = {
    "Title": "NovelAI generated image", "Description": NOVEL["prompt"], "Software": "NovelAI",
    "Source": "NovelAI Diffusion V4 37442FCA", "Comment": json.dumps(NOVEL),
}  # fmt: skip


def check_novel(found: Generation) -> None:
    assert (found.tool, found.prompt, found.negative) == ("NovelAI", "1girl, blue hair, sea, big hat", "lowres, text")
    assert (found.steps, found.guidance, found.seed, found.width) == (28, 5.0, 4028746890, 832)
    assert (found.sampler, found.schedule) == ("k_euler_ancestral", "karras")
    assert (found.model, found.model_hash) == ("NovelAI Diffusion V4", "37442FCA")
    assert {"Emphasis", "SMEA"} == {title for title, _ in found.others}


def test_novelai(tmp_path: Path) -> None:
    check_novel(known(png(tmp_path / "a.png", **NOVEL_TEXTS)))


def test_the_characters_of_novelais_release_4(tmp_path: Path) -> None:
    caption = {"base_caption": "two kites", "char_captions": [{"char_caption": "red"}, {"char_caption": "blue"}]}
    data = {**NOVEL, "v4_prompt": {"caption": caption, "use_coords": True}}
    found = known(png(tmp_path / "a.png", Software="NovelAI", Comment=json.dumps(data)))
    assert found.prompt == "two kites, red, blue"
    assert ("Character positions", "") in found.others


def hide(image: Image.Image, signature: bytes, content: bytes) -> Image.Image:
    """``content`` in the lowest bits of ``image``, as the tools hide it: column by column."""
    data = signature + (8 * len(content)).to_bytes(4, "big") + content
    bits = [byte >> 7 - bit & 1 for byte in data for bit in range(8)]
    pixels: Any = image.load()
    bands = (3,) if signature.startswith(b"stealth_png") else (0, 1, 2)
    places = [(x, y, band) for x in range(image.width) for y in range(image.height) for band in bands]
    for (x, y, band), bit in zip(places, bits, strict=False):
        values = list(pixels[x, y])
        values[band] = values[band] & 254 | bit
        pixels[x, y] = tuple(values)
    return image


@pytest.mark.parametrize("signature", [b"stealth_pnginfo", b"stealth_pngcomp", b"stealth_rgbinfo", b"stealth_rgbcomp"])
@pytest.mark.parametrize("ending", ["png", "webp"])
def test_what_is_hidden_in_pixels(tmp_path: Path, signature: bytes, ending: str) -> None:
    plain = json.dumps(NOVEL_TEXTS).encode()
    content = gzip.compress(plain) if signature.endswith(b"comp") else plain
    image = hide(Image.new("RGBA", (127, 131), (40, 90, 121, 254)), signature, content)
    image.save(tmp_path / f"a.{ending}", **({"lossless": True, "exact": True} if ending == "webp" else {}))
    check_novel(known(tmp_path / f"a.{ending}"))


def test_parameters_that_are_hidden(tmp_path: Path) -> None:
    text = b"a kite\nSteps: 20, Sampler: Euler, Seed: 648312782957426, Size: 64x64"
    hide(Image.new("RGBA", (64, 64), "white"), b"stealth_pnginfo", text).save(tmp_path / "a.png")
    found = known(tmp_path / "a.png")
    assert (found.tool, found.seed, found.prompt) == ("AUTOMATIC1111", 648312782957426, "a kite")


@pytest.mark.parametrize("bits", [0, 7, 8, 2**31, 2**32 - 8])
def test_lengths_that_lie(tmp_path: Path, bits: int) -> None:
    data = b"stealth_pnginfo" + bits.to_bytes(4, "big") + b"x"
    image = hide(Image.new("RGBA", (32, 32), "white"), data[:15], b"")
    pixels: Any = image.load()
    for number, bit in enumerate(byte >> 7 - at & 1 for byte in data[15:19] for at in range(8)):
        place = 120 + number
        pixels[place // 32, place % 32] = (255, 255, 255, 254 | bit)
    image.save(tmp_path / "a.png")
    assert read_making(tmp_path / "a.png") is None


def test_hidden_text_that_would_fill_the_memory(tmp_path: Path) -> None:
    bomb = gzip.compress(b" " * 50_000_000, 9)
    hide(Image.new("RGBA", (640, 640), "white"), b"stealth_pngcomp", bomb).save(tmp_path / "a.png")
    assert read_making(tmp_path / "a.png") is None


# -- Fooocus, SwarmUI, Draw Things, Easy Diffusion, Midjourney ---------------------------------------------------------

FOOOCUS = {
    "base_model": "juggernautXL", "base_model_hash": "aeb7e9e689", "clip_skip": 2, "guidance_scale": 4,
    "loras": [["offset", "0.1", "abc"]], "metadata_scheme": "fooocus", "negative_prompt": "blurry", "prompt": WORDS,
    "refiner_model": "None", "resolution": "(1152, 896)", "sampler": "dpmpp_2m_sde_gpu", "scheduler": "karras",
    "seed": "2380171", "steps": 30, "styles": "['Fooocus V2']", "vae": "Default (model)", "version": "Fooocus v2.5.5",
}  # fmt: skip


def exif_comment(path: Path, text: str, coding: str = "utf-16-be") -> Path:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + text.encode(coding) if coding != "utf-8" else text.encode()
    Image.new("RGB", (8, 8)).save(path, exif=exif)
    return path


def test_fooocus(tmp_path: Path) -> None:
    for path in (
        png(tmp_path / "a.png", parameters=json.dumps(FOOOCUS), fooocus_scheme="fooocus"),
        exif_comment(tmp_path / "a.jpg", json.dumps(FOOOCUS), "utf-8"),
    ):
        found = known(path)
        assert (found.tool, found.prompt, found.negative) == ("Fooocus", WORDS, "blurry")
        assert (found.steps, found.guidance, found.seed) == (30, 4.0, 2380171)
        assert (found.width, found.height, found.model) == (1152, 896, "juggernautXL")
        assert found.others == (("LoRA", "offset (0.1)"), ("Styles", "Fooocus V2"), ("Clip skip", "2"))


SWARM = {
    "prompt": "a lizard <lora:fur:0.8>", "negativeprompt": "(bad:1.4)", "model": "Official/sd_xl.safetensors",
    "steps": "20", "cfgscale": 7.0, "seed": 2**64 - 1, "width": 1024, "height": 768, "sampler": "euler",
    "scheduler": "normal", "loras": ["ink"], "loraweights": ["0.5"], "automaticvae": True, "swarm_version": "0.9",
}  # fmt: skip


@pytest.mark.parametrize("coding", ["", "utf-16-be", "utf-16-le", "utf-8"])
def test_swarmui(tmp_path: Path, coding: str) -> None:
    text = json.dumps({"sui_image_params": SWARM, "sui_extra_data": {"date": "2025"}}, indent=2)
    path = exif_comment(tmp_path / "a.jpg", text, coding) if coding else png(tmp_path / "a.png", parameters=text)
    found = known(path)
    assert (found.tool, found.prompt, found.negative) == ("SwarmUI", "a lizard", "(bad:1.4)")
    assert (found.steps, found.seed, found.width, found.model) == (20, 2**64 - 1, 1024, "sd_xl")
    assert found.others == (("LoRA", "fur (0.8)"), ("Weights in the prompt", "(bad:1.4)"), ("LoRA", "ink (0.5)"))


def test_draw_things(tmp_path: Path) -> None:
    data = {
        "c": "a guitar", "uc": "sad", "steps": 10, "sampler": "DPM++ 2M Karras", "seed": 1177739245, "scale": 10,
        "size": "1152x768", "model": "sd_v1.4_f16.ckpt", "strength": 0.7,
        "lora": [{"model": "ink.ckpt", "weight": 0.5}],
    }  # fmt: skip
    inside = json.dumps(data).replace("&", "&amp;").replace('"', "&quot;")
    element = f'<exif:UserComment><rdf:Alt><rdf:li xml:lang="x-default">{inside}</rdf:li></rdf:Alt></exif:UserComment>'
    for number, xmp in enumerate((element, f'<rdf:Description exif:UserComment="{inside}"/>')):
        info = PngImagePlugin.PngInfo()
        info.add_itxt(
            "XML:com.adobe.xmp", f"<x:xmpmeta><xmp:CreatorTool>Draw Things</xmp:CreatorTool>{xmp}</x:xmpmeta>"
        )
        Image.new("RGB", (8, 8)).save(tmp_path / f"{number}.png", pnginfo=info)
        found = known(tmp_path / f"{number}.png")
        assert (found.tool, found.prompt, found.negative, found.steps) == ("Draw Things", "a guitar", "sad", 10)
        assert (found.guidance, found.seed, found.width, found.height) == (10.0, 1177739245, 1152, 768)
        assert (found.strength, found.start, found.others) == (0.7, "?", (("LoRA", "ink (0.5)"),))


def test_easy_diffusion(tmp_path: Path) -> None:
    texts = {
        "Prompt": WORDS, "Negative__Prompt": "fog", "Seed": "3141592653589", "Steps": "25", "Guidance__Scale": "7.5",
        "Width": "512", "Height": "640", "Sampler": "euler_a", "Stable__Diffusion__model": "sd-v1-5",
        "Clip__Skip": "True", "LoRA__model": "None",
    }  # fmt: skip
    found = known(png(tmp_path / "a.png", **texts))
    assert (found.tool, found.prompt, found.negative, found.seed) == ("Easy Diffusion", WORDS, "fog", 3141592653589)
    assert (found.steps, found.guidance, found.width, found.height) == (25, 7.5, 512, 640)
    assert (found.sampler, found.model, found.others) == ("euler_a", "sd-v1-5", (("Clip skip", ""),))
    machine = {"prompt": WORDS, "negative_prompt": "fog", "seed": 5, "num_inference_steps": 25, "sampler_name": "ddim"}
    found = known(exif_comment(tmp_path / "a.jpg", json.dumps(machine)))
    assert (found.tool, found.seed, found.steps, found.sampler) == ("Easy Diffusion", 5, 25, "ddim")


def test_midjourney(tmp_path: Path) -> None:
    command = f"{WORDS}, tiny::2 --ar 2:3 --v 6.1 --stylize 250 --no fog, rain --raw Job ID: 0000-00000000-0000"
    found = known(png(tmp_path / "a.png", Description=command, Author="someone"))
    assert (found.tool, found.prompt, found.negative) == ("Midjourney", f"{WORDS}, tiny", "fog, rain")
    assert (found.shape, found.seed, found.width) == ((2.0, 3.0), None, None)
    assert found.others == (("--v", "6.1"), ("--stylize", "250"), ("--raw", ""), ("Emphasis", "::"))


# -- tools whose settings can't be read --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "tool"),
    [
        ({"prompt": json.dumps({"1": {"class_type": "Odd", "inputs": {}}})}, "ComfyUI"),
        ({"workflow": json.dumps({"nodes": [], "links": []})}, "ComfyUI"),
        ({"invokeai_graph": "{}"}, "InvokeAI"),
        ({"invokeai_metadata": "[" * 10_000}, "InvokeAI"),
        ({"Software": "NovelAI", "Comment": "{"}, "NovelAI"),
        ({"parameters": json.dumps({"sui_image_params": 3})}, "SwarmUI"),
        ({"parameters": "{", "fooocus_scheme": "fooocus"}, "Fooocus"),
        ({"Software": "Adobe Firefly"}, "Adobe Firefly"),
        ({"XML:com.adobe.xmp": "<xmp:CreatorTool>Draw Things</xmp:CreatorTool>"}, "Draw Things"),
    ],
)
def test_a_tool_that_is_known_though_its_settings_are_not(texts: dict[str, str], tool: str) -> None:
    assert read_tool(texts) == Generation(tool=tool, readable=False)


@pytest.mark.parametrize("texts", [{}, {"Software": "GIMP"}, {"Description": "a kite"}, {"prompt": "a kite"}])
def test_pictures_of_no_such_tool(texts: dict[str, str]) -> None:
    assert read_tool(texts) is None


def test_a_text_for_people_goes_before_the_graph_beside_it(tmp_path: Path) -> None:
    text = "a kite\nSteps: 20, Sampler: euler, Seed: 5, Size: 64x64, Version: ComfyUI"
    graph = json.dumps({"1": {"class_type": "Odd", "inputs": {}}})
    found = known(png(tmp_path / "a.png", prompt=graph, parameters=text))
    assert (found.tool, found.readable, found.seed) == ("ComfyUI", True, 5)


def test_settings_of_which_nothing_is_left_are_none(tmp_path: Path) -> None:
    found = known(png(tmp_path / "a.png", invokeai_metadata=json.dumps({"seed": "many", "steps": [], "scheduler": 5})))
    assert found == Generation(tool="InvokeAI", readable=False)


def test_models_that_learnt_guidance_have_a_number_of_their_own(tmp_path: Path) -> None:
    flux = {"positive_prompt": WORDS, "cfg_scale": 1.0, "guidance": 4.0}
    assert known(png(tmp_path / "a.png", invokeai_metadata=json.dumps(flux))).guidance == 4.0
    swarm = {"sui_image_params": {"prompt": WORDS, "cfgscale": 1.0, "fluxguidancescale": 3.5}}
    assert known(png(tmp_path / "b.png", parameters=json.dumps(swarm))).guidance == 3.5
