"""The Library room: all that was made."""

TITLE = "Library"
ICON = "library"
