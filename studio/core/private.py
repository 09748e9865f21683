"""What neither a log nor a report may tell: secrets, and where a person keeps what."""

import re
import sys

from studio.core.resources import ROOT

HIDDEN = "«…»"
"""Stands for what is private."""
_KEYS = (
    r"hf_[A-Za-z0-9]{8,}|(?:hf|sk|pk|rk|gh[pousr]|gsk|xai|r8|npm|nvapi|shp[a-z]{2}|glpat|tskey|pypi)[_-][A-Za-z0-9_-]{8,}"
    r"|github_pat_\w{8,}|dckr_pat_[\w-]{8,}|dop_v1_\w{8,}|xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}"
    r"|(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{8,}|AIza[\w-]{16,}|ya29\.[\w-]{8,}|GOCSPX-[\w-]{8,}"
    r"|AGE-SECRET-KEY-\w{8,}|SG\.[\w-]{8,}\.[\w-]{8,}|[MN][A-Za-z\d]{23,27}\.[\w-]{6}\.[\w-]{27,}"
    r"|eyJ[\w-]{4,}(?:\.[\w-]*){1,4}"
)
"""As those who give them out begin them: Hugging Face, OpenAI, GitHub, GitLab, Slack, Amazon, Google... and JWTs."""
_NAMES = (
    r"pass(?:word|wd|phrase)|pwd|secret|token|credentials?|api[ _-]?key|(?:access|private|account|auth|client|signing|"
    r"encryption|secret)[ _-]?(?:key|secret|token)(?:[ _-]?id)?|x-amz-[\w-]{1,40}|signature|sig"
)
_NO_SECRET = (
    r"(?:not?|an?|the|too|missing|wrong|invalid|needed|required|refused|gone|empty|kept|left|expired|set|read|asked)\b"
)
"""How a sentence about a password goes on that doesn't tell it."""
_SECRETS = (
    re.compile(
        r"-----BEGIN [^-\n]{1,60}-----(?:(?:(?!-----BEGIN).){0,20000}?-----END [^-\n]{1,60}-----|[\w+/=\s\\]{0,20000})",
        re.DOTALL,
    ),
    re.compile(r"^[\w+/]{60,}={0,2}$", re.MULTILINE),
    # The value of a header goes on to the end of its line, or of the text that it is written as.
    re.compile(r"(?i)(?<=\bauthorization)[\"']?\s?[:=]\s?[\"']?[^\"'\n]+"),
    re.compile(r"(?i)(?<=\bcookie)[\"']?\s?[:=]\s?[\"']?[^\"'\n]+"),
    re.compile(r"(?i)\b(?:bearer|basic)[ =:\"']+[\w.~+/=-]{2,}"),
    re.compile(rf"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{{2}}))(?:{_KEYS})"),
    re.compile(rf"(?i)(?:{_NAMES})[\"']?\s{{0,3}}(?:=>|[:=])\s{{0,3}}(?:\"[^\"\n]+\"|'[^'\n]+'|[^\s\"'&,;]+)"),
    re.compile(rf"(?i)(?:{_NAMES}) (?:is|was) (?!{_NO_SECRET})[^\s&,;]+"),
    re.compile(
        r"(?i)\b(?:authorization|token|password|api_?key)\b[ =:\"']+(?:(?<=\")[^\"\n]+|(?<=')[^'\n]+|[^\s\"']\S*)"
    ),
    re.compile(r"(?<=://)[^\s/\"'<>]{1,300}@"),
    re.compile(r"(?<![^\s\"'(<\[=])[^\s:/@\"']{1,100}:[^\s/@\"']{1,200}@(?=[\w.-])"),
    re.compile(r"[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}\b"),
)
_URL = re.compile(r"(?i)(?<=\b)(https?://[\w.:\[\]«…»-]*)/[^\s\"'<>]+")
_TRACE = re.compile(r'File "(.+?)"(?=, line \d|$)', re.MULTILINE)
_START = re.compile(
    r"(?i:\bfile:/)|(?<![A-Za-z0-9])[A-Za-z]:[\\/]|(?<![A-Za-z0-9_\\])\\\\+(?=[^\s\\])"
    r"|(?<![A-Za-z0-9_.…/\\])(?:~\w*|\$\{?\w+\}?|%\w+%)[\\/]"
    r"|(?<![A-Za-z0-9_.…/\\])(?<!https:)(?<!http:)/(?=[^\s\\])"
    r"|(?<![\w.…/\\])\.{1,2}[\\/](?=[^\s\\])"
    r"|/(?:home|Users|root|media|mnt|Volumes)/"
)
"""Where a path begins; what comes behind a host, or is named from where the program lies, doesn't."""
_TOLD = re.compile(
    r"(?<=\S)[ ,]*(?: (?:(?:couldn't|can't|cannot|could not|can not) be"
    r"|(?:is|are|was|were) (?:not?|damaged|cut off|too|kept|left|there|gone|already|in use)"
    r"|(?:is|are|was|were) (?:written|full|a|an|the)|has no|have no|holds|doesn't|does not|takes no)\b"
    r"| failed(?=[.:,]|$)|: ?\[(?:Errno|WinError) \d"
    r"|[：，。]? ?(?:无法|不能|打不开|读不出|读不了|写不了|写不进|已不在|不在|已损坏|损坏|太大|不是))"
)
"""How a sentence goes on behind a path: names may hold spaces, quotes and colons, so that nothing less ends one."""
_KINDS = (
    r"\.(?:png|jpe?g|webp|gif|tiff?|bmp|avif|hei[cf]|jxl|md|txt|mp4|webm|json|safetensors|gguf|ckpt|pth?|pkl|bin|onnx|py|"
    r"log|sqlite|zip|tar|gz)"
)
_ENDING = re.compile(rf"{_KINDS}$", re.IGNORECASE)
_ENDINGS = re.compile(rf"{_KINDS}(?![\w.-]*\w)", re.IGNORECASE)


def without_secrets(text: str) -> str:
    """``text`` with keys, passwords and addresses, by their looks and by what stands before them, left out."""
    for secret in _SECRETS:
        text = secret.sub(HIDDEN, text)
    return text


def without_paths(text: str) -> str:
    """``text`` without absolute paths, but for what kind of file each names; of an address its host is left."""
    text = _URL.sub(lambda match: f"{match[1]}/{HIDDEN}", text)
    text = _TRACE.sub(lambda match: f'File "{_short(match[1])}"', text)
    return "\n".join(map(_without_paths_in_line, text.split("\n")))


def _without_paths_in_line(line: str) -> str:
    kept, at = [], 0
    while (start := _START.search(line, at)) is not None:
        end = _end_of_path(line, start)
        kept += [line[at : start.start()], HIDDEN, _ending(line[start.start() : end])]
        at = end
    return "".join([*kept, line[at:]])


def _end_of_path(line: str, start: re.Match[str]) -> int:
    """Behind the path that begins there: at the last of the quotes that it began with, or where a sentence goes on."""
    behind = max(start.end(), line.rfind("/") + 1, line.rfind("\\") + 1)
    endings = [found.end() for found in _ENDINGS.finditer(line, behind)]
    told = list(_TOLD.finditer(line, endings[-1] if endings else behind))
    # What looks like a sentence may be a name: without a file's ending before it, only the last surely is none.
    end = told[0 if endings else -1].start() if told else len(line)
    quote = line[start.start() - 1] if start.start() else ""
    closing = line.rfind(quote, start.end(), end) if quote and quote in "\"'`" else -1
    return closing if closing > 0 else end


def _short(path: str) -> str:
    """A file of Python's as everybody has it, others by their name only."""
    normal = path.replace("\\", "/")
    for root, name in ((str(ROOT), ""), (sys.prefix, "python/"), (sys.base_prefix, "python/")):
        if normal.startswith(f"{root.replace(chr(92), '/')}/"):
            return name + normal[len(root) + 1 :]
    if _START.match(path) is None:
        return path  # it was shortened before, as what comes from the log into a report
    _, found, inside = normal.partition("/site-packages/")
    return f"site-packages/{inside}" if found else f"…/{normal.rpartition('/')[2]}"


def _ending(path: str) -> str:
    found = _ENDING.search(path.rstrip("\"'`)]}>.,:; "))
    return found[0] if found else ""
