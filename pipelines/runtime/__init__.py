"""The process and its machine: settings, cores, the interpreter, file modes, progress lines."""
