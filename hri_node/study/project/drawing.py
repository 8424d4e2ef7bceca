"""A seed comes in; random orders, the same on every machine, and the sizes of parts go out."""

import hashlib

from hri_node.study.project.protocol import Split
from hri_node.study.project.records import Part


def drawn(seed: int, *words: str | int) -> str:
    """A number, as text, by which things are put in a random order that the seed draws.

    Sorting by it gives every order with the same chance, the same one on every machine, and leaves the others where
    they are when one thing falls out.

    Parameters
    ----------
    seed
        Of the study.
    words
        What is drawn, and what for.
    """
    return hashlib.sha256("/".join(map(str, (seed, *words))).encode()).hexdigest()


def parts_of(count: int, split: Split) -> list[Part]:
    """So many parts in their shares, by the largest remainder.

    Parameters
    ----------
    count
        How many patients there are.
    split
        The shares.
    """
    exact = {part: share * count for part, share in split.shares.items()}
    counts = {part: int(each + 1e-9) for part, each in exact.items()}
    left = count - sum(counts.values())
    for part in sorted(exact, key=lambda each: counts[each] - exact[each])[:left]:
        counts[part] += 1
    return [part for part in Part for _ in range(counts[part])]
