"""Settings come in; STOW-RS and health are served over HTTP until told to stop."""

from hri_node.commands.hooking import witnessed
from hri_node.commands.roles import audited, until_told_to_stop
from hri_node.commands.screen import say
from hri_node.logs import set_up
from hri_node.node import assemble
from hri_node.settings import Settings
from hri_node.web.app import application
from hri_node.web.login.links import first_link
from hri_node.web.server import WebServer
from workers import broker


def run_web(settings: Settings) -> None:
    """Serve until told to stop."""
    stop = until_told_to_stop()
    set_up(settings.log_level, as_json=settings.log_json)
    node = assemble(settings)
    with audited(node, "web"), witnessed(node) as witness:
        app = application(node, witness, checks={"broker": lambda: broker.ping(settings)})
        server = WebServer(app, settings.web)
        if link := first_link(node.ledger, settings.web, node.clock(), server.port):
            say(f"nobody can log in yet; whoever opens this link within 24 h becomes the first admin: {link}")
        server.run(stop)
