"""Secrets come from the environment or from files of their own, and no message of ours repeats one."""

import os
from pathlib import Path

import pytest

from hri_node.errors import HriError, Misconfigured
from hri_node.ledger.ledger import open_ledger
from hri_node.settings import load
from workers.broker import ping

SECRET = "correct-horse"  # noqa: S105 - that is the point
NO_PORT = 1


@pytest.fixture(autouse=True)
def _bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the machine, an empty folder with the default data folder in it."""
    for name in [name for name in os.environ if name.startswith("HRI_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f'ledger_url = "postgresql+psycopg://hri:{SECRET}@db/hri"', "ledger_url: .* set HRI_LEDGER_URL instead"),
        (f'ledger_url = "postgresql+psycopg://db/hri?password={SECRET}"', "ledger_url: .* set HRI_LEDGER_URL"),
        (f'broker_url = "redis://:{SECRET}@redis:6379/0"', "broker_url: .* set HRI_BROKER_URL instead"),
        (f'broker_url = "redis://:{SECRET}@[redis"', "broker_url: .* set HRI_BROKER_URL instead"),
        (f'[listener.tls]\npassword = "{SECRET}"', r"listener\.tls\.password: .* a file of its own"),
        (f'[[destinations]]\nname = "a"\ntls = {{ password = "{SECRET}" }}', r"destinations\.tls\.password: "),
        (f'[[destinations]]\nname = "a"\nurl = "https://u:{SECRET}@pacs/rs"', r"destinations\.url: a password"),
    ],
)
def test_a_password_in_the_settings_file_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    """The sentence names the key and the way out, not the password."""
    (tmp_path / "own.toml").write_text(text)

    with pytest.raises(Misconfigured, match=sentence) as caught:
        load(tmp_path / "own.toml")
    assert SECRET not in str(caught.value)


def test_urls_without_password_stay_in_the_file(tmp_path: Path) -> None:
    """What is no secret may be read by everyone."""
    (tmp_path / "own.toml").write_text('ledger_url = "postgresql+psycopg://hri@db/hri"\nbroker_url = "redis://r:6379"')

    assert load(tmp_path / "own.toml").broker_url == "redis://r:6379"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HRI_LEDGER_URL", f"postgresql+psycopg://hri:{SECRET}@db/hri"),
        ("HRI_BROKER_URL", f"redis://:{SECRET}@redis:6379/0"),
        ("HRI_LISTENER__TLS__PASSWORD", SECRET),
    ],
)
def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """As containers and systemd hand it over."""
    monkeypatch.setenv(name, value)

    settings = load()

    password = settings.listener.tls.password
    assert value in {settings.ledger_url, settings.broker_url, password.get_secret_value() if password else ""}


def test_an_error_about_a_table_quotes_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password that stands beside the mistake stays unsaid."""
    monkeypatch.setenv("HRI_LISTENER__TLS__PASSWORD", SECRET)
    monkeypatch.setenv("HRI_LISTENER__TLS__CERTIFICATE", "node.pem")

    with pytest.raises(Misconfigured, match="certificate is of no use without key") as caught:
        load()
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://hri:{SECRET}@127.0.0.1:{NO_PORT}/hri?connect_timeout=2",
        f"postgresql+psycopg://hri@127.0.0.1:{NO_PORT}/hri?connect_timeout=2&password={SECRET}",
        f"postgresql+psycopg://hri:{SECRET}@127.0.0.1:port/hri",
        f"postgresql+psycopg//hri:{SECRET}@127.0.0.1/hri",
        f"nothing://hri:{SECRET}@127.0.0.1/hri",
    ],
)
def test_a_ledger_that_cannot_be_opened_keeps_its_password(url: str) -> None:
    """`hri-node check` and the log say which database, never how to get in."""
    with pytest.raises(HriError, match="ledger") as caught:
        open_ledger(url)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("url", [f"redis://:{SECRET}@127.0.0.1:{NO_PORT}/0", f"amqp:/{SECRET}"])
def test_a_broker_that_does_not_answer_keeps_its_password(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """The same of the broker."""
    monkeypatch.setenv("HRI_BROKER_URL", url)

    with pytest.raises(HriError, match="broker") as caught:
        ping(load())
    assert SECRET not in str(caught.value)
