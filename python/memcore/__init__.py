"""memcore: memory management as a library.

Allocators and virtual memory that are exact enough to study and fast enough to ship. The engine is the extension
module ``memcore._memcore``; this package gives it the shape that Python expects, and adds what only Python knows.
"""

from memcore import _errors
from memcore._errors import *
from memcore._memcore import __version__

__all__ = ["__version__"]
__all__ += _errors.__all__
