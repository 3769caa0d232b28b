"""Views of Data Docs: Great Expectations' pages without remote scripts, styles and pictures.

The original pages load these from seven hosts, and send one of them an identifier of this installation
(`dataContextId`) at each opening; without a network the original front page shows an empty table.
"""

import re
from html import escape
from typing import Any

from great_expectations.render.view.view import DefaultJinjaPageView

_REMOTE = re.compile(
    r"<script\b.*?</script>|<footer\b.*?</footer>|<(?:link|img)\b[^>]*\bhttps?://[^>]*>|(?<=url\()['\"]https?:[^)]*",
    re.IGNORECASE | re.DOTALL,
)

# The policy blocks any remote content that the pattern misses.
_POLICY = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"""

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 0 1rem 4rem }
:root { color-scheme: light dark }
table { border-collapse: collapse; margin: .5rem 0 }
td, th { border: 1px solid #8886; padding: .3rem .6rem; text-align: left }
nav ol, nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 0 1rem; height: auto !important }
.badge { font-family: ui-monospace, monospace; background: #8883; border-radius: .3rem; padding: 0 .3rem }
.alert { border-top: 2px solid #8886; margin-top: 1.5rem }
.fas { white-space: nowrap; font-style: normal }
.fa-check-circle::before { content: "✓ passed" }
.fa-times::before { content: "✗ failed" }
.fa-exclamation-triangle::before { content: "⚠ not judged" }
.text-success, .passed { color: #293 }
.text-danger, .text-warning, .failed { color: #d33 }
.collapse { display: none }
.collapse:target { display: block }
.card { height: auto !important; max-height: none !important }
.card:has(.btn-group-toggle) { display: none }
pre { white-space: pre-wrap }
"""


class DocsPage(DefaultJinjaPageView):
    """The page of a suite or of a result, complete in one file."""

    def render(self, document: Any, template: Any = None, **values: Any) -> str:
        """The HTML of the page without remote content."""
        page = super().render(document, template, **values)  # type: ignore[no-untyped-call]
        local = _REMOTE.sub("", page).replace("</head>", f"<style>{STYLE}</style></head>", 1)
        return local.replace("<head>", f"<head>{_POLICY}", 1)


class PageLinks:
    """Renderer that passes Great Expectations' links to the front page."""

    def __init__(self, data_context: object) -> None:
        pass

    def render(self, links: dict[str, Any]) -> dict[str, Any]:
        """Return the links unchanged."""
        return links


class FrontPage:
    """The front page: every stored result, newest first, and every suite."""

    def __init__(self, custom_styles_directory: object, custom_views_directory: object) -> None:
        pass

    def render(self, links: dict[str, Any], **_: object) -> str:
        """The HTML of the front page; it needs no script."""
        rows = "".join(_row(link) for link in links.get("validations_links", []))
        suites = "".join(f"<li>{_anchor(link)}</li>" for link in links.get("expectations_links", []))
        return (
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Data Docs</title>'
            f"<style>{STYLE}</style></head><body><h1>Data Docs</h1>"
            f"<h2>Suites</h2><nav><ul>{suites}</ul></nav><h2>Results</h2>"
            f"<table><tr><th>model<th>when<th>train snapshot<th>result</tr>{rows}</table></body></html>"
        )


def _anchor(link: dict[str, Any]) -> str:
    return f'<a href="{escape(link["filepath"])}">{escape(link["expectation_suite_name"])}</a>'


def _row(link: dict[str, Any]) -> str:
    verdict = "passed" if link["validation_success"] else "failed"
    when = f"{link['run_time']:%Y-%m-%d %H:%M:%S} UTC"
    return f'<tr><td>{_anchor(link)}<td>{when}<td>{escape(link["run_name"])}<td class="{verdict}">{verdict}</tr>'
