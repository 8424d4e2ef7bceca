"""Tables and contents are Markdown as GitHub reads it."""

import pytest

from hri_node.conformance.markdown import anchor, contents, table


def test_a_table_has_a_line_for_each_row() -> None:
    """Below its head; a sign that would end a cell does not."""
    assert table(("a", "b"), [("1", "2|3")]) == "| a | b |\n| --- | --- |\n| 1 | 2\\|3 |"


def test_a_row_of_another_length_is_a_mistake() -> None:
    """It would shift all that follows."""
    with pytest.raises(AssertionError, match="2 cells"):
        table(("a", "b"), [("1",)])


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("5.2.7 Query/Retrieve", "527-queryretrieve"),
        ("A.1 Information shared by all objects", "a1-information-shared-by-all-objects"),
        ("4.1 Entities, and flow", "41-entities-and-flow"),
    ],
)
def test_a_heading_is_linked_to_by_the_name_that_github_gives_it(heading: str, name: str) -> None:
    """Small letters, hyphens for spaces, no other signs."""
    assert anchor(heading) == name


def test_contents_name_two_levels() -> None:
    """And neither the title nor what is deeper."""
    assert contents("# T\n## 1 A\n### 1.1 B\n#### 1.1.1 C\n") == "- [1 A](#1-a)\n  - [1.1 B](#11-b)"
