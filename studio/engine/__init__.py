"""Where jobs run: the line, LocalEngine in a thread, RemoteEngine over a pipe to a watched child."""
