"""The error tree: three faults, three answers.

* HriError
  + Refused        fault of the input: recorded, never tried again
    - Unreadable       bytes that are no DICOM, PNG or JPEG we can decode
    - Mismatched       a dataset that is not what its C-STORE command named
    - PeerRefused      a peer answered no (AE title, SOP class, status); asking again gives the same answer
  + Unavailable    fault of the world: tried again later
    - SpoolFull        the disk reached its reserve
    - PeerUnavailable  no connection, a time-out, an abort, a peer that is out of resources
  + Misconfigured  fault of ours: the node does not start
"""


class HriError(Exception):
    """Base of every error the node raises on purpose; its text is one sentence without patient attributes."""


class Refused(HriError):  # noqa: N818 - the glossary's word for a fault of the input
    """A fault of the input: recorded with its reason and never tried again."""


class Unreadable(Refused):
    """Bytes that cannot be decoded as the DICOM instance or picture they claim to be."""


class Mismatched(Refused):
    """A dataset that is not the instance which its C-STORE command named."""


class PeerRefused(Refused):
    """A peer answered no, and would answer no again."""


class Unavailable(HriError):  # noqa: N818 - the glossary's word for a fault of the world
    """A fault of the world: the same work succeeds later."""


class SpoolFull(Unavailable):
    """The disk under the spool has reached its reserve."""


class PeerUnavailable(Unavailable):
    """A peer could not be reached, or gave up half-way."""


class Misconfigured(HriError):  # noqa: N818 - the glossary's word for a fault of ours
    """A fault of ours: settings, model files or schema; the node does not start."""
