"""People meet the champion and answer back: the HTTP service, started as a process and imported by nobody."""
