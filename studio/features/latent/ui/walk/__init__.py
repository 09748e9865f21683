"""The walk: its track, playback and export."""
