"""Test of `hri_node.ledger.ledger`: its parts do not hide one another."""

from collections import Counter

from hri_node.ledger.ledger import Ledger


def test_no_two_parts_have_a_method_of_the_same_name() -> None:
    """The ledger is made of many classes: the first of two would be called in place of the other."""
    names = Counter(name for part in Ledger.__bases__ for name in vars(part) if not name.startswith("__"))

    assert [name for name, count in names.items() if count > 1] == []
