"""HTTP servers on this machine: sockets, credentials, time limits, and the guard before servers of other projects."""
