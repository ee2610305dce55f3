"""
The engine of memcore, as Python sees it. Import `memcore` instead.
"""

from typing import Any, Final, SupportsFloat, SupportsIndex

__all__ = ["__version__", "rehearse_long_call"]

__version__: Final[str]
"""
The version of the engine and of the package.
"""

def rehearse_long_call(seconds: SupportsFloat | SupportsIndex, *, progress: Any | None = None) -> int:
    """
    Work for `seconds` as every long call of memcore works, and return the number of steps done.

    `progress` is called as `progress(done, None)`. For tests of the package.
    """
