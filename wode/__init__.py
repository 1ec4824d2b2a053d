"""wode: the library that the book teaches, one module a concept.

``import wode`` is light: torch is imported only by the modules that need it.
"""

__version__ = "0.1.0"
