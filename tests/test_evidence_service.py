"""Evidence: staging, links, citations, and who may see what."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from planner.domain.errors import BadInput, NotAllowed, NotFound
from planner.models import Blob, Evidence, StagedFile, Submission
from planner.services import breakdown, evidence, handing_in
from planner.services.evidence import EvidenceForm
from planner.services.handing_in import SubmissionForm
from tests.support import verbs
from tests.support.cast import Cast
from tests.support.files import png

LINK = "https://example.org/proof"


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


@pytest.fixture
def row(cast: Cast) -> int:
    """The row of 县教委, signed for."""
    return verbs.start(cast, cast.edu_row)


def refused(act: Callable[[], object], field: str | None) -> None:
    with pytest.raises(BadInput) as refusal:
        act()
    assert refusal.value.field == field


def waiting(cast: Cast, username: str, assignment_id: int) -> list[str]:
    with cast.reading() as db:
        found = evidence.staged_files(db, cast.actor(username), assignment_id)
        return [each.token for each in found]


def pieces(cast: Cast, submission_id: int) -> list[Evidence]:
    with cast.reading() as db:
        return list(db.get_one(Submission, submission_id).evidence)


def load(cast: Cast, username: str, assignment_id: int, evidence_id: int) -> Evidence:
    with cast.reading() as db:
        return evidence.load(db, cast.actor(username), assignment_id, evidence_id)


def test_a_staged_file_waits_for_its_person_and_its_assignment(cast: Cast, row: int) -> None:
    token = verbs.stage(cast, row)
    other = verbs.start(cast, cast.charger_row)
    assert waiting(cast, "edu", row) == [token]
    assert waiting(cast, "edu-head", row) == waiting(cast, "edu", other) == []
    with cast.reading() as db:
        assert evidence.own_staged(db, cast.actor("edu"), token).token == token
        for who in ("edu-head", "coordinator", "admin"):
            with pytest.raises(NotFound):
                evidence.own_staged(db, cast.actor(who), token)


def test_only_who_may_hand_in_may_stage(cast: Cast, row: int) -> None:
    for who in ("coordinator", "supervisor", "leader"):
        with pytest.raises(NotAllowed):
            verbs.stage(cast, row, who)
    for who in ("health", "auditor", "admin"):
        with pytest.raises(NotFound):
            verbs.stage(cast, row, who)
    assert not waiting(cast, "health", row)


def test_a_staged_file_becomes_evidence_and_leaves_staging(cast: Cast, row: int) -> None:
    stored = verbs.receive(cast, name="../../验收 照片.png")
    token = verbs.stage_stored(cast, row, "edu", stored).token
    (piece,) = pieces(cast, verbs.submit(cast, row, proof=EvidenceForm(tokens=(token,))))
    assert (piece.kind, piece.name, piece.url) == ("file", "验收 照片.png", None)
    assert (piece.sha256, piece.position) == (stored.sha256, 1)
    assert waiting(cast, "edu", row) == []


def test_a_token_of_somebody_else_or_of_another_assignment_is_refused(cast: Cast, row: int) -> None:
    other = verbs.start(cast, cast.charger_row)
    tokens = [verbs.stage(cast, row, "edu-head"), verbs.stage(cast, other), "none"]
    for token in tokens:
        proof = EvidenceForm(tokens=(token,))
        refused(lambda proof=proof: verbs.submit(cast, row, proof=proof), "evidence")  # type: ignore[misc]
    twice = EvidenceForm(tokens=(verbs.stage(cast, row),) * 2)
    refused(lambda: verbs.submit(cast, row, proof=twice), "evidence")


def test_staged_files_survive_a_verb_that_failed(cast: Cast, row: int) -> None:
    """Nothing typed or uploaded is lost: the file waits for the next try."""
    token = verbs.stage(cast, row)
    wrong = EvidenceForm(tokens=(token,), links=("ftp://example.org",))
    refused(lambda: verbs.submit(cast, row, proof=wrong), "links")
    assert waiting(cast, "edu", row) == [token]
    made = verbs.submit(cast, row, proof=EvidenceForm(tokens=(token,)))
    assert len(pieces(cast, made)) == 1


def test_one_file_is_stored_once_however_often_it_is_handed_in(cast: Cast, row: int) -> None:
    content = png(size=(9, 9))
    tokens = tuple(verbs.stage(cast, row, content=content) for _ in range(2))
    first, second = pieces(cast, verbs.report(cast, row, proof=EvidenceForm(tokens=tokens)))
    other = verbs.start(cast, cast.health_row, "health")
    token = verbs.stage(cast, other, "health", content)
    (third,) = pieces(
        cast, verbs.submit(cast, other, liaison="health", proof=EvidenceForm(tokens=(token,)))
    )
    assert first.sha256 == second.sha256 == third.sha256
    with cast.reading() as db:
        assert db.scalar(select(func.count()).select_from(Blob)) == 1


def test_uploading_a_known_file_refreshes_it(cast: Cast, row: int) -> None:
    """So that no sweep takes what a form is about to use."""
    stored = verbs.receive(cast)
    verbs.stage_stored(cast, row, "edu", stored)
    with cast.reading() as db:
        first = db.get_one(Blob, stored.sha256)
    verbs.stage_stored(cast, row, "edu", stored)
    with cast.reading() as db:
        again = db.get_one(Blob, stored.sha256)
    assert again.stored_at == first.stored_at
    assert again.refreshed_at > first.refreshed_at


def test_the_same_new_file_can_arrive_twice_at_once(cast: Cast, row: int) -> None:
    stored, together = verbs.receive(cast), Barrier(4)

    def arrive(username: str) -> None:
        together.wait(timeout=10)
        verbs.stage_stored(cast, row, username, stored)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(arrive, who) for who in ("edu", "edu-head") * 2]:
            done.result()
    with cast.reading() as db:
        assert db.scalar(select(func.count()).select_from(StagedFile)) == 4
        assert db.scalar(select(func.count()).select_from(Blob)) == 1


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//example.org/x",
        "example.org",
        "",
        "https://",
        "http:///path",
        "http://[::1",
        "https://example.org/a b",
        "https://example.org/\x00",
        "https://exam\tple.org/",
        "https://example.org/" + "x" * 2000,
    ],
)
def test_a_link_is_a_full_web_address(cast: Cast, row: int, url: str) -> None:
    refused(lambda: verbs.submit(cast, row, proof=EvidenceForm(links=(url,))), "links")


def test_a_link_is_kept_whole_with_a_short_name(cast: Cast, row: int) -> None:
    url = "https://例子.中国/文件?名=" + "长" * 1900
    (piece,) = pieces(cast, verbs.submit(cast, row, proof=EvidenceForm(links=(f" {url} ",))))
    assert (piece.kind, piece.url, piece.name) == ("link", url, url[:255])
    assert piece.sha256 is None


def test_at_most_fifty_pieces_at_once(cast: Cast, row: int) -> None:
    links = tuple(f"https://example.org/{number}" for number in range(51))
    refused(lambda: verbs.report(cast, row, proof=EvidenceForm(links=links)), "evidence")
    made = verbs.report(cast, row, proof=EvidenceForm(links=links[:50]))
    assert [each.position for each in pieces(cast, made)] == list(range(1, 51))


def test_proof_of_the_own_unit_can_be_cited_for_other_work(cast: Cast, row: int) -> None:
    token = verbs.stage(cast, row)
    (first,) = pieces(cast, verbs.submit(cast, row, proof=EvidenceForm(tokens=(token,))))
    other = verbs.start(cast, cast.charger_row)
    (cited,) = pieces(cast, verbs.submit(cast, other, "3", proof=EvidenceForm(cited=(first.id,))))
    assert (cited.cites_id, cited.sha256, cited.name) == (first.id, first.sha256, first.name)
    with cast.reading() as db:
        offered = list(db.scalars(evidence.citable(cast.actor("edu"))))
    assert [each.id for each in offered] == [first.id]


def test_proof_of_another_unit_is_not_cited(cast: Cast, row: int) -> None:
    """Neither a stranger's, nor that of the school below, which 县教委 may well open."""
    verbs.start(cast, cast.health_row, "health")
    (foreign,) = pieces(cast, verbs.submit(cast, cast.health_row, liaison="health"))
    cast.do(breakdown.issue, "coordinator", cast.school_row)
    with cast.runtime.sessions.writing() as db:
        actor = cast.actor("edu")
        school = type(actor)(
            actor.kind, "校长", cast.users["edu"], cast.units["县第一中学"], actor.roles
        )
        handing_in.acknowledge(db, school, cast.clock(), cast.school_row)
        form = SubmissionForm("完成。", evidence=EvidenceForm(links=(LINK,)))
        below = handing_in.submit(db, school, cast.clock(), cast.school_row, form).evidence[0].id
        db.commit()
    assert load(cast, "edu", cast.school_row, below).url == LINK
    for evidence_id in (foreign.id, below, 999):
        proof = EvidenceForm(cited=(evidence_id,))
        refused(lambda proof=proof: verbs.submit(cast, row, proof=proof), "cited")  # type: ignore[misc]


def test_evidence_is_loaded_only_through_its_assignment(cast: Cast, row: int) -> None:
    (piece,) = pieces(cast, verbs.submit(cast, row))
    other = verbs.start(cast, cast.charger_row)
    assert load(cast, "edu", row, piece.id).id == piece.id
    with pytest.raises(NotFound):
        load(cast, "edu", other, piece.id)


def test_evidence_is_for_those_who_may_see_the_assignment(cast: Cast, row: int) -> None:
    (piece,) = pieces(cast, verbs.submit(cast, row))
    for who in ("edu", "edu-head", "coordinator", "supervisor", "leader"):
        assert load(cast, who, row, piece.id).id == piece.id
    for who in ("health", "auditor", "admin"):
        with pytest.raises(NotFound):
            load(cast, who, row, piece.id)
