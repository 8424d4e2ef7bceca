"""A peer comes in; an archive that is searched by C-FIND and gives its instances by C-GET or C-MOVE goes out."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import Final

from hri_node.records import Peer
from hri_node.send.association import CONTEXTS_MAX
from hri_node.send.query import FoundInstance, FoundStudy, Means, Missing, Wanted
from hri_node.send.query_dicom import searching
from hri_node.send.retrieve_habits import Habits
from hri_node.send.retrieve_service import retrieving

MODEL_CONTEXTS: Final = 2
"""C-GET and C-MOVE; the rest of the contexts is for what is stored."""


class DicomArchive:
    """A PACS that speaks DIMSE.

    Parameters
    ----------
    peer
        Who, where, and the AE titles to use.
    habits
        How instances are fetched from it.
    """

    def __init__(self, peer: Peer, habits: Habits) -> None:
        self._peer = peer
        self._habits = habits

    @property
    def name(self) -> str:
        """What the settings call it."""
        return self._peer.name

    def studies(self, wanted: Wanted) -> list[FoundStudy]:
        """Each study that is wanted, once.

        Parameters
        ----------
        wanted
            Dates, patient, modality.
        """
        with searching(self._peer, self._habits.timeout_s) as search:
            return search.studies(wanted)

    def instances(self, study_instance_uid: str, modality: str) -> list[FoundInstance]:
        """Each instance of the study's series of that modality, once.

        Parameters
        ----------
        study_instance_uid, modality
            Which.
        """
        with searching(self._peer, self._habits.timeout_s) as search:
            every = search.series(study_instance_uid, modality)
            return [found for series in every for found in search.instances(study_instance_uid, series)]

    def fetch(self, missing: Sequence[Missing], means: Means) -> str:
        """Let these instances of one study come in; what went wrong with single ones, in words, or nothing.

        Parameters
        ----------
        missing
            By series.
        means
            What is used of the node.

        Raises
        ------
        PeerRefused
            When the peer does not want to give them.
        PeerUnavailable
            When it cannot be reached, or gave up half-way.
        Unavailable
            When the node can take nothing in at present.
        """
        words = [self._fetch_over_one(some, means) for some in self._batches(missing)]
        return "; ".join(dict.fromkeys(filter(None, words)))

    def _batches(self, missing: Sequence[Missing]) -> Iterator[list[Missing]]:
        """Series whose SOP Classes fit into the contexts of one association; a series that has more is cut."""
        told = dict.fromkeys(i.sop_class_uid for series in missing for i in series.instances)
        classes = iter([uid for uid in told if uid])
        fit = (CONTEXTS_MAX - MODEL_CONTEXTS) // len(self._habits.transfer_syntaxes)
        while some := set(islice(classes, fit)):
            yield _part(missing, some)
        if "" in told:
            yield _part(missing, {""})

    def _fetch_over_one(self, missing: Sequence[Missing], means: Means) -> str:
        """What went wrong with single instances of one batch, fetched over one association."""
        with retrieving(self._peer, self._habits, missing, means) as retrieval:
            return "; ".join(dict.fromkeys(filter(None, [retrieval.fetch(series) for series in missing])))


def _part(missing: Sequence[Missing], classes: AbstractSet[str]) -> list[Missing]:
    """What is of these SOP Classes."""
    chosen = [(series, [i for i in series.instances if i.sop_class_uid in classes]) for series in missing]
    return [
        Missing(tuple(rest), series.is_whole and len(rest) == len(series.instances)) for series, rest in chosen if rest
    ]
