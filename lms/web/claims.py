"""Evidence from a real machine, as the learner meets it: what is asked, handing it in, what was read from it, and the decision."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from lms.content.model import Lab
from lms.errors import Conflict, Invalid, NotFound
from lms.labs.evidence.hand_in import claims_of, hand_in, latest_decision, named_apart, pieces_of
from lms.labs.evidence.judge import access_claim, may_judge
from lms.labs.evidence.pieces import MOST_BYTES, Piece, Unreadable
from lms.labs.evidence.reading import Reading, read
from lms.labs.evidence.rows import ADVICE
from lms.labs.evidence.tables import EvidenceClaim, EvidenceDecision
from lms.labs.submit import bench_of, start
from lms.people.tables import Person
from lms.web.attachment import attachment
from lms.web.plain_markdown import rendered
from lms.web.refusals import status_of
from lms.web.request import now, reading, services, transaction, viewer
from lms.words import gettext as _

pages = Blueprint("claims", __name__)

SLOTS = ("record", "log", "script")
"""The three places of the form, and what a pasted file is called that has no name. What a file is, is told by what is in it."""


@dataclass(frozen=True)
class Slot:
    """One place of the form as it was sent: text to show again, and the name of the file it came from. `is_whole` is false where something
    of it could not be shown again.
    """

    text: str = ""
    name: str = ""
    error: str = ""
    is_whole: bool = True


@dataclass(frozen=True)
class Brought:
    """A claim with everything a page says of it. `reading` is None when today's rules cannot read it any more."""

    claim: EvidenceClaim
    lab: Lab
    person: Person
    pieces: tuple[Piece, ...]
    reading: Reading | None
    decision: EvidenceDecision | None
    judge: Person | None

    @property
    def comment(self) -> Markup:
        return rendered(self.decision.comment) if self.decision else Markup()

    @property
    def standing(self) -> str:
        return standing_of(self.decision)


def standing_of(decision: EvidenceDecision | None) -> str:
    """`waiting`, `accepted` or `declined`."""
    if decision is None:
        return "waiting"
    return "accepted" if decision.accepted else "declined"


def newest_of(session: Session, work_id: int) -> tuple[EvidenceClaim | None, str]:
    """The claim that counts for this work, and where it stands; "" without one."""
    claims = claims_of(session, work_id)
    return (claims[0], standing_of(latest_decision(session, claims[0].id))) if claims else (None, "")


def brought_of(session: Session, claim: EvidenceClaim) -> Brought:
    """Reads what belongs to a claim, under the release it was made for."""
    lab = services().shelf.edition(session, claim.release_id).catalogue.lab_by_id[claim.lab_id]
    decision = latest_decision(session, claim.id)
    pieces = tuple(pieces_of(session, claim.id))
    try:
        found = read(pieces)
    except Invalid:
        found = None
    return Brought(
        claim=claim,
        lab=lab,
        person=session.get_one(Person, claim.person_id),
        pieces=pieces,
        reading=found,
        decision=decision,
        judge=session.get(Person, decision.mentor_id) if decision else None,
    )


@pages.get("/labs/<lab_id>/evidence")
def asked(lab_id: str) -> str:
    return _page(lab_id, {})


@pages.post("/labs/<lab_id>/evidence")
def bring(lab_id: str) -> tuple[str, int] | BaseResponse:
    given = {slot: _sent(slot) for slot in SLOTS}
    pieces = {slot: piece for slot, piece in given.items() if piece is not None}
    named = dict(zip(pieces, named_apart(list(pieces.values())), strict=True))
    try:
        with transaction() as session:
            bench = bench_of(session, services().shelf, viewer().id, lab_id)
            if bench.lab.evidence is None:
                raise NotFound(_("This lab asks for no evidence from a real machine."))
            work = bench.work or start(session, viewer().id, bench.lab, bench.edition.id, now=now())
            claim = hand_in(session, work, bench.lab, list(named.values()), now=now())
    except (Invalid, Conflict) as refusal:
        slots = {slot: _again(slot, named.get(slot), refusal) for slot in SLOTS}
        return _page(lab_id, slots, refusal.message), status_of(refusal)
    return redirect(url_for("claims.claim", claim_id=claim.id))


@pages.get("/evidence/<int:claim_id>")
def claim(claim_id: int) -> str:
    session = reading()
    found = brought_of(session, access_claim(session, viewer(), claim_id))
    newest = claims_of(session, found.claim.work_id)[0]
    return render_template(
        "labs/claim.html",
        brought=found,
        newest=newest,
        is_mine=found.claim.person_id == viewer().id,
        may_judge=may_judge(session, viewer(), found.claim),
    )


@pages.get("/evidence/<int:claim_id>/files/<int:position>")
def file(claim_id: int, position: int) -> Response:
    """Exactly the bytes that were handed in."""
    session = reading()
    found = access_claim(session, viewer(), claim_id)
    pieces = pieces_of(session, found.id)
    if not 1 <= position <= len(pieces):
        raise NotFound(_("There is no such file."))
    piece = pieces[position - 1]
    return attachment(piece.data, piece.name, "application/octet-stream")


def _page(lab_id: str, slots: Mapping[str, Slot], refusal: str = "") -> str:
    session = reading()
    bench = bench_of(session, services().shelf, viewer().id, lab_id)
    if bench.lab.evidence is None:
        raise NotFound(_("This lab asks for no evidence from a real machine."))
    past = claims_of(session, bench.work.id) if bench.work else []
    newest = latest_decision(session, past[0].id) if past else None
    return render_template(
        "labs/evidence.html",
        lab=bench.lab,
        ask=rendered(bench.lab.evidence.ask),
        history=past,
        newest=newest,
        slots={slot: slots.get(slot, Slot()) for slot in SLOTS},
        refusal=refusal,
        advice=ADVICE,
        limit=MOST_BYTES // 2**20,
    )


def _sent(slot: str) -> Piece | None:
    """What came in one place: the file if one was chosen, else the text. Browsers send a text with Windows' line ends."""
    upload = _chosen(slot)
    if upload is not None:
        return Piece(upload.filename or "", upload.stream.read(MOST_BYTES + 1))
    text = _pasted(slot)
    if not text.strip():
        return None
    return Piece(request.form.get(f"{slot}_name") or f"{slot}.txt", text.encode(errors="replace"))


def _chosen(slot: str) -> FileStorage | None:
    upload = request.files.get(f"{slot}_file")
    return upload if upload is not None and upload.filename else None


def _pasted(slot: str) -> str:
    return request.form.get(slot, "").replace("\r\n", "\n")


def _again(slot: str, piece: Piece | None, refusal: Invalid | Conflict) -> Slot:
    """A place as it is shown again. A browser forgets which file was chosen, so its text comes back in the field; what was pasted stays
    where no file takes its place.
    """
    if piece is None:
        return Slot()
    blamed = refusal.message if isinstance(refusal, Unreadable) and refusal.piece == piece.name else ""
    name, pasted = "" if piece.name == f"{slot}.txt" else piece.name, _pasted(slot)
    if _chosen(slot) is None:
        return Slot(pasted, name, blamed)
    try:
        return Slot(piece.text, name, blamed, is_whole=pasted.strip() in ("", piece.text.strip()))
    except Unreadable:  # no text, or too much of it: the message says so
        return Slot(pasted, request.form.get(f"{slot}_name", ""), blamed, is_whole=False)
