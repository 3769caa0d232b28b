"""Sphinx configuration of the documentation (`make docs`). Neither the build nor the pages load remote content."""

from typing import Any

from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment.adapters.toctree import TocTree

project = "Needloop"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "Needloop"
html_copy_source = False
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
# Links to files of the repository work on GitHub; the rendered site shows only their names.
suppress_warnings = ["myst.xref_missing", "toc.not_included"]

CHINESE = "index.zh"


def chinese_sidebar(app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """A page in Chinese has the contents of the Chinese index in its sidebar."""
    if not pagename.endswith(".zh"):
        return

    def toctree(**options: Any) -> str:
        tree = TocTree(app.env)
        nodes = app.env.get_doctree(CHINESE).findall(addnodes.toctree)
        first, *others = (tree.resolve(pagename, app.builder, node, **options) for node in nodes)
        for other in others:
            first.extend(other.children)
        return str(app.builder.render_partial(first)["fragment"])

    context["toctree"] = toctree


def setup(app: Sphinx) -> None:
    """Register the Chinese sidebar, before the theme reads the contents (priority 500)."""
    app.connect("html-page-context", chinese_sidebar, priority=400)
