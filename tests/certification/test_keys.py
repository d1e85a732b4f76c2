"""Two keys in one file; renewed without ending anything that was signed before."""

import json

import pytest
from click.testing import CliRunner
from joserfc.jwk import ECKey, OKPKey
from sqlalchemy import select

from lms.audit import AuditEvent
from lms.certification.keys import KeyFile, Signer, keys_at, new_keys, public_keys, rotate
from lms.cli.keys import keys as commands
from lms.errors import Conflict, Unavailable
from tests.certification.strangers import DID, Stranger
from tests.certification.test_strangers import TODAY
from tests.conftest import NOW


def rotated(services):
    with services.database.transaction() as session:
        return rotate(session, services.press.keys, by=None, now=NOW)


def kids(services):
    with services.database.reading() as session:
        return {each.kid: each.retired_at for each in public_keys(session)}


def test_rotation_keeps_old_badges_valid_and_signs_with_new_keys_without_a_restart(ready, services):
    stranger = Stranger(services)
    old, before = ready.issue_course(now=TODAY), services.press.signer
    assert kids(services) == {before.proof_kid: None, before.kid: None}
    renewed = rotated(services)
    after = services.press.signer
    assert renewed.kids == (after.proof_kid, after.kid)
    assert set(renewed.retired) == {before.proof_kid, before.kid}
    assert kids(services) == {before.proof_kid: NOW, before.kid: NOW, after.proof_kid: None, after.kid: None}
    new = ready.issue_level(now=TODAY)
    assert (new.kid, new.proof_kid) == (after.kid, after.proof_kid) != (old.kid, old.proof_kid)
    for issued in (old, new):
        assert stranger.verify_document(issued.document)
        assert stranger.verify_token(issued.jwt)


def test_a_server_that_was_not_given_the_new_keys_signs_nothing_more(ready, services):
    kept = services.press.keys.path.read_bytes()
    ready.issue_course()
    rotated(services)
    services.press.keys.path.write_bytes(kept)
    with pytest.raises(Unavailable, match="Give it the new key file"):
        ready.issue_level()
    rotated(services)
    assert ready.issue_level()


def test_the_did_document_names_every_key_as_credentials_do(ready, services):
    stranger = Stranger(services)
    ready.issue_course()
    rotated(services)
    document = json.loads(stranger.download("/.well-known/did.json"))
    assert document["id"] == DID
    by_id = {method["id"]: method for method in document["verificationMethod"]}
    assert by_id.keys() == {f"{DID}#{kid}" for kid in kids(services)} == set(document["assertionMethod"])
    for url, method in by_id.items():
        kid = url.rpartition("#")[2]
        if kid.startswith("z6Mk"):
            assert (method["type"], method["publicKeyMultibase"]) == ("Multikey", kid)
        else:
            assert method["type"] == "JsonWebKey"
            assert ECKey.import_key(method["publicKeyJwk"]).thumbprint() == kid
        alone = json.loads(stranger.download(f"/keys/{kid}"))
        assert alone["kid"] == kid
        assert "d" not in alone


def test_keys_that_have_signed_nothing_yet_are_published_before_they_do(services):
    stranger = Stranger(services)
    signer = services.press.signer
    document = json.loads(stranger.download("/.well-known/did.json"))
    assert document["assertionMethod"] == [f"{DID}#{signer.proof_kid}", f"{DID}#{signer.kid}"]
    assert kids(services) == {}


def test_a_rotation_is_on_record(services):
    renewed = rotated(services)
    with services.database.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "keys.rotated")).one()
    assert event.detail["kids"] == list(renewed.kids)


def test_a_key_file_of_a_time_that_knew_one_key_is_given_the_other_and_keeps_its_own(tmp_path):
    path = tmp_path / "signing-key.pem"
    old = ECKey.generate_key("P-256")
    path.write_bytes(old.as_pem(private=True))
    with pytest.raises(Unavailable, match="openssl genpkey -algorithm ed25519"):
        assert KeyFile(path).signer
    assert keys_at(path).signer.kid == old.thumbprint()
    kept = path.read_bytes()
    assert keys_at(path).signer.kid == old.thumbprint()
    assert path.read_bytes() == kept
    assert path.stat().st_mode & 0o077 == 0


def test_a_file_with_other_keys_than_these_two_is_refused():
    both = new_keys()
    assert Signer(both)
    for wrong in (
        both + OKPKey.generate_key("Ed25519").as_pem(private=True),
        both.replace(b"MC4C", b"AAAA"),
        OKPKey.generate_key("Ed25519").as_pem(private=True),
        ECKey.generate_key("P-384").as_pem(private=True),
    ):
        with pytest.raises(Unavailable, match="signing key"):
            Signer(wrong)


def lms(services, *arguments, monkeypatch, **given):
    monkeypatch.setenv("LMS_DATABASE_URL", services.settings.url)
    monkeypatch.setenv("LMS_VAR", str(services.settings.var))
    monkeypatch.setenv("LMS_BASE_URL", services.settings.base_url)
    return CliRunner().invoke(commands, arguments, catch_exceptions=False, **given)


def test_keys_are_listed_and_renewed_from_a_terminal(ready, services, monkeypatch):
    nothing = lms(services, "list", monkeypatch=monkeypatch)
    assert "No key has signed anything yet" in nothing.output
    before = services.press.signer
    ready.issue_course()
    assert lms(services, "rotate", monkeypatch=monkeypatch, input="n\n").exit_code == 1
    assert services.press.signer is before
    done = lms(services, "rotate", "--yes", monkeypatch=monkeypatch)
    after = services.press.signer
    assert after.kid in done.output
    lines = lms(services, "list", monkeypatch=monkeypatch).output.splitlines()
    told = {line.split()[0]: line for line in lines[1:]}
    assert "retired 20" in told[before.kid]
    assert "embedded proofs" in told[before.proof_kid]
    assert "signs now" in told[after.kid]
    assert "signs now" in told[after.proof_kid]


def test_keys_are_made_in_a_file_that_is_not_there_and_never_over_others(tmp_path):
    path = tmp_path / "etc" / "signing-key.pem"
    done = CliRunner().invoke(commands, ["make", str(path)], catch_exceptions=False)
    assert "Back it up" in done.output
    kid = KeyFile(path).signer.kid
    with pytest.raises(Conflict, match="lms keys rotate"):
        CliRunner().invoke(commands, ["make", str(path)], catch_exceptions=False)
    assert KeyFile(path).signer.kid == kid
