"""Real and dishonest OpenID Connect providers, and somebody who logs in at the real one as a browser does."""

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from running import eventually, require

SECRET = "of tests, as long as a real one is"  # noqa: S105
INSTALLED = Path(__file__).parent.parent / "build" / "oidc"
SERVER = Path(__file__).parent / "oidc" / "server.mjs"


@contextmanager
def real_provider(port: int, redirect: str, people: Mapping[str, Any], secret: str = SECRET) -> Iterator[str]:
    """The certified `oidc-provider` of npm; its issuer."""
    require("node")
    if not (INSTALLED / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("oidc-provider is missing: `make test` installs it where npm is")
    shutil.copy(SERVER, INSTALLED)
    settings = {"port": port, "redirect": redirect, "secret": secret, "people": people}
    command = ["node", str(INSTALLED / SERVER.name), json.dumps(settings)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        issuer = f"http://localhost:{port}"
        try:
            eventually(lambda: _is_there(issuer), 30, "the start of the provider")
            yield issuer
        finally:
            process.terminate()


def _is_there(issuer: str) -> bool:
    try:
        return requests.get(f"{issuer}/.well-known/openid-configuration", timeout=5).ok
    except requests.RequestException:
        return False


def visit(url: str, name: str) -> str:
    """Where the real provider sends a browser back to, once somebody has logged in there and agreed."""
    with requests.Session() as browser:
        answer = browser.get(url, timeout=30)
        for fields in ({"prompt": "login", "login": name, "password": "any"}, {"prompt": "consent"}):
            action = re.search(r'action="([^"]+)"', answer.text)
            assert action, answer.text
            answer = browser.post(urljoin(url, action.group(1)), data=fields, timeout=30, allow_redirects=False)
            while (to := answer.headers.get("Location", "")) and "/login/provider/back" not in to:
                answer = browser.get(urljoin(url, to), timeout=30, allow_redirects=False)
        return to


@dataclass
class DishonestProvider:
    """Signs whatever it is told to; `change` spoils the claims, `encode` the token, `back` what comes with the code."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    change: Callable[[dict[str, Any]], object] = lambda _claims: None
    encode: Callable[["DishonestProvider", dict[str, Any]], str] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    user_info: dict[str, Any] = field(default_factory=dict)
    nonces: dict[str, str] = field(default_factory=dict)
    forms: list[dict[str, str]] = field(default_factory=list)
    keys_asked: int = 0
    fails: bool = False

    def authorize(self, url: str) -> str:
        """Where a browser is sent back to, without any question."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        self.nonces["code"] = asked["nonce"]
        said = {"code": "code", "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(said)}"

    def described(self) -> dict[str, Any]:
        """Its description."""
        pages = ("authorization", "token", "userinfo")
        endpoints = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in pages}
        algorithms = {"id_token_signing_alg_values_supported": ["RS256", "HS256", "none"]}
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks", **endpoints, **algorithms, **self.metadata}

    def token(self, form: dict[str, str], now: float) -> dict[str, Any]:
        """What a code is worth."""
        self.forms.append(form)
        claims = {
            "iss": self.issuer,
            "sub": "77",
            "aud": "hri-node",
            "exp": int(now) + 300,
            "iat": int(now),
            "nonce": self.nonces["code"],
            "preferred_username": "anna",
            "groups": ["us-admins"],
        }
        self.change(claims)
        encoded = self.encode(self, claims) if self.encode else self.signed(claims)
        return {"access_token": "access", "token_type": "Bearer", "id_token": encoded}

    def signed(self, claims: dict[str, Any], key: RSAKey | None = None, **header: str) -> str:
        """An ID token."""
        return jwt.encode({"alg": "RS256", "kid": "one", **header}, claims, key or self.key)


@contextmanager
def dishonest_provider(clock: Callable[[], Any]) -> Iterator[DishonestProvider]:
    """One on a port that the system chooses."""
    provider = DishonestProvider()

    class Handler(BaseHTTPRequestHandler):
        """Answers for it."""

        def do_GET(self) -> None:
            """Description, keys, user info."""
            if self.path.endswith("openid-configuration"):
                self.answer(provider.described())
            elif self.path == "/jwks":
                provider.keys_asked += 1
                self.answer(KeySet([provider.key]).as_dict(private=False))
            else:
                self.answer(provider.user_info)

        def do_POST(self) -> None:
            """Tokens."""
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = {name: values[0] for name, values in parse_qs(form).items()}
            fields["authorization"] = self.headers.get("Authorization", "")
            self.answer(provider.token(fields, clock().timestamp()))

        def answer(self, content: dict[str, Any]) -> None:
            """JSON, or an error."""
            body = json.dumps(content).encode()
            self.send_response(500 if provider.fails else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.issuer = f"http://localhost:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield provider
        finally:
            server.shutdown()
