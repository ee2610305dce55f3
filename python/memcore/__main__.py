"""``python -m memcore``: the command line, for those whose PATH does not know the script."""

from memcore.cli import main

if __name__ == "__main__":
    main(prog_name="memcore")
