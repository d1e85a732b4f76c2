"""E-mail and password; guessing is slowed down, whoever guesses."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lms.people.passwords import matches
from lms.people.sign_in import (
    FAILURES_PER_ADDRESS,
    FAILURES_PER_EMAIL,
    WINDOW,
    Throttled,
    WrongCredentials,
    remember_failure,
    sign_in,
)
from lms.people.tables import SignInFailure
from tests.conftest import NOW, PASSWORD


@pytest.fixture
def attempt(services):
    """Signs Ada in, or remembers that it failed, as the page does."""

    def act(email="ada@example.com", password=PASSWORD, address="192.0.2.1", now=NOW):
        try:
            with services.database.transaction() as session:
                return sign_in(session, email=email, password=password, address=address, now=now).name
        except WrongCredentials:
            with services.database.transaction() as session:
                remember_failure(session, email=email, address=address, now=now)
            raise

    return act


def fail(services, *, times, email="ada@example.com", address="192.0.2.1", now=NOW):
    with services.database.transaction() as session:
        for _ in range(times):
            remember_failure(session, email=email, address=address, now=now)


def test_nobody_learns_whether_it_was_the_e_mail_or_the_password(services, add_person, attempt):
    add_person("Ada")
    assert attempt() == "Ada"
    with pytest.raises(WrongCredentials) as wrong_password:
        attempt(password="wrong horse battery")
    with pytest.raises(WrongCredentials) as unknown:
        attempt(email="eve@example.com")
    assert wrong_password.value.message == unknown.value.message


def test_guessing_one_persons_password_is_stopped_from_everywhere(services, add_person, attempt):
    add_person("Ada")
    add_person("Bob")
    fail(services, times=FAILURES_PER_EMAIL - 1, address="198.51.100.7")
    assert attempt() == "Ada"
    with pytest.raises(WrongCredentials):
        attempt(password="wrong horse battery", email=" ADA@example.com")
    with pytest.raises(Throttled):
        attempt(address="203.0.113.9")
    assert attempt(email="bob@example.com") == "Bob"
    assert attempt(now=NOW + WINDOW + timedelta(seconds=1)) == "Ada"


def test_guessing_from_one_address_is_stopped_whoever_is_guessed(services, add_person, attempt):
    add_person("Ada")
    for number in range(FAILURES_PER_ADDRESS):
        fail(services, times=1, email=f"person{number}@example.com")
    with pytest.raises(Throttled):
        attempt()
    assert attempt(address="203.0.113.9") == "Ada"


def test_failures_that_no_longer_count_are_forgotten_and_name_nobody(services):
    fail(services, times=3)
    fail(services, times=1, now=NOW + WINDOW + timedelta(minutes=1))
    with services.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignInFailure)) == 2
        assert all(len(key) == 64 for key in session.scalars(select(SignInFailure.key)))


def test_no_password_is_nobodys():
    assert not matches(None, "nobody has this password")
    assert not matches("not a hash", "anything")
