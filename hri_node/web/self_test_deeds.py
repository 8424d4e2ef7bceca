"""Somebody who may comes in, with what they want of a self-test; it begins, is written down, and goes on by itself."""

from dataclasses import dataclass

from hri_node.node import Node
from hri_node.self_test import background
from hri_node.self_test.beginning import Wishes, begin
from hri_node.web.guard import Visitor
from hri_node.web.notebook import Notebook


@dataclass(frozen=True, slots=True)
class SelfTestDeeds:
    """What a page and the API may do with self-tests.

    Attributes
    ----------
    node
        Ledger, clock and settings.
    notebook
        Where it is written down.
    """

    node: Node
    notebook: Notebook

    def begin(self, visitor: Visitor, wishes: Wishes) -> str:
        """Begin a self-test; its steps are in the ledger as they come. It waits for the ledger.

        Parameters
        ----------
        visitor
            Who wants it.
        wishes
            What is wanted.

        Raises
        ------
        Refused
            When one is under way, or a destination is not known.
        Unavailable
            When the ledger does not answer.
        """
        begun = begin(self.node, wishes, visitor.who)
        self.notebook.note(visitor, "self-test", list(begun.run.stores) or [begun.run.name])
        background.launch(self.node.settings, begun)
        return "The self-test has begun."
