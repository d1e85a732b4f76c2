"""Whether a credential has the shape that 1EdTech published for Open Badges 3.0: its JSON Schema, a copy of which lies beside this file.

The published schema wants a list wherever there may be several; JSON-LD says the same with the one alone. Both forms are accepted. And
it knows one status of a credential, where the W3C's model, and issuers who suspend as well as revoke, have several: each is looked at.
"""

import copy
import json
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from jsonschema import Draft201909Validator
from jsonschema.exceptions import ValidationError

from lms.verification.outcome import CannotTell, Fails
from lms.verification.status import MOST_ENTRIES
from lms.words import gettext as _

FILE = Path(__file__).parent / "ob_v3p0_achievementcredential_schema.json"
PUBLISHED = frozenset(
    f"https://purl.imsglobal.org/spec/ob/v3p0/schema/{form}/{FILE.name}" for form in ("json", "json-ld")
)
TOKEN_CLAIMS = frozenset({"iss", "sub", "jti", "nbf", "exp", "iat"})
ROUNDS = 6
MOST_ERRORS = 40


def check_schema(body: dict[str, Any]) -> str:
    """Raises Fails where the shape is another, and CannotTell where the badge asks for a further schema, which is not fetched."""
    errors = next(filter(None, map(_errors, _with_one_status(body))), [])
    if errors:
        places = "; ".join(f"{_place(each)}: {each.message[:120]}" for each in errors[:5])
        raise Fails(
            _("It is not written as Open Badges are: %(place)s is wrong.", place=_place(errors[0])), places
        )
    declared = body.get("credentialSchema")
    declared = declared if isinstance(declared, list) else [] if declared is None else [declared]
    further = [
        each.get("id") for each in declared if isinstance(each, dict) and each.get("id") not in PUBLISHED
    ]
    if further:
        raise CannotTell(
            _(
                "It has the shape of an Open Badge. It asks for a further check, %(url)s, which is not made here.",
                url=str(further[0])[:200],
            )
        )
    return _("It has the shape that the standard describes.")


def _with_one_status(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    found = body.get("credentialStatus")
    if not isinstance(found, list) or not 0 < len(found) <= MOST_ENTRIES:
        yield body
        return
    for each in found:
        yield {**body, "credentialStatus": each}


def _errors(body: dict[str, Any]) -> list[ValidationError]:
    """What is wrong with `body`, once every single value is in a list where the schema wants a list."""
    document = copy.deepcopy({name: value for name, value in body.items() if name not in TOKEN_CLAIMS})
    for _round in range(ROUNDS):
        errors = list(islice(_validator().iter_errors(document), MOST_ERRORS))
        single = {tuple(each.absolute_path): each for each in _leaves(errors) if _wants_list(each)}
        if not single:
            return errors
        for path in sorted(single, key=len, reverse=True):
            _wrap(document, path)
    return errors


@cache
def _validator() -> Draft201909Validator:
    return Draft201909Validator(json.loads(FILE.read_text()))


def _leaves(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    for each in errors:
        if each.context:
            yield from _leaves(each.context)
        else:
            yield each


def _wants_list(error: ValidationError) -> bool:
    return error.validator == "type" and error.validator_value == "array" and bool(error.absolute_path)


def _wrap(document: Any, path: tuple[str | int, ...]) -> None:
    for step in path[:-1]:
        document = document[step]
    if not isinstance(document[path[-1]], list):
        document[path[-1]] = [document[path[-1]]]


def _place(error: ValidationError) -> str:
    return ".".join(str(each) for each in error.absolute_path)[:120] or _("the whole")
