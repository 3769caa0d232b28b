"""The card as one self-contained HTML file: no script, nothing remote, pictures inside."""

from base64 import b64encode
from collections.abc import Mapping
from html import escape

from markdown_it import MarkdownIt

# Second line of defence: unescaped content is neither run nor fetched.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_STYLE = """
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem 1rem 4rem }
h2 { border-top: 2px solid #8886; margin-top: 2rem; padding-top: .5rem }
table { border-collapse: collapse; display: block; margin: .5rem 0; overflow-x: auto }
td, th { border: 1px solid #8886; padding: .2rem .6rem; text-align: left; vertical-align: top }
td { overflow-wrap: break-word }
th { background: #8882 }
li, code { overflow-wrap: anywhere }
code { background: #8883; border-radius: .3rem; padding: 0 .3rem }
figure { display: inline-block; margin: .5rem 1rem .5rem 0; vertical-align: top }
img { background: #fff; border-radius: .3rem; max-width: 100% }
"""


def page(markdown: str, pictures: Mapping[str, bytes]) -> str:
    """The card as HTML with its pictures, PNGs by caption; the first line is the title."""
    title = escape(markdown.partition("\n")[0].lstrip("# "))
    figures = "".join(_figure(caption, png) for caption, png in pictures.items())
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body>\n"
        f"{_body(markdown)}{figures}\n</body></html>\n"
    )


def _body(markdown: str) -> str:
    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown))


def _figure(caption: str, png: bytes) -> str:
    text = escape(caption)
    data = b64encode(png).decode()
    return f'<figure><img alt="{text}" src="data:image/png;base64,{data}"><figcaption>{text}</figcaption></figure>'
