"""A client that costs as little as it can: requests made beforehand, sent over connections that stay open."""

import queue
import random
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final

CONNECTIONS: Final = 16
_MOST_HEAD: Final = 65_536


@dataclass
class Answers:
    """How many were answered as they should be, over which time; the slowest are seen in `latencies` (seconds)."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.latencies, n=20)[-1]


def request(method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    """The bytes of one request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Line:
    """One connection; opened anew where the server has closed it before it answered (every event is sent once more)."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None
        self.head: list[str] = []

    def close(self) -> None:
        if self.socket:
            self.socket.close()
        self.socket = None

    def ask(self, sent: bytes) -> tuple[int, bytes]:
        for _attempt in range(3):
            try:
                return self._ask(sent)
            except ConnectionError:
                self.close()
        raise ConnectionError("The server closed the connection three times.")

    def cookies(self, sent: bytes) -> dict[str, str]:
        """What an answer sets."""
        self.ask(sent)
        set_by = (line.partition(": ")[2].partition(";")[0] for line in self.head if line.lower().startswith("set-cookie: "))
        return dict(cookie.split("=", 1) for cookie in set_by)

    def _ask(self, sent: bytes) -> tuple[int, bytes]:
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(sent)
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more()
            if len(received) > _MOST_HEAD:
                raise RuntimeError("An answer without an end of its head.")
        head, body = received[:end].decode("latin-1"), received[end + 4 :]
        self.head = head.split("\r\n")
        names = dict(line.lower().split(": ", 1) for line in self.head[1:] if ": " in line)
        length = int(names.get("content-length", "0"))
        while len(body) < length:
            body += self._more()
        if names.get("connection") == "close":
            self.close()
        return int(head.split(" ", 2)[1]), body

    def _more(self) -> bytes:
        assert self.socket is not None
        received = self.socket.recv(65_536)
        if not received:
            raise ConnectionResetError
        return received


def press(
    port: int,
    requests: Iterator[bytes],
    *,
    seconds: float,
    is_right: Callable[[int, bytes], bool],
    connections: int = CONNECTIONS,
) -> Answers:
    """As many requests as are answered in `seconds`, each connection sending its next one at once."""
    answers, lock = Answers(), threading.Lock()
    ends = time.perf_counter() + seconds

    def send() -> None:
        with closing(Line(port)) as line:
            while time.perf_counter() < ends:
                with lock:
                    sent = next(requests, None)
                if sent is None:
                    return
                begun = time.perf_counter()
                status, body = line.ask(sent)
                _note(answers, lock, time.perf_counter() - begun, status, body, is_right=is_right)

    begun = time.perf_counter()
    _together([send] * CONNECTIONS)
    answers.seconds = time.perf_counter() - begun
    return answers


def operators(
    port: int, requests: Sequence[bytes], *, people: int, every: float, is_right: Callable[[int, bytes], bool], seed: int = 1
) -> Answers:
    """`people` who tap every so many seconds, each at a moment of their own, until the requests are used up."""
    answers, lock = Answers(), threading.Lock()
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    for one in requests:
        waiting.put(one)
    dice = random.Random(seed)
    starts = [dice.uniform(0, every) for _ in range(people)]

    def work(start: float) -> Callable[[], None]:
        def tap() -> None:
            time.sleep(start)
            with closing(Line(port)) as line:
                while True:
                    try:
                        sent = waiting.get_nowait()
                    except queue.Empty:
                        return
                    begun = time.perf_counter()
                    status, body = line.ask(sent)
                    took = time.perf_counter() - begun
                    _note(answers, lock, took, status, body, is_right=is_right)
                    time.sleep(max(0.0, every - took))

        return tap

    begun = time.perf_counter()
    _together([work(start) for start in starts])
    answers.seconds = time.perf_counter() - begun
    return answers


def _note(
    answers: Answers, lock: threading.Lock, took: float, status: int, body: bytes, *, is_right: Callable[[int, bytes], bool]
) -> None:
    with lock:
        if is_right(status, body):
            answers.latencies.append(took)
        else:
            answers.refused.append(f"{status} {body[:200]!r}")


def _together(works: Sequence[Callable[[], None]]) -> None:
    troubles: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as trouble:  # told by the thread that waits for all of them
            troubles.append(trouble)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise troubles[0]
