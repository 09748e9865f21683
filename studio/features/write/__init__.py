"""The Write room: language models."""

TITLE = "Write"
ICON = "write"
