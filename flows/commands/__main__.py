"""Entry point of `python -m flows.commands`: the command line without the script `needloop` on the path."""

from flows.commands.app import main

if __name__ == "__main__":
    main()
