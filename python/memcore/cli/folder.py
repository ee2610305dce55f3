"""A group of commands that is a folder.

A module ``memcore/cli/commands/replay.py`` with a click command named ``command`` is the command ``memcore replay``.
Nothing else is registered anywhere. A module is imported when its command runs or is listed, so that one command
does not wait for the libraries of another.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import click

from memcore.cli.failures import reported


class CommandFolder(click.Group):
    """The commands in the modules of ``package``; a name's hyphens are underscores in the file's name."""

    def __init__(self, *args: Any, package: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._package = package

    def list_commands(self, ctx: click.Context) -> list[str]:
        folder = importlib.import_module(self._package)
        return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(folder.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{self._package}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        with reported():
            return super().invoke(ctx)
