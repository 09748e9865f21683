"""The Models room: the models that are here."""

TITLE = "Models"
ICON = "models"
