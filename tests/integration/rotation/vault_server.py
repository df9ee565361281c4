# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that speaks as much of HashiCorp Vault's HTTP interface as a KV2 store needs."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
import typing as t

TOKEN: t.Final = "s.token-of-the-tests"
MOUNT: t.Final = "secret"


class Secrets:
    """What the server keeps: each path's versions."""

    def __init__(self) -> None:
        self.versions: dict[str, list[dict[str, t.Any]]] = {}
        #: Answers to writes that fail, such as 403; None for those that work.
        self.refuse_writes: int | None = None
        self._lock = threading.Lock()

    def read(self, path: str) -> dict[str, t.Any] | None:
        """The latest version, as KV2 answers."""
        found = self.versions.get(path)
        if not found:
            return None
        return {"data": {"data": found[-1], "metadata": {"version": len(found), "destroyed": False, "deletion_time": ""}}}

    def write(self, path: str, body: dict[str, t.Any]) -> tuple[int, dict[str, t.Any]]:
        """A new version, if nobody else wrote one."""
        with self._lock:
            if self.refuse_writes is not None:
                return self.refuse_writes, {"errors": ["permission denied"]}
            found = self.versions.setdefault(path, [])
            if body.get("options", {}).get("cas", len(found)) != len(found):
                return 400, {"errors": ["check-and-set parameter did not match the current version"]}
            found.append(body["data"])
            return 200, {"data": {"version": len(found)}}


class Handler(http.server.BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def _answer(self, code: int, body: dict[str, t.Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _path(self) -> str | None:
        """The secret's path; None where another part of the interface is meant, or the token is not right."""
        address = self.path.partition("?")[0]
        prefix = f"/v1/{MOUNT}/data/"
        if self.headers["X-Vault-Token"] != TOKEN:
            self._answer(403, {"errors": ["permission denied"]})
        elif address == "/v1/auth/token/lookup-self":
            self._answer(200, {"data": {"ttl": 3600}})
        elif address.startswith(prefix):
            return address.removeprefix(prefix)
        else:
            self._answer(404, {"errors": []})
        return None

    def do_GET(self) -> None:
        """Read."""
        path = self._path()
        if path is not None:
            found = self.server.secrets.read(path)
            self._answer(*((200, found) if found else (404, {"errors": []})))

    def do_POST(self) -> None:
        """Write."""
        path = self._path()
        if path is not None:
            self._answer(*self.server.secrets.write(path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))

    do_PUT = do_POST

    def log_message(self, format: str, *args: t.Any) -> None:
        """Nothing: the tests look at what is kept."""


class Server(http.server.ThreadingHTTPServer):
    """The server."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.secrets = secrets


@contextlib.contextmanager
def serving(secrets: Secrets) -> t.Iterator[str]:
    """The server, while the context lasts. Its URL."""
    with Server(secrets) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
