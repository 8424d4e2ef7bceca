"""A report comes in; one file of HTML goes out, whole in itself: no script, nothing from elsewhere, figures within."""

import io
import re
from importlib import resources
from itertools import count

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from hri_node.study.documents import printed
from hri_node.study.report.content import DISCLAIMER, Picture, Report

PLACES = re.compile(r'(\bid="|href="#|url\(#)')
"""Where an SVG names its parts, or points to them."""

WHOLE_LETTERS_MAX = 20
"""A cell of no more letters is not broken: a coefficient and its interval stay in one line."""

LEFT_OUT = re.compile(r"<!--.*?-->|<metadata>.*?</metadata>|<style\b.*?</style>|<defs>\s*</defs>", re.DOTALL)


def html_of(report: Report) -> bytes:
    """The report as HTML; the same report gives the same bytes.

    Parameters
    ----------
    report
        Its texts may hold any character.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["dashes"] = printed
    numbers = count(1)
    environment.globals["svg"] = lambda picture: svg_of(picture, f"f{next(numbers)}-")
    files = resources.files(__package__)
    text = environment.from_string(files.joinpath("report.html").read_text(encoding="utf-8")).render(
        report=report,
        css=Markup(files.joinpath("report.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        disclaimer=DISCLAIMER,
        letters_max=WHOLE_LETTERS_MAX,
    )
    return text.encode("utf-8", errors="replace")


def svg_of(picture: Picture, prefix: str) -> Markup:
    """A figure as an element of HTML.

    Parameters
    ----------
    picture
        Whose figure is drawn.
    prefix
        Of the names of its parts, which no other figure of the page has.
    """
    written = io.StringIO()
    picture.copy().savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    text = LEFT_OUT.sub("", written.getvalue())
    text = PLACES.sub(rf"\g<1>{prefix}", text[text.index("<svg") :])
    opened = f'<svg role="img" aria-label="{escape(f"{picture.label}. {printed(picture.alt)}")}"'
    # Matplotlib draws every letter as an outline: no text of the readings is in it.
    return Markup(opened + text.removeprefix("<svg").rstrip())  # noqa: S704
