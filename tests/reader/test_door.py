"""Personal links: whoever has one reads, nobody else; cookies, forged requests, guesses."""

from pathlib import Path

import pytest
import requests
from reading import Reading, Visitor, served
from study_made import made_study

from hri_node.web.reader.seals import FILE_NAME

OUTSIDE = ["/reader/", "/reader/1", "/reader/1/1", "/reader/api/sessions/1", "/reader/api/sessions/1/images/x/pixels"]


@pytest.mark.parametrize("path", OUTSIDE)
def test_nobody_gets_in_without_a_link(plain: Reading, path: str) -> None:
    """They are told what they need, and nothing else."""
    answer = Visitor(plain.url).get(path)

    assert answer.status_code == 401
    assert "personal link" in answer.text
    assert "R1" not in answer.text


def test_a_link_is_looked_at_before_it_is_used(plain: Reading) -> None:
    """Programs that check mails open links: that logs nobody in."""
    link = plain.link("R1")
    looked = requests.get(link, timeout=10)

    assert "Welcome, R1" in looked.text
    assert "Set-Cookie" not in looked.headers
    entered = requests.post(link, allow_redirects=False, timeout=10)
    assert (entered.status_code, entered.headers["Location"]) == (303, "/reader/")


def test_the_cookie_is_out_of_reach(plain: Reading) -> None:
    """Of scripts, of other sites' pages, and of the other studies of the same host."""
    cookie = requests.post(plain.link(), allow_redirects=False, timeout=10).headers["Set-Cookie"]

    assert cookie.startswith("hri_reader_00000000=")
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))


def test_over_https_the_cookie_goes_nowhere_else(tmp_path: Path) -> None:
    """It has the prefix that browsers take by HTTPS from this very host only."""
    with served(made_study(tmp_path / "study"), public_url="https://readers.example") as plain:
        answer = requests.post(plain.link(), allow_redirects=False, timeout=10)

        assert answer.headers["Set-Cookie"].startswith("__Host-hri_reader_")
        assert "Secure" in answer.headers["Set-Cookie"].split("; ")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_cookie_survives_the_server_and_not_another_link(plain: Reading) -> None:
    """The secret lies in the study; with a new link, an old visit ends."""
    visitor = plain.visitor("R1")
    with served(plain.study) as again:
        visitor.url = again.url
        assert visitor.get("/reader/").ok
        again.clock.advance(seconds=1)
        plain.study.new_link("R1", again.clock())
        assert visitor.get("/reader/").status_code == 401


def test_a_visit_ends(plain: Reading) -> None:
    """Twelve hours after the last page; pages renew it."""
    visitor = plain.visitor("R1")
    for _ in range(3):
        plain.clock.advance(hours=11)
        assert visitor.get("/reader/").ok
    plain.clock.advance(hours=13)

    assert visitor.get("/reader/").status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "R1", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJSMSIsImlhdCI6MX0.", "é" * 9])
def test_a_made_up_cookie_is_none(plain: Reading, cookie: str) -> None:
    """Nor one that says that it needs no signature."""
    header = {"Cookie": f"hri_reader_00000000={cookie}".encode("latin-1")}

    assert requests.get(f"{plain.url}/reader/", headers=header, timeout=10).status_code == 401


def test_whoever_leaves_is_gone(plain: Reading) -> None:
    """For the next one at the same computer."""
    visitor = plain.visitor("R1")
    left = visitor.session.post(f"{plain.url}/reader/leave", data={"csrf": visitor.csrf}, timeout=10)

    assert "visit has ended" in left.text
    assert visitor.get("/reader/").status_code == 401


def test_guesses_have_to_wait(plain: Reading) -> None:
    """After ten; whoever is in already does not notice."""
    visitor, link = plain.visitor("R1"), plain.link("R2")
    answers = [requests.get(f"{plain.url}/reader/enter/guess{number}", timeout=10) for number in range(12)]

    assert [answer.status_code for answer in answers] == [404] * 10 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert requests.get(link, timeout=10).status_code == 429
    assert visitor.get("/reader/").ok


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X_CSRF_Token", "forged"),
        ("X_CSRF_Token", ""),
        ("Origin", "https://x.org"),
        ("Sec_Fetch_Site", "cross-site"),
    ],
)
def test_another_site_marks_nothing(plain: Reading, name: str, value: str) -> None:
    """Though the browser sends the cookie along."""
    visitor = plain.visitor("R1")
    act = {"id": "12345678", "image": visitor.images()[0], "session": 1, "event": "shown"}

    assert visitor.post("/reader/api/visits", act).ok
    refused = visitor.post("/reader/api/visits", act, **{name: value})
    assert refused.status_code == 403
    assert "not done" in refused.json()["detail"]


def test_another_site_lets_nobody_in(plain: Reading) -> None:
    """Nobody marks in another one's name without knowing it."""
    header = {"Origin": "https://evil.example"}

    assert requests.post(plain.link(), headers=header, timeout=10).status_code == 403


@pytest.mark.parametrize("path", ["/reader/", "/reader/nothing", "/reader/static/reader.css"])
def test_every_answer_is_protected(plain: Reading, path: str) -> None:
    """No inline script runs, no cache between keeps an answer."""
    headers = plain.visitor().get(path).headers

    assert "script-src 'self'; style-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == ("no-cache" if "static" in path else "no-store")


def test_images_are_kept_by_no_cache(plain: Reading) -> None:
    """Neither on the way nor on a shared computer's disk."""
    visitor = plain.visitor()
    image = visitor.images()[0]
    answer = visitor.get(f"/reader/api/sessions/1/images/{image}/pixels")

    assert (answer.headers["Cache-Control"], len(answer.content)) == ("no-store", 120 * 200)


def test_the_secret_is_its_owners(plain: Reading) -> None:
    """Nobody else on the machine reads it."""
    assert (plain.study.folder / FILE_NAME).stat().st_mode & 0o777 == 0o600
