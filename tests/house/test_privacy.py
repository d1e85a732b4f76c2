"""Every table about persons says why it is kept, for how long, and what becomes of it."""

from lms import tables
from lms.db import Base, Privacy


def about_persons():
    assert tables.ALL
    found = {}
    for table in Base.metadata.tables.values():
        if table.name == "person" or any(
            key.column.table.name == "person" for column in table.columns for key in column.foreign_keys
        ):
            found[table.name] = table.info.get("privacy")
    return found


def test_every_table_with_a_link_to_a_person_declares_its_privacy():
    declared = about_persons()
    assert {"person", "submission", "credential", "audit_event", "publication"} <= declared.keys()
    for name, privacy in declared.items():
        assert isinstance(privacy, Privacy), f"{name} is about persons and declares nothing"
        assert privacy.purpose.startswith("to "), name
        assert privacy.retention, name


def test_no_table_declares_what_it_does_not_hold():
    declaring = {table.name for table in Base.metadata.tables.values() if "privacy" in table.info}
    assert declaring == about_persons().keys()
