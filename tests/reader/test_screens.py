"""Every page at every size: nothing that shuts people out, no inline script, no word that is cut off."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from marker import Marker, marker
from playwright.sync_api import Browser
from reading import Reading, served, study_of_views

from hri_node.report.structures import CORTEX_ROI, LIVER_ROI
from hri_node.web.reader.rendering import STATIC

AXE = Path(__file__).parents[2] / "build" / "console" / "node_modules" / "axe-core" / "axe.min.js"

SIZES = {"laptop": (1280, 800), "desk": (1920, 1080), "tablet": (1024, 1366)}

VIOLATIONS = """async () => (await axe.run()).violations.map(
    each => [each.id, each.impact, each.nodes.map(node => node.html.slice(0, 120))])"""

CUT_OFF = """() => [...document.querySelectorAll("button, h1, h2, p, output")]
    .filter(each => each.checkVisibility() && getComputedStyle(each).position !== "absolute")
    .filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.outerHTML.slice(0, 80))"""

SVG_NAME = "http://www.w3.org/2000/svg"

ABUSED = ("innerHTML", "eval(", "document.write", 'setAttribute("style"', "cssText", "http://", "https://")


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    """Two synthetic views."""
    with served(study_of_views(tmp_path_factory.mktemp("views") / "study", 2)) as made:
        yield made


@pytest.fixture(scope="module")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    """A protocol with squares only, whose values readers do not see."""
    study = study_of_views(tmp_path_factory.mktemp("hidden") / "study", 2, show_values=False, shapes=("square",))
    with served(study) as made:
        yield made


def findings(reader: Marker) -> list[object]:
    """What axe-core finds on the page, and what is cut off."""
    if not AXE.is_file():
        pytest.skip("axe-core is missing: `make test` installs it where there is npm")
    reader.page.evaluate(AXE.read_text())
    return [*reader.page.evaluate(VIOLATIONS), *reader.page.evaluate(CUT_OFF)]


@pytest.mark.peers
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_at_every_size(chromium: Browser, views: Reading, size: str, theme: str) -> None:
    """The door, the sessions, an image without marks and with both, the help; by axe-core's rules."""
    width, height = SIZES[size]
    window = {"viewport": {"width": width, "height": height}, "has_touch": size == "tablet"}
    with marker(chromium, f"marked {size} {theme}", **window) as reader:
        seen: list[object] = []

        def look(name: str) -> None:
            """Look at a page."""
            reader.keep(f"{name} {size} {theme}")
            seen.extend(findings(reader))

        reader.page.add_init_script(f"localStorage.setItem('reader-theme', '{theme}')")
        reader.page.goto(views.link())
        look("door")
        reader.enter(views.link())
        look("sessions")
        reader.begin()
        look("image")
        reader.keys("Enter", "2", "Shift+ArrowRight*12", "Enter", "?")
        look("help")
        reader.keys("Escape")
        look("marked")
        reader.keys("Control+z*2")
        reader.saved()

    assert seen == []


@pytest.mark.peers
def test_hidden_values_are_nowhere(chromium: Browser, hidden: Reading) -> None:
    """Readers see that they marked, not what they measured, neither before nor after loading the page again."""
    with marker(chromium, "hidden") as reader:
        reader.enter(hidden.link())
        reader.begin()
        reader.keys("Enter", "2", "Shift+ArrowRight*12", "Enter")
        reader.saved()
        for _ in range(2):
            assert (reader.values("liver"), reader.values("cortex")) == ("marked", "marked")
            assert reader.page.locator("#ratio").count() == 0
            assert reader.page.locator(".shapes").count() == 0
            reader.page.reload()
            reader.shows()


def test_organs_have_the_colours_of_the_reports() -> None:
    """In the style sheet, and in the loupe that draws by itself."""
    style, loupe = ((STATIC / name).read_text() for name in ("reader.css", "loupe.js"))
    for name, structure in (("liver", LIVER_ROI), ("cortex", CORTEX_ROI)):
        colour = f"rgb({' '.join(str(each) for each in structure.rgb)})"
        assert f"--{name}: {colour};" in style
        assert f'{name}: "{colour}"' in loupe


@pytest.mark.parametrize("word", ABUSED)
def test_scripts_use_nothing_that_can_be_abused(word: str) -> None:
    """And ask no other server; the name of SVG is no address."""
    texts = {path.name: path.read_text().replace(SVG_NAME, "") for path in STATIC.glob("*.js")}

    assert [name for name, text in texts.items() if word in text] == []
