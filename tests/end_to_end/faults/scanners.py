"""Samples come in; DCMTK's storescu, or STOW-RS, sends them, and an account of every answer goes out."""

import os
import re
import subprocess
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from end_to_end.faults.corpus import Corpus, Sample, dataset_sha256
from end_to_end.faults.web import store
from running import RunningNode

SENDING = re.compile(r"Sending file: (\S+)")
ANSWERED = re.compile(r"Received Store Response \((.*)\)")
TIMEOUT_S = 90
WEB_EVERY = 3
"""Every third study comes by STOW-RS."""

PAUSE_S = 0.5
"""A scanner that was not told of success tries again after so long."""

ENVIRONMENT = os.environ | {"TCP_NODELAY": "1"}


@dataclass
class Account:
    """What was answered to whom: the promises that the node has to keep.

    `acknowledged` maps a SOP Instance UID to the content of every instance that was answered 0x0000 under it.
    """

    tries: int = 0
    refused: int = 0
    unanswered: int = 0
    samples: dict[str, Sample] = field(default_factory=dict)
    acknowledged: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def note(self, sample: Sample, answer: str, content: str) -> None:
        """Write down one answer; empty where none came."""
        with self._turn:
            self.tries += 1
            self.samples.setdefault(sample.uid, sample)
            self.refused += bool(answer) and answer != "Success"
            self.unanswered += not answer
            if answer == "Success":
                self.acknowledged[sample.uid].add(content)


class Scanners:
    """Several scanners that send at once, each one association at a time.

    Parameters
    ----------
    corpus
        Encodes the samples.
    node
        Who is sent to.
    account
        Where the answers are written down.
    senders
        How many send at once.
    """

    def __init__(self, corpus: Corpus, node: RunningNode, account: Account, senders: int) -> None:
        self._corpus = corpus
        self._node = node
        self.account = account
        self._pool = ThreadPoolExecutor(senders)
        self._names = count(1)
        self._sent: list[Future[None]] = []

    def send(self, samples: Sequence[Sample], patience_s: float, delay_s: float = 0.0) -> None:
        """Send a study in the background, again and again for so long until all of it is acknowledged."""
        self._sent.append(self._pool.submit(self._send_until, list(samples), patience_s, delay_s))

    def finish(self) -> None:
        """Wait until every scanner is done."""
        while self._sent:
            self._sent.pop().result()
        self._pool.shutdown()

    def _send_until(self, samples: list[Sample], patience_s: float, delay_s: float) -> None:
        deadline = time.monotonic() + patience_s
        pause = threading.Event()
        pause.wait(delay_s)
        number = next(self._names)
        send = self._associate if number % WEB_EVERY else self._request
        while samples:
            encoded = {sample: self._corpus.encode(sample) for sample in samples}
            answers = send(encoded, f"SCANNER{number % 40}")
            for sample, file in encoded.items():
                self.account.note(sample, answers.get(sample, ""), dataset_sha256(file))
            samples = [sample for sample in samples if answers.get(sample) != "Success"]
            if time.monotonic() > deadline:
                return
            if samples:
                pause.wait(PAUSE_S)

    def _request(self, encoded: Mapping[Sample, bytes], _name: str) -> dict[Sample, str]:
        """Answer to each sample of one STOW-RS request."""
        by_uid = {sample.uid: sample for sample in encoded}
        answers = store(self._node.web_port, {sample.uid: file for sample, file in encoded.items()})
        return {by_uid[uid]: answer for uid, answer in answers.items()}

    def _associate(self, encoded: Mapping[Sample, bytes], name: str) -> dict[Sample, str]:
        """Answer to each sample over one association."""
        with tempfile.TemporaryDirectory() as folder:
            files = {str(Path(folder) / f"{number}.dcm"): sample for number, sample in enumerate(encoded)}
            for path, sample in files.items():
                Path(path).write_bytes(encoded[sample])
            return {files[path]: answer for path, answer in self._storescu(list(files), name).items()}

    def _storescu(self, files: list[str], name: str) -> dict[str, str]:
        """DCMTK's words for each answer, by file."""
        command = ["storescu", "-v", "-nh", "-R", "-to", "10", "-ta", "30", "-td", "60", "-aet", name]
        command += ["-aec", "HRI_NODE", "127.0.0.1", str(self._node.port), *files]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=ENVIRONMENT)
        try:
            said, _ = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
        answers, file = {}, ""
        for line in said.decode(errors="replace").splitlines():
            if found := SENDING.search(line):
                file = found[1]
            if found := ANSWERED.search(line):
                answers[file] = found[1]
        return answers
