"""Maps other tools' names of samplers and schedules to the studio's schedulers."""

from studio.families.rules.schedulers import SCHEDULERS

KARRAS = " Karras"
_NAMES = {
    "Euler": ("k_euler", "euler_discrete"),
    "Euler a": ("euler_ancestral", "k_euler_ancestral", "k_euler_a", "euler_ancestral_discrete"),
    "Heun": ("k_heun",),
    "DPM2": ("dpm_2", "k_dpm_2", "kdpm_2"),
    "DPM2 a": ("dpm_2_ancestral", "dpm_2_a", "k_dpm_2_ancestral", "k_dpm_2_a", "kdpm_2_a"),
    "DPM++ 2M": ("dpmpp_2m", "k_dpmpp_2m"),
    "DPM++ 2M SDE": ("dpmpp_2m_sde", "dpmpp_2m_sde_gpu", "k_dpmpp_2m_sde"),
    "DPM++ 2S": ("dpmpp_2s",),
    "DDIM": ("ddim_v3", "k_ddim"),
    "DDPM": (),
    "PLMS": ("pndm", "k_plms"),
    "DEIS": (),
    "UniPC": ("uni_pc", "uni_pc_bh2", "unipc_tu", "unipc_tu_2"),
    "LCM": (),
    "Flow Euler": ("flow_match_euler", "flow_match_euler_discrete"),
}
"""Only exact equivalents: an ancestral sampler is not the plain one of the same order."""
_SCHEDULES = (
    "Karras", "Exponential", "Polyexponential", "SGM Uniform", "Uniform", "Simple", "Normal", "Beta", "KL Optimal",
    "Align Your Steps", "Trailing", "AYS", "Turbo",
)  # fmt: skip
"""Words that may end a sampler's name."""
_USUAL = ("", "automatic", "normal", "uniform", "native", "default", "discrete", "none")
"""Schedules that are the sampler's default anyway."""


def scheduler_of(sampler: str, schedule: str = "") -> str:
    """Our name for a sampler; "" if there is none. See ``split`` for the schedule."""
    plain, timing = split(sampler, schedule)
    for spelling in (plain, *reversed(plain.split(" - "))):  # some tools write "Euler - euler_a"
        if found := _known().get(_letters(spelling), ""):
            karras = f"{found}{KARRAS}"
            return karras if timing == KARRAS.strip() and karras in SCHEDULERS else found
    return ""


def schedule_left(sampler: str, schedule: str = "") -> str:
    """The schedule that is lost when ``scheduler_of`` maps the sampler; "" if none is."""
    timing = split(sampler, schedule)[1]
    lost = timing.lower() not in _USUAL and not scheduler_of(sampler, schedule).endswith(KARRAS)
    return timing if lost else ""


def split(sampler: str, schedule: str = "") -> tuple[str, str]:
    """Split a sampler's name from its schedule: AUTOMATIC1111 before 1.9 and other tools join them."""
    plain, timing = sampler.strip(), schedule.strip().replace("_", " ")
    for word in _SCHEDULES:
        if plain.lower().endswith(f" {word.lower()}"):
            plain, timing = plain[: -len(word) - 1].strip(), timing or word
    if plain.endswith("_k"):  # InvokeAI's
        plain, timing = plain.removesuffix("_k"), timing or KARRAS.strip()
    known = next((word for word in _SCHEDULES if word.lower() == timing.lower()), timing)
    return plain, known


def _known() -> dict[str, str]:
    own = {_letters(name): name for name in SCHEDULERS}
    return own | {_letters(other): name for name, others in _NAMES.items() for other in others}


def _letters(name: str) -> str:
    return "".join(char for char in name.lower().replace("++", "pp") if char.isalnum())
