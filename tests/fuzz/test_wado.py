"""Tests of hostile answers of a DICOMweb peer: parts come out of them, or the peer is unavailable."""

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from test_multipart import BOUNDARY, bodies

from hri_node.errors import PeerUnavailable
from hri_node.send.dicomweb_answer import (
    FAILED_SOP_SEQUENCE,
    FAILURE_REASON,
    REFERENCED_SOP_INSTANCE_UID,
    failure_reasons,
)
from hri_node.send.dicomweb_session import WebPeer
from hri_node.send.query import FoundInstance
from hri_node.send.wado_parts import parts
from hri_node.send.wado_search import CLASS, INSTANCE, WebSearch

TYPE = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'

latin = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60)

types = st.one_of(
    st.just(TYPE),
    latin,
    st.builds(lambda rest: f"multipart/related; boundary{rest}", latin),
    st.builds(lambda rest: f"multipart/related; boundary*={rest}''{rest}", latin),
    st.sampled_from([
        "application/dicom",
        "multipart/related; boundary*0*=x''%ff; boundary*2=b",
        "multipart/related; boundary*=%",
    ]),
)


def _parts(content_type: str, blocks: list[bytes]) -> list[bytes] | None:
    """The parts of an answer; None where it is none."""
    try:
        return [b"".join(part) for part in parts(content_type, iter(blocks), "pacs")]
    except PeerUnavailable as error:
        assert len(str(error)) < 200  # noqa: PT017 - either way of ending is right, nothing else is
        return None


@examples(150)
@given(content_type=types, body=bodies, size=st.integers(1, 500))
def test_answer_has_parts_or_is_none(content_type: str, body: bytes, size: int) -> None:
    """And the same ones, however it is cut."""
    blocks = [body[k : k + size] for k in range(0, len(body), size)]

    assert _parts(content_type, [body]) == _parts(content_type, blocks)


KEYS = [FAILED_SOP_SEQUENCE, FAILURE_REASON, REFERENCED_SOP_INSTANCE_UID, CLASS, INSTANCE, "Value", "vr"]

models = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just("1.2.3")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)),
    max_leaves=12,
)
"""What a DICOM JSON model (PS3.18 Annex F) should not look like."""


class _Session:
    """Stands for an HTTP session whose peer answers with what `content` makes."""

    def __init__(self, content: Callable[[], bytes]) -> None:
        self._content = content

    def get(self, _url: str, **_options: Any) -> requests.Response:  # noqa: ANN401 - requests' options
        """The answer."""
        response = requests.Response()
        response.status_code, response._content = 200, self._content()
        return response


def _instances(content: Callable[[], bytes]) -> list[FoundInstance] | None:
    """What is found; None where the peer is unavailable."""
    search = WebSearch(_Session(content), WebPeer("pacs", "http://pacs"))  # type: ignore[arg-type]
    try:
        return search.instances("1.2", "1.3")
    except PeerUnavailable:
        return None


@examples(150)
@given(model=models)
def test_json_of_any_shape(model: Any) -> None:  # noqa: ANN401 - JSON
    """Reasons and instances come out of it, or none."""
    content = json.dumps(model).encode()

    assert all(isinstance(reason, int) for reason in failure_reasons(content).values())
    assert all(isinstance(found, FoundInstance) for found in _instances(lambda: content) or [])


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"00081198": {"Value": [{"00081197": {"Value": [Infinity]}}]}}',
        b"<a>" * 100_000,
        b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb">'
        + b"".join(b'<!ENTITY b%d "%s">' % (k, b"&b%d;" % (k - 1) * 20 if k else b"&b;" * 20) for k in range(9))
        + b"]><a>&b8;</a>",
    ],
    ids=["arrays", "objects", "infinity", "elements", "entities"],
)
def test_answers_that_break_parsers(content: bytes) -> None:
    """Depth, numbers and entities without end tell nothing."""
    assert not failure_reasons(content)
    assert not _instances(lambda: content)


def test_pages_without_end() -> None:
    """A peer that always finds something new is not asked for ever."""
    numbers = count(1)

    def page() -> bytes:
        found = [{INSTANCE: {"Value": [f"1.2.{next(numbers)}"]}} for _ in range(1000)]
        return json.dumps(found).encode()

    assert _instances(page) is None
    assert next(numbers) < 60_000
