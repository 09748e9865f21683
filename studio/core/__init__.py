"""The values that every floor speaks in: tasks, jobs, assets, events, errors. Standard library and msgspec only."""
