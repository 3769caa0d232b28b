"""The process and its machine: cores, the interpreter, file modes, progress lines."""
