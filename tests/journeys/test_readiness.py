"""From an invitation to a certificate that a stranger has checked: the whole story, over HTTP."""

import io
import re

from joserfc import jwt
from joserfc.jwk import ECKey

from tests.conftest import PASSWORD, ScriptedGrader
from tests.steps import grade_all, notebook
from tests.web.conftest import hidden, shown


def link_in(page):
    return re.search(r"http://slipway\.test(/join/[\w-]+)", page.text)[1]


def options_of(page, question):
    form = page.text.partition(f'id="q-{question}"')[2].partition("</form>")[0]
    found = re.findall(r'value="([0-9a-f]{10})"[^>]*><span>(.*?)</span>', form, re.DOTALL)
    return {re.sub(r"<[^>]+>", "", text).strip(): value for value, text in found}


def ask(client, lesson, question, **form):
    return client.post(f"/courses/S01/{lesson}/questions/{question}", data=form)


def test_an_engineer_becomes_ready_and_a_stranger_can_check_it(app, stranger, visitor, worker_with):
    staff = visitor("Sofia", staff=True)
    mentor = visitor("Miriam", mentor=True)
    worker = worker_with(ScriptedGrader(6))

    # The centre adds a company and invites its lead, who is an engineer too.
    added = staff.post(
        "/staff/companies", data={"name": "Nordlys Robotics", "url": "https://nordlys.example"}
    )
    assert added.location == "/companies/nordlys-robotics"
    way_in = link_in(staff.post("/companies/nordlys-robotics/invitations", data={"as_lead": "1"}))
    lena = app.test_client()
    assert "You were invited as its lead" in lena.get(way_in).text
    taken = {"name": "Lena", "email": "sofia@example.com", "password": PASSWORD}
    refused = lena.post(f"{way_in}/register", data=taken)
    assert refused.status_code == 409
    assert "Somebody signs in with this e-mail already" in shown(refused)
    assert 'value="Lena"' in refused.text
    assert (
        lena.post(f"{way_in}/register", data={**taken, "email": "lena@nordlys.example"}).location == "/home"
    )
    assert app.test_client().get(way_in).status_code == 404

    # She reads, answers, at first wrong, and completes.
    assert lena.post("/courses/S01/enrol").location == "/courses/S01/S01-1"
    first = options_of(lena.get("/courses/S01/S01-1"), "first")
    ask(lena, "S01-1", "first", answer=first["The one that asks for 24 hours"])
    assert "A long job fits into few gaps" in lena.get("/courses/S01/S01-1").text
    ask(lena, "S01-1", "first", answer=first["The one that asks for 20 minutes"])
    which = options_of(lena.get("/courses/S01/S01-1"), "which")
    ask(lena, "S01-1", "which", answer=[which["A GPU that loads data"], which["A GPU that trains"]])
    assert ask(lena, "S01-2", "bill", answer="six").status_code == 422
    ask(lena, "S01-2", "bill", answer="6,0 GPU-hours")
    ask(lena, "S01-2", "word", answer="squeue --me")
    for lesson in ("S01-1", "S01-2"):
        lena.post(f"/courses/S01/{lesson}/complete")
    assert "every lesson is done, a lab is left" in shown(lena.get("/home"))
    assert lena.post("/courses/S01/certificate").status_code == 409

    # She hands in; the machine grades; a mentor marks the written part.
    handed_in = lena.post("/labs/SL1/submissions", data={"notebook": (io.BytesIO(notebook()), "add.ipynb")})
    address = handed_in.location
    assert "Waiting" in shown(lena.get(address))
    assert "hx-trigger" in lena.get(address).text
    assert grade_all(worker) == 1
    assert "A mentor reads your written part" in shown(lena.get(address))
    assert "hx-trigger" not in lena.get(address).text
    readiness = shown(lena.get("/companies/nordlys-robotics"))
    assert "Closest is Lena, who still has to pass S01 and SL1" in readiness
    desk = f"/mentor{address}"
    assert "Lena" in shown(mentor.get("/mentor"))
    assert "Is it explained?" in shown(mentor.get(desk))
    unseen = {"seen": "0", "beside": hidden(mentor.get(desk), "beside")}
    assert mentor.post(desk, data={"points:why": "3", **unseen}).status_code == 422
    marked = mentor.post(desk, data={"points:why": "4", "comment": "Clear, **thank you**.", **unseen})
    assert marked.location == "/mentor"
    assert mentor.post(desk, data={"points:why": "0", **unseen}).status_code == 409
    result = lena.get(address)
    assert "10" in shown(result)
    assert "<strong>thank you</strong>" in result.text

    # She takes her own certificate; the centre confirms the company's.
    mine = lena.post("/courses/S01/certificate").location
    assert lena.post("/courses/S01/certificate").location == mine
    assert lena.post("/companies/nordlys-robotics/levels/R1").status_code == 404
    assert "Waits for you" in shown(staff.get("/staff"))
    issued = staff.post("/companies/nordlys-robotics/levels/R1", data={"reason": "Seen."}).location
    assert staff.post("/companies/nordlys-robotics/levels/R1").location == issued
    assert staff.post("/companies/nordlys-robotics/levels/R2").status_code == 409

    # A stranger opens it and checks it with a library and the published keys.
    page = stranger.get(issued)
    assert "This certificate is valid" in shown(page)
    assert "Nordlys Robotics" in shown(page)
    assert not re.search(r"\bLena\b|lena@", page.text)
    number = issued.rpartition("/")[2]
    assert stranger.get(f"/credentials?number= http://slipway.test{issued.upper()} ").location == issued
    (jwk,) = [each for each in stranger.get("/.well-known/jwks.json").json["keys"] if each["kty"] == "EC"]
    token = stranger.get(f"{issued}.jwt").text
    claims = jwt.decode(token, ECKey.import_key(jwk), algorithms=["ES256"]).claims
    assert claims["credentialSubject"]["name"] == "Nordlys Robotics"
    assert claims["id"] == f"http://slipway.test/credentials/{number}"
    did = stranger.get("/.well-known/did.json").json
    assert did["id"] == claims["iss"]
    (method,) = [each for each in did["verificationMethod"] if each["type"] == "JsonWebKey"]
    assert method["id"] == jwt.decode(token, ECKey.import_key(method["publicKeyJwk"])).header["kid"]
    assert stranger.get(f"/keys/{jwk['kid']}").json["x"] == jwk["x"]

    # It is revoked with a reason, which everybody sees, and can be issued anew.
    revoke = f"/staff{issued}/revoke"
    assert staff.post(revoke, data={"reason": ""}).status_code == 422
    assert lena.post(revoke, data={"reason": "x"}).status_code == 404
    assert "This certificate is valid" in shown(stranger.get(issued))
    staff.post(revoke, data={"reason": "Issued by <b>mistake</b>."})
    told = stranger.get(issued)
    assert "was revoked" in shown(told)
    assert "Issued by &lt;b&gt;mistake&lt;/b&gt;." in told.text
    again = staff.post("/companies/nordlys-robotics/levels/R1").location
    assert again != issued
    assert "This certificate is valid" in shown(stranger.get(again))
    assert "3 certificates" in shown(staff.get("/staff/credentials"))
