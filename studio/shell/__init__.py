"""The window around the rooms: rail, settings, startup, crash report."""
