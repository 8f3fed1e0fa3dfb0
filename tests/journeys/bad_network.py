"""Between a browser and the server: a network that loses requests before the server has them and answers after it has
acted, cuts bodies in the middle with a reset, is away for a while, or is a portal's that answers 200 to everything."""

import random
import socket
import struct
import threading
from collections import Counter
from contextlib import suppress

RESET = struct.pack("ii", 1, 0)
PORTAL = b"<!doctype html><title>Wi-Fi Sekolah</title><h1>Masuk dahulu</h1>"
# A portal that speaks JSON, and says yes to everything.
EAGER_PORTAL = b'{"status":"ok","accepted":true,"receipt":1,"now":"now"}'
FATES = ("request lost", "request cut", "answer lost", "answer cut")


class BadNetwork:
    """One request a connection. `mode` is good, bad, away, portal or eager portal; `renamed` changes bytes of answers."""

    def __init__(self, *, server: int, seed: int, share_lost: float = 0.3) -> None:
        self.server, self.share_lost = server, share_lost
        self.mode = "good"
        self.renamed: tuple[bytes, bytes] | None = None
        self.fates: Counter[str] = Counter()
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            client.settimeout(30)
            head, body = _read_message(client)
            if head:
                self._decide(client, head, body)

    def _fate(self, path: bytes) -> str:
        """Only what the tablet tells the server is lost by chance; the pages before and after are not the story."""
        with self._lock:
            if self.mode != "bad" or not path.startswith(b"/api/") or self._chance.random() >= self.share_lost:
                fate = "good" if self.mode == "bad" else self.mode
            else:
                # In turn, so that each way of losing something is seen.
                fate = FATES[sum(self.fates[lost] for lost in FATES) % len(FATES)]
            self.fates[fate] += 1
            return fate

    def _decide(self, client: socket.socket, head: bytes, body: bytes) -> None:
        fate = self._fate(head.split(b" ", 2)[1])
        if fate in ("away", "request lost"):
            _reset(client)
        elif fate in ("portal", "eager portal"):
            _portal(client, eager=fate == "eager portal")
        elif fate == "request cut":
            self._forward(head, body[: len(body) // 2], is_whole=False)
            _reset(client)
        else:
            answer = self._forward(head, body)
            if fate == "answer lost":
                answer = b""
            elif fate == "answer cut":
                start = answer.find(b"\r\n\r\n") + 4
                answer = answer[: start + (len(answer) - start) // 2]
            client.sendall(answer)
            if fate != "good":
                _reset(client)

    def _forward(self, head: bytes, body: bytes, *, is_whole: bool = True) -> bytes:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.server), timeout=30) as server:
            server.sendall(_once(head, plain=self.renamed is not None) + body)
            if not is_whole:
                _reset(server)
                return b""
            answer = b"".join(iter(lambda: server.recv(65536), b""))
            return answer.replace(*self.renamed) if self.renamed else answer
        return b""


def _read_message(client: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        more = client.recv(65536)
        if not more:
            return b"", b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += client.recv(65536)
    return head, body


def _once(head: bytes, *, plain: bool) -> bytes:
    """The same request for one connection; `plain` asks for an answer that is not compressed."""
    dropped = (b"connection:", b"accept-encoding:") if plain else (b"connection:",)
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(dropped)]
    return b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n"


def _portal(client: socket.socket, *, eager: bool) -> None:
    body, kind = (EAGER_PORTAL, b"application/json") if eager else (PORTAL, b"text/html")
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (kind, len(body))
    client.sendall(head + body)


def _reset(end: socket.socket) -> None:
    """Gone without a goodbye: the other side sees a reset, not an end."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    end.close()
