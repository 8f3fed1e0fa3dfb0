"""What every text says, and what none may say."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from drives.models import Notice
from drives.notices import wording
from drives.notices.outbox import _Letters
from drives.notices.schedule import class_schedules
from tests.drives.notices.drives import NIK, PUBLISHED_AT, Scene, published_drive
from tests.factories import AppointmentFactory, ClassGroupFactory, PersonFactory, TimeslotFactory

pytestmark = pytest.mark.django_db


def every_text(scene: Scene) -> Iterator[str]:
    """Texts to copy, and subject and body of every e-mail that the drive sends."""
    for schedule in class_schedules(scene.drive):
        yield wording.class_text(scene.drive, schedule)
    letters = _Letters(PUBLISHED_AT)
    for notice in Notice.objects.filter(channel="email").select_related("drive__office", "drive__school", "drive_day"):
        message = letters.write(notice)
        assert message is not None
        yield message.subject
        yield message.body
    yield wording.email_of_cancellation(drive=scene.drive, days=[date(2026, 11, 24)]).body


def test_no_text_holds_a_nik_a_birth_date_a_name_or_an_id() -> None:
    scene = published_drive(people=3)
    scene.plan()

    texts = list(every_text(scene))

    forbidden = [NIK, NIK[6:12], "2009", "ANINDYA", str(scene.drive.pk), "/s/"]
    assert [(word, text) for text in texts for word in forbidden if word.lower() in text.lower()] == []
    assert len(texts) == 2 + 2 * 6 + 1


def test_the_class_text_is_ready_to_paste() -> None:
    scene = published_drive(people=2)

    text = wording.class_text(scene.drive, class_schedules(scene.drive)[0])

    assert text.splitlines() == [
        "*Perekaman e-KTP, kelas XI 1*",
        "",
        "Waktu:",
        "- Selasa, 24 November 2026, 07.00–07.30 WIB",
        "",
        "Tempat: Aula, SMAN 55 Jakarta.",
        "Yang dibawa: fotokopi kartu keluarga (KK).",
        "Pakaian: bawa baju ganti untuk foto. Jangan memakai lensa kontak atau kacamata.",
        "Perekaman GRATIS, tidak dipungut biaya apa pun.",
        "",
        "Waktu tiap siswa tercantum pada slip dari wali kelas.",
    ]


def test_a_class_that_comes_at_two_times_reads_both() -> None:
    scene = published_drive()
    later = TimeslotFactory(session=scene.slot.session, starts_at=scene.slot.starts_at + timedelta(hours=1))
    AppointmentFactory(timeslot=later, person=PersonFactory(enrolled=scene.classes[0]), class_group=scene.classes[0])

    text = wording.class_text(scene.drive, class_schedules(scene.drive)[0])

    assert re.findall(r"\d\d\.\d\d–\d\d\.\d\d", text) == ["07.00–07.30", "08.00–08.30"]


def test_the_school_reads_counts_and_times_of_each_class() -> None:
    scene = published_drive(people=2)

    message = wording.email_to_school(
        kind="reminder_1", drive=scene.drive, schedules=class_schedules(scene.drive), days=[date(2026, 11, 24)]
    )

    assert message.subject == "Pengingat: perekaman e-KTP, Aula, SMAN 55 Jakarta, Selasa, 24 November 2026"
    assert "- XI 1: Selasa, 24 November 2026, 07.00–07.30 WIB (2 siswa)" in message.body.splitlines()
    assert "GRATIS" in message.body


def test_classes_stand_in_the_order_in_which_people_count() -> None:
    scene = published_drive()
    for name in ("XI 10", "XI 9"):
        group = ClassGroupFactory(school=scene.drive.school, name=name)
        AppointmentFactory(timeslot=scene.slot, person=PersonFactory(enrolled=group), class_group=group)

    assert [schedule.name for schedule in class_schedules(scene.drive)] == ["XI 1", "XI 2", "XI 9", "XI 10"]
