"""Sphinx configuration of the documentation (`make docs`). Neither the build nor the pages load remote content."""

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
