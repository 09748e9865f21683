"""The walk: its track, and how it is played and exported."""
