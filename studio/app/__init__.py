"""Qt without widgets: the worker thread, the job tracker, and the services that panels use."""
