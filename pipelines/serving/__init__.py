"""The HTTP service: predictions of the champions, feedback and the console; started as a process of its own."""
