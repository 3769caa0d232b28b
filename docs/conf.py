"""Sphinx renders these pages: `make docs`. Nothing is fetched, by the build or by the pages."""

project = "Needloop"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "Needloop"
html_copy_source = False
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
# Links to files of the repository, which are no pages, lead there on GitHub; the site says only their names.
suppress_warnings = ["myst.xref_missing", "toc.not_included"]
