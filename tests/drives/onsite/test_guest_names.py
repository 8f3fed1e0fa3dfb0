"""A guest's name is kept as it looks: nothing in it is unseen, wherever it was written."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st
from uuid6 import uuid7

from drives.onsite.paper_guests import GuestLine, enter_guests
from drives.onsite.walk_ins import Guest, add_walk_in, clean_name
from students.models import Consent, Person
from tests.drives.onsite.conftest import NOW, Hall

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]
WRITTEN = "\u202eSiti\u200b\x07 \u2066Rah\u00adma\x9f\U000e0041"


@given(st.text(st.characters() | st.sampled_from("\u202e\u2066\u200b\ufeff\x07\x85\u2028\ud800 '-"), max_size=60))
@example(WRITTEN)
@example("\x01nSiti")
def test_nothing_in_a_clean_name_is_unseen(written: str) -> None:
    clean = clean_name(written)

    assert [unicodedata.category(letter) for letter in clean if unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs")] == []
    assert clean == " ".join(clean.split())
    assert [letter for letter in unicodedata.normalize("NFC", written) if letter.isalnum()] == [
        letter for letter in clean if letter.isalnum()
    ] or clean == ""


def test_at_the_server_console_on_paper_and_in_a_consent_a_name_is_cleaned(hall: Hall, tablet: Client) -> None:
    hall.drive.office.consent_required = True
    hall.drive.office.save()
    form = {"event_id": str(uuid7()), "name": WRITTEN, "kind": "other_student", "service": "recording", "birth_date": "01022010"}
    tablet.post(f"/today/{hall.today.pk}/walk-in/", form | {"consent_from": "mother", "consent_given_by": "Ami\u202enah"})
    line = GuestLine(uuid7(), Guest(name=WRITTEN, kind="teacher", service="renewal"), NOW)
    for _twice in range(2):
        entered = enter_guests(drive_day=hall.today, lines=[line], writer="Sari", by=hall.operator, now=NOW)

    assert list(Person.objects.values_list("name", "search_name")) == [("Siti Rahma", "SITI RAHMA")] * 2
    assert Consent.objects.get().given_by == "Aminah"
    assert (entered.same, entered.refused) == (1, {})


def test_a_name_of_unseen_characters_alone_is_no_name(hall: Hall) -> None:
    guest = Guest(name="\u202e\u200b", kind="teacher", service="renewal")

    with pytest.raises(ValidationError, check=lambda error: error.error_dict["name"][0].code == "name_missing"):
        add_walk_in(event_id=uuid7(), drive_day=hall.today, guest=guest, by=hall.operator, now=NOW)
