"""References of persons and enrolments are checked once for a statement, as sure as a foreign key; `docs/adr/0007-references-checked-once-for-a-statement.md`.

A foreign key asks once for each row: 84,000 questions about four schools, offices and villages for a roster of 12,000 pupils,
a third of the time that it took to enter. What stays a foreign key: the person of an enrolment.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


# Table → its columns → what they refer to.
REFERENCES = {
    "students_person": {
        "city_id": ("schools_region", "code"),
        "domicile_id": ("schools_region", "code"),
        "office_id": ("schools_office", "id"),
        "school_id": ("schools_school", "id"),
    },
    "students_enrolment": {
        "school_id": ("schools_school", "id"),
        "office_id": ("schools_office", "id"),
        "class_group_id": ("students_classgroup", "id"),
    },
}
# As a foreign key does, the row that is referred to is kept from being deleted until the transaction ends; who deletes it at
# the same moment is waited for, and then it is not found.
ASKED = """
    wanted_{column} := ARRAY(SELECT DISTINCT {column} FROM new_rows WHERE {column} IS NOT NULL);
    PERFORM 1 FROM {target} WHERE {key} = ANY(wanted_{column}) FOR KEY SHARE;
    GET DIAGNOSTICS found = ROW_COUNT;
    IF found <> cardinality(wanted_{column}) THEN
        RAISE foreign_key_violation USING MESSAGE = '{table}.{column} refers to a row of {target} that is not there';
    END IF;
"""
ASKED_OF_ONE = """
    IF NEW.{column} IS DISTINCT FROM OLD.{column} AND NEW.{column} IS NOT NULL THEN
        PERFORM 1 FROM {target} WHERE {key} = NEW.{column} FOR KEY SHARE;
        IF NOT FOUND THEN
            RAISE foreign_key_violation USING MESSAGE = '{table}.{column} refers to a row of {target} that is not there';
        END IF;
    END IF;
"""
REFERRING = """
CREATE FUNCTION {table}_insert_refers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found bigint;
    {wanted}
BEGIN
    {asked}
    RETURN NULL;
END $$;
CREATE TRIGGER insert_refers AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION {table}_insert_refers();
CREATE FUNCTION {table}_update_refers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {asked_of_one}
    RETURN NULL;
END $$;
CREATE TRIGGER update_refers AFTER UPDATE ON {table} FOR EACH ROW
    WHEN (({new}) IS DISTINCT FROM ({old})) EXECUTE FUNCTION {table}_update_refers();
"""
# Asked at the end of the transaction, when whoever referred to the row may be gone as well.
REFERRED_TO = """
CREATE FUNCTION {target}_is_referred_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM {target} WHERE {key} = OLD.{key}) AND ({used}) THEN
        RAISE foreign_key_violation USING MESSAGE = 'persons or enrolments still refer to this row of {target}';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER is_referred_to AFTER DELETE OR UPDATE OF {key} ON {target}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {target}_is_referred_to();
"""


def _targets() -> dict[tuple[str, str], list[str]]:
    """What is referred to → the questions whether it still is."""
    asked: dict[tuple[str, str], list[str]] = {}
    for table, columns in REFERENCES.items():
        for column, (target, key) in columns.items():
            asked.setdefault((target, key), []).append(f"EXISTS (SELECT FROM {table} WHERE {column} = OLD.{key})")
    return asked


def _forward() -> str:
    statements = []
    for table, columns in REFERENCES.items():
        words = [{"table": table, "column": column, "target": to, "key": key} for column, (to, key) in columns.items()]
        statements.append(
            REFERRING.format(
                table=table,
                wanted=" ".join(f"wanted_{word['column']} {table}.{word['column']}%TYPE[];" for word in words),
                asked="".join(ASKED.format(**word) for word in words),
                asked_of_one="".join(ASKED_OF_ONE.format(**word) for word in words),
                new=", ".join(f"NEW.{column}" for column in columns),
                old=", ".join(f"OLD.{column}" for column in columns),
            )
        )
    for (target, key), asked in _targets().items():
        statements.append(REFERRED_TO.format(target=target, key=key, used=" OR ".join(asked)))
    return "".join(statements)


def _backward() -> str:
    referring = "".join(
        f"DROP TRIGGER {change}_refers ON {table}; DROP FUNCTION {table}_{change}_refers();"
        for table in REFERENCES
        for change in ("insert", "update")
    )
    referred_to = "".join(
        f"DROP TRIGGER is_referred_to ON {target}; DROP FUNCTION {target}_is_referred_to();" for target, _ in _targets()
    )
    return referring + referred_to


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0003_an_update_of_thousands_is_versioned_in_one_pass"),
        ("students", "0009_a_line_of_a_roster_can_be_repaired"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="classgroup",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="enrolment",
            name="school_follows_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="enrolment",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="headinganswer",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="person",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="rosterrepair",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="rosterupload",
            name="update_update",
        ),
        migrations.RemoveConstraint(
            model_name="person",
            name="one_nik_is_one_person_after_rotation",
        ),
        migrations.RemoveIndex(
            model_name="enrolment",
            name="students_en_school__393ae2_idx",
        ),
        migrations.AlterField(
            model_name="enrolment",
            name="class_group",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enrolments",
                to="students.classgroup",
            ),
        ),
        migrations.AlterField(
            model_name="enrolment",
            name="office",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.office",
            ),
        ),
        migrations.AlterField(
            model_name="enrolment",
            name="school",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enrolments",
                to="schools.school",
            ),
        ),
        migrations.AlterField(
            model_name="person",
            name="city",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.region",
                verbose_name="home city",
            ),
        ),
        migrations.AlterField(
            model_name="person",
            name="domicile",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.region",
                verbose_name="domicile",
            ),
        ),
        migrations.AlterField(
            model_name="person",
            name="office",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="persons",
                to="schools.office",
            ),
        ),
        migrations.AlterField(
            model_name="person",
            name="school",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="persons",
                to="schools.school",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="classgroup",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "students_classgroupevent" ("grade", "homeroom_email", "homeroom_name", "homeroom_phone", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "school_id", "school_year") SELECT new_values."grade", new_values."homeroom_email", new_values."homeroom_name", new_values."homeroom_phone", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."school_id", new_values."school_year" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="fe3a0cda1219a3d130cdcf0635177158590334a7",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_066c4",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="students_classgroup",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="enrolment",
            trigger=pgtrigger.compiler.Trigger(
                name="school_follows_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    UPDATE students_person AS person SET school_id = begun.school_id\n      FROM changed_rows AS begun\n     WHERE person.id = begun.person_id AND begun.ends_on IS NULL AND person.school_id IS DISTINCT FROM begun.school_id;\n    RETURN NULL;\n",
                    hash="0475d9fd4cd630ecbb1456434ce6b56d01f00726",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_school_follows_insert_b2c25",
                    referencing="REFERENCING NEW TABLE AS changed_rows ",
                    table="students_enrolment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="enrolment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "students_enrolmentevent" ("class_group_id", "end_reason", "ends_on", "id", "nisn", "office_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "school_id", "school_year", "starts_on") SELECT new_values."class_group_id", new_values."end_reason", new_values."ends_on", new_values."id", new_values."nisn", new_values."office_id", new_values."person_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."school_id", new_values."school_year", new_values."starts_on" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="243ece1b949091bd599c0fedafd9401997b70644",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_33cc3",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="students_enrolment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="headinganswer",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "students_headinganswerevent" ("answered_at", "answered_by_id", "field", "heading", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "school_id") SELECT new_values."answered_at", new_values."answered_by_id", new_values."field", new_values."heading", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."school_id" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="356f9448a4dc579562d74c21d32da70344db8d70",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_53108",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="students_headinganswer",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "students_personevent" ("address", "anonymised_at", "birth_date", "birth_place", "city_id", "created_at", "domicile_id", "id", "name", "nik_digest", "nik_digest_next", "nik_problem", "nik_sealed", "office_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "places_needed", "recorded_on", "school_id", "search_name", "sex") SELECT new_values."address", new_values."anonymised_at", new_values."birth_date", new_values."birth_place", new_values."city_id", new_values."created_at", new_values."domicile_id", new_values."id", new_values."name", new_values."nik_digest", new_values."nik_digest_next", new_values."nik_problem", new_values."nik_sealed", new_values."office_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."phone", new_values."places_needed", new_values."recorded_on", new_values."school_id", new_values."search_name", new_values."sex" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."address" IS DISTINCT FROM (new_values."address") OR old_values."anonymised_at" IS DISTINCT FROM (new_values."anonymised_at") OR old_values."birth_date" IS DISTINCT FROM (new_values."birth_date") OR old_values."birth_place" IS DISTINCT FROM (new_values."birth_place") OR old_values."city_id" IS DISTINCT FROM (new_values."city_id") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."domicile_id" IS DISTINCT FROM (new_values."domicile_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."nik_digest" IS DISTINCT FROM (new_values."nik_digest") OR old_values."nik_digest_next" IS DISTINCT FROM (new_values."nik_digest_next") OR old_values."nik_problem" IS DISTINCT FROM (new_values."nik_problem") OR old_values."nik_sealed" IS DISTINCT FROM (new_values."nik_sealed") OR old_values."office_id" IS DISTINCT FROM (new_values."office_id") OR old_values."phone" IS DISTINCT FROM (new_values."phone") OR old_values."places_needed" IS DISTINCT FROM (new_values."places_needed") OR old_values."recorded_on" IS DISTINCT FROM (new_values."recorded_on") OR old_values."school_id" IS DISTINCT FROM (new_values."school_id") OR old_values."search_name" IS DISTINCT FROM (new_values."search_name") OR old_values."sex" IS DISTINCT FROM (new_values."sex")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="1c208f54c1ab8e44cecc3411b6d8447383c9bd43",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b54a2",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="students_person",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rosterrepair",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "students_rosterrepairevent" ("at", "by_id", "fields", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "row_number", "sheet", "upload_id") SELECT new_values."at", new_values."by_id", new_values."fields", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."row_number", new_values."sheet", new_values."upload_id" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."at" IS DISTINCT FROM (new_values."at") OR old_values."by_id" IS DISTINCT FROM (new_values."by_id") OR old_values."fields" IS DISTINCT FROM (new_values."fields") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."row_number" IS DISTINCT FROM (new_values."row_number") OR old_values."sheet" IS DISTINCT FROM (new_values."sheet") OR old_values."upload_id" IS DISTINCT FROM (new_values."upload_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="60e598bc459664d5974bb93cf994c8b5bcd64f7e",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_890c8",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="students_rosterrepair",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rosterupload",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "students_rosteruploadevent" ("applied_at", "approved_at", "approved_by_id", "counts", "created_at", "explained", "file_digest", "filename", "follows_id", "format", "id", "office_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "read_at", "refusal_code", "refusal_message", "repairs_to_id", "rows_total", "school_id", "school_name_found", "school_year", "status", "undone_at", "undone_by_id", "uploaded_by_id") SELECT new_values."applied_at", new_values."approved_at", new_values."approved_by_id", new_values."counts", new_values."created_at", new_values."explained", new_values."file_digest", new_values."filename", new_values."follows_id", new_values."format", new_values."id", new_values."office_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."read_at", new_values."refusal_code", new_values."refusal_message", new_values."repairs_to_id", new_values."rows_total", new_values."school_id", new_values."school_name_found", new_values."school_year", new_values."status", new_values."undone_at", new_values."undone_by_id", new_values."uploaded_by_id" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."applied_at" IS DISTINCT FROM (new_values."applied_at") OR old_values."approved_at" IS DISTINCT FROM (new_values."approved_at") OR old_values."approved_by_id" IS DISTINCT FROM (new_values."approved_by_id") OR old_values."counts" IS DISTINCT FROM (new_values."counts") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."explained" IS DISTINCT FROM (new_values."explained") OR old_values."file_digest" IS DISTINCT FROM (new_values."file_digest") OR old_values."filename" IS DISTINCT FROM (new_values."filename") OR old_values."follows_id" IS DISTINCT FROM (new_values."follows_id") OR old_values."format" IS DISTINCT FROM (new_values."format") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."office_id" IS DISTINCT FROM (new_values."office_id") OR old_values."read_at" IS DISTINCT FROM (new_values."read_at") OR old_values."refusal_code" IS DISTINCT FROM (new_values."refusal_code") OR old_values."refusal_message" IS DISTINCT FROM (new_values."refusal_message") OR old_values."repairs_to_id" IS DISTINCT FROM (new_values."repairs_to_id") OR old_values."rows_total" IS DISTINCT FROM (new_values."rows_total") OR old_values."school_id" IS DISTINCT FROM (new_values."school_id") OR old_values."school_name_found" IS DISTINCT FROM (new_values."school_name_found") OR old_values."school_year" IS DISTINCT FROM (new_values."school_year") OR old_values."status" IS DISTINCT FROM (new_values."status") OR old_values."undone_at" IS DISTINCT FROM (new_values."undone_at") OR old_values."undone_by_id" IS DISTINCT FROM (new_values."undone_by_id") OR old_values."uploaded_by_id" IS DISTINCT FROM (new_values."uploaded_by_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="72dc27eb36474f9563a7734bf2d292098c09f192",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d6251",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="students_rosterupload",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                condition=models.Q(("nik_digest_next__isnull", False)),
                fields=("nik_digest_next",),
                name="one_nik_is_one_person_after_rotation",
            ),
        ),
        migrations.RunSQL(_forward(), _backward()),
        # What is sealed cannot be compressed.
        migrations.RunSQL(
            "ALTER TABLE students_rosterupload ALTER COLUMN file_sealed SET STORAGE EXTERNAL",
            "ALTER TABLE students_rosterupload ALTER COLUMN file_sealed SET STORAGE EXTENDED",
        ),
    ]
