"""Qt without widgets: worker thread, tracker of jobs, and the desk that a panel is given."""
