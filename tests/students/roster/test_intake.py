"""A roster on its way in: kept sealed, claimed by one worker, reviewed, and never lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from kombu.exceptions import OperationalError

from schools.models import School
from students import privacy
from students.models import Enrolment, Person, RosterRow, RosterUpload
from students.roster import intake, tasks
from students.roster.limits import MAX_FILE_BYTES
from tests.factories import NOW, SchoolFactory
from tests.students.roster import workbooks
from tests.students.roster.uploads import MINUTE, girl, imported, reviewed, roster, sections, waiting

pytestmark = pytest.mark.django_db
LATER = NOW + intake.LEASE + timedelta(seconds=1)


@pytest.fixture
def school(db: None) -> School:
    return SchoolFactory(name="SMAN 55 Jakarta")


def claimed(upload: RosterUpload, worker: str, now: Any = NOW) -> RosterUpload | None:
    return intake.claim(upload_id=upload.pk, worker=worker, now=now)


def test_one_worker_has_a_claim_until_its_lease_is_over(school: School) -> None:
    upload = waiting(school, roster(girl(0)))

    assert claimed(upload, "first") is not None
    assert claimed(upload, "second", NOW + MINUTE) is None
    taken_over = claimed(upload, "second", LATER)
    assert taken_over is not None
    assert taken_over.claimed_by == "second"


def test_a_worker_that_comes_back_from_the_dead_does_not_undo_a_review(school: School) -> None:
    upload = waiting(school, roster(girl(0)))
    slow = claimed(upload, "slow")
    assert slow is not None
    fast = claimed(upload, "fast", LATER)
    assert fast is not None
    review = intake.read_upload(upload=fast, now=LATER)
    row = review.rows.get()

    intake.read_upload(upload=slow, now=LATER + MINUTE)

    assert (RosterUpload.objects.get().read_at, RosterRow.objects.get().pk) == (LATER, row.pk)


def test_a_sealed_file_does_not_open_under_another_id(school: School) -> None:
    one, other = waiting(school, roster(girl(0))), waiting(school, roster(girl(1)))

    assert privacy.unseal_bytes(bytes(one.file_sealed or b""), row_id=one.pk)[:2] == b"PK"
    with pytest.raises(privacy.SealBroken):
        privacy.unseal_bytes(bytes(one.file_sealed or b""), row_id=other.pk)


def test_a_file_that_does_not_open_is_refused_with_a_sentence(school: School) -> None:
    upload = waiting(school, roster(girl(0)))
    RosterUpload.objects.update(file_sealed=None)

    tasks.work(upload.pk)

    upload.refresh_from_db()
    assert (upload.status, upload.refusal_code) == ("refused", "file_unreadable")


def test_a_file_that_ends_its_worker_again_and_again_is_given_up(school: School) -> None:
    upload = waiting(school, roster(girl(0)))
    RosterUpload.objects.update(tries=intake.MAX_TRIES)

    tasks.work(upload.pk)

    assert RosterUpload.objects.get().refusal_code == "file_unreadable"


def test_the_same_file_while_it_waits_is_the_same_upload(school: School) -> None:
    data = roster(girl(0))

    assert waiting(school, data).pk == waiting(school, data).pk
    assert waiting(SchoolFactory(), data).pk != waiting(school, data).pk


@pytest.mark.parametrize(("data", "code"), [(b"", "file_empty"), (bytes(MAX_FILE_BYTES + 1), "file_too_large")])
def test_a_file_that_is_none_is_not_kept(school: School, data: bytes, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        waiting(school, data)

    assert (refusal.value.code, RosterUpload.objects.count()) == (code, 0)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"halo", "not_a_roster"),
        (workbooks.encrypted_xlsx(), "file_encrypted"),
        (workbooks.xlsx(workbooks.dapodik([girl(0)], title="Daftar Peserta Didik Keluar")), "leavers_report"),
    ],
)
def test_a_refusal_is_kept_with_its_sentence(school: School, data: bytes, code: str) -> None:
    upload = waiting(school, data)

    tasks.work(upload.pk)

    upload.refresh_from_db()
    assert (upload.status, upload.refusal_code) == ("refused", code)
    assert upload.refusal_message
    assert RosterRow.objects.count() == 0


def test_a_cancelled_upload_leaves_neither_file_nor_rows(school: School) -> None:
    upload = reviewed(school, roster(girl(0)))

    intake.cancel_upload(upload=upload, now=NOW)

    upload.refresh_from_db()
    assert (upload.status, upload.file_sealed, upload.rows.count()) == ("cancelled", None, 0)


def test_a_worker_at_it_does_not_revive_a_cancelled_upload(school: School) -> None:
    upload = waiting(school, roster(girl(0)))
    held = claimed(upload, "worker")
    assert held is not None
    intake.cancel_upload(upload=upload, now=NOW)

    intake.read_upload(upload=held, now=NOW)

    assert (RosterUpload.objects.get().status, RosterRow.objects.count()) == ("cancelled", 0)


def test_what_is_imported_cannot_be_cancelled(school: School) -> None:
    upload = imported(school, roster(girl(0)))

    with pytest.raises(ValidationError) as refusal:
        intake.cancel_upload(upload=upload, now=NOW)

    assert refusal.value.code == "already_imported"


def test_approving_twice_is_approving_once(school: School) -> None:
    upload = reviewed(school, roster(girl(0)))
    intake.approve_upload(upload=upload, by=None, now=NOW, ring_worker=False)

    again = intake.approve_upload(upload=upload, by=None, now=NOW + MINUTE, ring_worker=False)

    assert again.approved_at == NOW


def test_what_is_not_in_review_cannot_be_approved(school: School) -> None:
    with pytest.raises(ValidationError) as refusal:
        intake.approve_upload(upload=waiting(school, roster(girl(0))), by=None, now=NOW)

    assert refusal.value.code == "not_in_review"


def test_another_schools_list_must_be_confirmed(school: School) -> None:
    upload = reviewed(school, roster(girl(0), school="SMAN 8 JAKARTA"))
    assert upload.counts["other_school"] is True

    with pytest.raises(ValidationError) as refusal:
        intake.approve_upload(upload=upload, by=None, now=NOW)
    confirmed = intake.approve_upload(upload=upload, by=None, now=NOW, is_right_school=True, ring_worker=False)

    assert (refusal.value.code, confirmed.status) == ("wrong_school", "approved")


def test_two_rows_cannot_be_said_to_be_one_person(school: School) -> None:
    imported(school, roster(girl(0, Nama="SITI CONTOH", NIK="")))
    data = roster(girl(1, Nama="SITI CONTOH"), girl(2, Nama="SITI CONTOH"))
    upload = reviewed(school, data, now=NOW + MINUTE)
    intake.decide(upload=upload, decisions=[], for_all={"similar": "same_person"})

    with pytest.raises(ValidationError) as refusal:
        intake.approve_upload(upload=upload, by=None, now=NOW + MINUTE)

    assert (refusal.value.code, sections(upload)) == ("two_rows_one_person", [(7, "similar"), (8, "similar")])
    assert "7, 8" in refusal.value.messages[0]


def test_a_row_that_says_nothing_new_counts_among_the_rows_about_a_person(school: School) -> None:
    imported(school, roster(girl(0, Nama="SITI CONTOH")))
    data = roster(girl(0, Nama="SITI CONTOH"), girl(2, Nama="SITI CONTOH", NIK="", Rombel_Saat_Ini="XI MERDEKA 4"))
    upload = reviewed(school, data, now=NOW + MINUTE)
    intake.decide(upload=upload, decisions=[], for_all={"similar": "same_person"})

    with pytest.raises(ValidationError) as refusal:
        intake.approve_upload(upload=upload, by=None, now=NOW + MINUTE)

    assert refusal.value.code == "two_rows_one_person"


@pytest.mark.parametrize(("section", "decision"), [("new", "left"), ("missing", "accept"), ("similar", "left"), ("x", "y")])
def test_a_decision_that_a_section_does_not_know_is_not_noted(school: School, section: str, decision: str) -> None:
    imported(school, roster(girl(0, Nama="SITI CONTOH"), girl(5)))
    upload = reviewed(school, roster(girl(1, Nama="SITI CONTOHA"), girl(6)), now=NOW + MINUTE)
    decisions = [(row.pk, decision) for row in upload.rows.filter(section=section)]

    assert intake.decide(upload=upload, decisions=decisions, for_all={section: decision}) == 0


def test_a_row_of_another_upload_cannot_be_decided(school: School) -> None:
    imported(school, roster(girl(0), girl(1)))
    upload = reviewed(school, roster(girl(0)), now=NOW + MINUTE)
    foreign = reviewed(SchoolFactory(), roster(girl(0)), now=NOW + MINUTE)

    missing = upload.rows.get(section="missing")

    assert intake.decide(upload=foreign, decisions=[(missing.pk, "left")]) == 0


def test_nothing_reaches_persons_before_approval(school: School) -> None:
    reviewed(school, roster(*(girl(number) for number in range(5))))

    assert (Person.objects.count(), Enrolment.objects.count(), RosterRow.objects.count()) == (0, 0, 5)


def test_lines_that_say_nothing_new_are_counted_and_not_stored(school: School) -> None:
    imported(school, roster(girl(0), girl(1)))

    upload = reviewed(school, roster(girl(0), girl(1, HP="081200000000")), now=NOW + MINUTE)

    assert (upload.counts["unchanged"], upload.counts["changed"], sections(upload)) == (1, 1, [(8, "changed")])


def test_no_number_of_a_student_stands_in_what_waits_for_review(school: School) -> None:
    reviewed(school, roster(girl(0), girl(1, NIK="31740362080991"), girl(2, NIK="3174036208099103 ")))

    for row in RosterRow.objects.values():
        said = str({key: value for key, value in row.items() if key not in ("nik_sealed", "nik_digest", "id", "enrolment_id")})
        assert "31740362" not in said


def test_a_message_carries_the_uploads_id_and_nothing_else(
    school: School, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.work_on_upload, "delay", lambda **arguments: sent.append(arguments))

    with django_capture_on_commit_callbacks(execute=True):
        upload = intake.upload_roster(school=school, data=roster(girl(0)), filename="daftar.xlsx", by=None, now=NOW)

    assert sent == [{"upload_id": str(upload.pk)}]


def test_no_number_of_a_student_stands_in_a_log(school: School, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        upload = waiting(school, roster(girl(0), girl(1, NIK="3174036208099101")))
        tasks.work(upload.pk)
        intake.approve_upload(upload=upload, by=None, now=NOW, is_right_school=True, ring_worker=False)
        tasks.work(upload.pk)

    assert Person.objects.count() == 2
    assert "31740362" not in caplog.text


def test_a_silent_broker_does_not_lose_the_upload(
    school: School, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def silent(**_arguments: str) -> None:
        raise OperationalError

    monkeypatch.setattr(tasks.work_on_upload, "delay", silent)
    with django_capture_on_commit_callbacks(execute=True):
        upload = intake.upload_roster(school=school, data=roster(girl(0)), filename="daftar.xlsx", by=None, now=NOW)
    told: list[str] = []
    monkeypatch.setattr(tasks.work_on_upload, "delay", lambda *, upload_id: told.append(upload_id))

    tasks.sweep_uploads()

    assert told == [str(upload.pk)]


def test_the_sweep_leaves_alone_what_waits_for_a_person(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    reviewed(school, roster(girl(0)))
    told: list[str] = []
    monkeypatch.setattr(tasks.work_on_upload, "delay", lambda *, upload_id: told.append(upload_id))

    tasks.sweep_uploads()

    assert told == []
