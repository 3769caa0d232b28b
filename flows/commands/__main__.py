"""`python -m flows.commands`: the command line, where its script is not on the path."""

from flows.commands.app import main

if __name__ == "__main__":
    main()
