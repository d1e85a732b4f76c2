"""Visitors of a site: strangers, and people who are signed in."""

import re
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.conftest import PASSWORD, new_person


@pytest.fixture
def stranger(app):
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


@pytest.fixture
def visitor(app, site):
    """Somebody new comes and signs in, perhaps as mentor or staff; `person` of the client says who."""
    app.config["WTF_CSRF_ENABLED"] = False

    def come(name, **roles):
        client = app.test_client()
        client.person = new_person(site, name, **roles)
        sign_in(client, client.person)
        return client

    return come


def sign_in(client, person, password=PASSWORD):
    answer = client.post("/sign-in", data={"email": person.email, "password": password})
    assert answer.status_code == 302, answer.text
    return answer


def shown(answer):
    """What a page says in its main part, without markup."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def hidden(answer, name):
    """What a form of the page sends along by itself."""
    return re.search(f'<input type="hidden" name="{name}" value="([^"]*)"', answer.text).group(1)


@contextmanager
def counted(database):
    """The statements run meanwhile, those that only begin and end a transaction left out."""
    statements = []

    def note(_connection, _cursor, statement, _parameters, _context, _many):
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
