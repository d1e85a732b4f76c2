"""A key that is named must be there: a slip of the pen must not make a second key that nobody backs up."""

import pytest

from lms import services
from lms.errors import Unavailable
from lms.settings import Settings


def test_a_signing_key_is_made_only_where_none_is_named(tmp_path):
    made = services.build(Settings(var=tmp_path))
    assert (tmp_path / "signing-key.pem").exists()
    again = services.build(Settings(var=tmp_path, signing_key_file=tmp_path / "signing-key.pem"))
    assert again.press.signer.kid == made.press.signer.kid
    with pytest.raises(Unavailable, match=r"there is no .*typo\.pem"):
        services.build(Settings(var=tmp_path, signing_key_file=tmp_path / "typo.pem"))
    assert not (tmp_path / "typo.pem").exists()
    made.close()
    again.close()
