"""The node comes in; everything about studies goes out, as routes: search, page, pictures, results, forms."""

from starlette.routing import BaseRoute

from hri_node.node import Node
from hri_node.web.console.files import Files
from hri_node.web.console.rendering import Pages
from hri_node.web.console.studies import Studies
from hri_node.web.console.study import StudyPage
from hri_node.web.console.study_desk import StudyForms


def study_routes(node: Node, pages: Pages) -> list[BaseRoute]:
    """Every page about studies.

    Parameters
    ----------
    node
        Of this process.
    pages
        Templates.
    """
    page = StudyPage(node, pages)
    return [
        *Studies(node, pages).routes(),
        *Files(node).routes(),
        *page.routes(),
        *StudyForms(node, page.forget).routes(),
    ]
