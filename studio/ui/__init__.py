"""Widgets that know no feature: form, stage, film strip, prompt box, run bar, theme."""
