"""Detects a picture's format by its first bytes, and says what to do about unsupported ones."""

from pathlib import Path

from studio.core.errors import StudioError
from studio.core.text import tr

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "PPM")
"""The formats that Pillow may read: some others start external programs (EPS)."""
_HEAD = 512
_MARKS = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"BM",
    b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"Pf", b"PF",
)  # fmt: skip
_HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1", b"mif2"}
_FILMS = {b"isom", b"iso2", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"qt  ", b"M4V ", b"dash", b"3gp4", b"3gp5"}
_OTHERS = {
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL \r\n\x87\n": "JPEG XL",
    b"\0\0\0\x0cjP  \r\n\x87\n": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
    b"II\xbc\x01": "JPEG XR",
    b"8BPS": "Photoshop",
    b"%PDF": "PDF",
    b"%!PS": "PostScript",
    b"\xc5\xd0\xd3\xc6": "PostScript",
    b"\x76\x2f\x31\x01": "OpenEXR",
    b"#?RADIANCE": "Radiance HDR",
    b"#?RGBE": "Radiance HDR",
    b"gimp xcf": "GIMP",
    b"DDS ": "DDS",
    b"\0\0\1\0": "ICO",
    b"icns": "ICNS",
    b"\x1aE\xdf\xa3": "film",
}
_RAW = {
    b"FUJIFILMCCD-RAW": 0,
    b"FOVb": 0,
    b"\0MRM": 0,
    b"IIRO": 0,
    b"IIRS": 0,
    b"MMOR": 0,
    b"IIU\0": 0,
    b"CR\2": 8,
    b"HEAPCCDR": 6,
    b"ftypcrx ": 4,
}
"""Signatures of camera raw files, and their offsets."""
_RAW_ENDINGS = {
    ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".kdc", ".mef", ".mos", ".mrw",
    ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f",
}  # fmt: skip
"""Many are TIFFs whose first image is a small preview, which would be taken for the picture."""
_BOX_ENDINGS = {".kra": "Krita", ".ora": "OpenRaster", ".procreate": "Procreate", ".clip": "Clip Studio"}


def head_of(path: Path) -> bytes:
    """The file's first bytes; empty if it can't be read: the decoder then reports why."""
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except (OSError, ValueError):
        return b""


def is_heif(head: bytes) -> bool:
    """Whether the file is a HEIC or HEIF. AVIF has the same structure, and may list the same brands."""
    brands = _brands(head)
    return bool(brands & _HEIF) and not brands & {b"avif", b"avis"}


def is_known(head: bytes) -> bool:
    """Whether the file begins like a supported format."""
    return head.startswith(_MARKS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or bool(_brands(head))


def refuse_other_kinds(path: Path, head: bytes) -> None:
    """Raise StudioError, with what to do about it, for a known but unsupported format."""
    if is_raw(path, head):
        raise StudioError(
            tr("{path} is a camera's raw file. Develop it with your photo program, and use the JPEG or PNG.",
               path=path)
        )  # fmt: skip
    kind = _other_kind(path, head)
    if kind == "film":
        raise StudioError(tr("{path} is a video. Save one of its frames as a PNG, and use that.", path=path))
    if kind == "SVG":
        raise StudioError(
            tr("{path} is a vector drawing (SVG). Export it as a PNG at the size you want, and use that.", path=path)
        )
    if kind:
        raise StudioError(
            tr("{path} is not a picture that Triptych can read: its format is {kind}. Save it as PNG or JPEG with a "
               "program that opens it, and use that.", path=path, kind=kind)
        )  # fmt: skip


def is_raw(path: Path, head: bytes) -> bool:
    """Whether the file is a camera raw file."""
    marked = any(head[at : at + len(mark)] == mark for mark, at in _RAW.items())
    return marked or (path.suffix.lower() in _RAW_ENDINGS and head[:4] in (b"II*\0", b"MM\0*"))


def _other_kind(path: Path, head: bytes) -> str:
    for mark, kind in _OTHERS.items():
        if head.startswith(mark):
            return kind
    if head[:4] == b"PK\3\4":
        return _BOX_ENDINGS.get(path.suffix.lower(), "")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"<svg") or (text.startswith((b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in text):
        return "SVG"
    return "film" if _brands(head) & _FILMS and not is_heif(head) else ""


def _brands(head: bytes) -> set[bytes]:
    """The brands that an ISO media file (HEIF, AVIF, MP4) lists."""
    if head[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(head[:4]), len(head))
    return {head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))}
