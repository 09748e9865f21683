"""How large files are, in words."""


def size_in_words(count: int) -> str:
    """Bytes as people say them: "23 MB", "6.9 GB"."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6))} MB"
