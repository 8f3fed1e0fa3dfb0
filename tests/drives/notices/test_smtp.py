"""The outbox with Django's own SMTP backend and a mail server that speaks the protocol."""

import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from drives.models import Notice
from drives.notices import log, outbox
from tests.drives.notices.drives import PUBLISHED_AT, published_drive

SCHOOL, TEACHER = "sman55@sekolah.example", "sari@guru.example"

pytestmark = pytest.mark.django_db


class Conversation(socketserver.StreamRequestHandler):
    """Just enough of RFC 5321; `server.replies` says what a recipient is answered, "" breaks off after the text."""

    server: "MailServer"

    def handle(self) -> None:
        self.server.connections += 1
        recipient = ""
        self._say("220 mail.example")
        while command := self.rfile.readline().decode().strip():
            verb = command[:4].upper()
            if verb == "RCPT":
                recipient = command.partition("<")[2].partition(">")[0]
                self._say(self.server.replies.get(recipient) or "250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                if self.server.replies.get(recipient) == "":
                    break
                self.server.received[recipient] = text
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                break
            else:
                self._say("250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.received: dict[str, bytes] = {}
        self.replies: dict[str, str] = {}
        self.connections = 0


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    with MailServer() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = running.server_address[:2]
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield running
        running.shutdown()


def states() -> dict[str, str]:
    found = Notice.objects.filter(channel="email", kind="published")
    return {notice.recipient: str(log.state_of(notice, now=PUBLISHED_AT)) for notice in found}


def test_both_letters_go_over_one_connection_with_their_own_message_id(server: MailServer) -> None:
    published_drive().plan()

    outbox.run(clock=lambda: PUBLISHED_AT)

    ids = {
        f"Message-ID: <{pk}@jemput-bola>".encode()
        for pk in Notice.objects.filter(sent_at__isnull=False).values_list("pk", flat=True)
    }
    assert (set(server.received), server.connections) == ({SCHOOL, TEACHER}, 1)
    assert {
        line.strip() for text in server.received.values() for line in text.splitlines() if line.startswith(b"Message-ID")
    } == ids


@pytest.mark.parametrize(
    ("reply", "state"),
    [("550 5.1.1 no such user", "failed"), ("451 4.7.1 later", "waiting"), ("", "uncertain")],
)
def test_each_answer_of_the_server_has_its_state_and_harms_no_other_letter(server: MailServer, reply: str, state: str) -> None:
    published_drive().plan()
    server.replies[TEACHER] = reply

    outbox.run(clock=lambda: PUBLISHED_AT)
    after_the_first = states()[TEACHER]
    outbox.run(clock=lambda: PUBLISHED_AT + timedelta(seconds=30))

    assert (after_the_first, states()[SCHOOL], set(server.received)) == (state, "sent", {SCHOOL})
