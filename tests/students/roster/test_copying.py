"""What COPY is given arrives as it was."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from students.roster.copying import block

TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=12) | st.sampled_from(
    ["\\N", "\\", "\\.", "a\tb", "a\nb", "a\rb", "\\x41", "{}", '{"a": ["\\\\", "\\n"]}']
)
ROWS = st.lists(
    st.tuples(
        st.uuids(),
        TEXTS,
        TEXTS | st.none(),
        st.binary(max_size=8) | st.none(),
        st.dates() | st.none(),
        st.integers(0, 2**31 - 1) | st.none(),
        st.booleans(),
    ),
    min_size=1,
    max_size=20,
)


def copied(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS copied")
        cursor.execute(
            "CREATE TEMP TABLE copied (at serial, id uuid, name text, note text, seal bytea, day date, number int, is_so boolean)"
        )
        with cursor.copy("COPY copied (id, name, note, seal, day, number, is_so) FROM STDIN") as copy:
            copy.write(block(rows))
        cursor.execute("SELECT id, name, note, seal, day, number, is_so FROM copied ORDER BY at")
        return [tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row) for row in cursor.fetchall()]


@pytest.mark.django_db
@given(rows=ROWS)
def test_whatever_a_cell_holds_arrives_in_the_database(rows: list[tuple[Any, ...]]) -> None:
    assert copied(rows) == rows


def test_a_line_is_as_postgresql_documents_it() -> None:
    row = (UUID(int=10), "a\tb\\", None, b"\x01A", date(2009, 2, 19), 7, True)

    assert block([row]) == b"0000000000000000000000000000000a\ta\\tb\\\\\t\\N\t\\\\x0141\t2009-02-19\t7\tt\n"


def test_a_column_of_two_types_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError):
        block([("1",), (1,)])
