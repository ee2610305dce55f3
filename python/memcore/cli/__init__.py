"""The command line ``memcore``.

Each command is one file in ``memcore/cli/commands``, found by its name. What commands have in common stands beside
this file, one idea a file:

- `sizes`: arguments such as ``64MiB``;
- `output`: ``--json``, and readable tables otherwise;
- `progress`: a bar on standard error, for people, when work lasts;
- `failures`: exit status 0, 1 or 2, and one line why;
- `folder`: how a group finds its commands.
"""

import click

import memcore
from memcore.cli.folder import CommandFolder


@click.group(cls=CommandFolder, package="memcore.cli.commands", no_args_is_help=True)
@click.version_option(memcore.__version__, prog_name="memcore")
def main() -> None:
    """Which allocator, which size, which policy, for your program, and what it costs."""
