"""How Sphinx builds the documentation: pages in Markdown, notebooks that are run, any warning an error."""

import memcore

project = "memcore"
author = "The memcore contributors"
version = release = memcore.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
nitpicky = True

html_theme = "furo"
html_title = f"memcore {release}"

# A page shows what the code of this very version prints, and a cell that raises fails the build.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300

autodoc_typehints = "description"
autodoc_member_order = "bysource"

# Names of the standard library that are written in signatures; its documentation is not fetched while building.
nitpick_ignore_regex = [("py:.*", r"(builtins\.)?(int|str|float|bool|bytes|None|object|.*Error|Exception)"), ("py:.*", r"typing\..*")]
