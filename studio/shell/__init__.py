"""The window around the rooms: rail, settings, start, crash report."""
