"""The commands, one a file: ``replay.py`` with a click command named ``command`` is ``memcore replay``."""
