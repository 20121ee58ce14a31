"""The command that proves that what was frozen is what it was."""

from __future__ import annotations

import click
from sqlalchemy import func, select

from planner.cli.common import Refused, as_json, print_json, ready, the_plan
from planner.domain.errors import DomainError
from planner.models import Blob, Snapshot
from planner.services import snapshots
from planner.services.snapshots import Difference
from planner.storage import EvidenceStore


@click.command()
@as_json
def verify(json_: bool) -> None:
    """Recompute every frozen result to the digit, and check every stored file by its hash."""
    parts = ready()
    with parts.sessions.reading() as session:
        the_plan(session)
        differences = list(snapshots.verify(session))
        revisions = session.scalar(select(func.count(Snapshot.id))) or 0
        files = list(session.scalars(select(Blob.sha256).order_by(Blob.sha256)))
    broken = [sha256 for sha256 in files if not _is_whole(parts.store, sha256)]
    if json_:
        print_json(
            {
                "revisions": revisions,
                "files": len(files),
                "differences": [_said(each) for each in differences],
                "broken_files": broken,
            }
        )
    else:
        for line in (*map(_said, differences), *(f"{each}: missing or changed" for each in broken)):
            click.echo(line)
        click.echo(f"Frozen results verified: {revisions}; stored files: {len(files)}")
    if differences or broken:
        raise Refused(f"not as they were: {len(differences)} results, {len(broken)} files")


def _said(each: Difference) -> str:
    of = f", {each.unit}" if each.unit else ""
    return f"{each.assessment}, revision {each.revision}{of}: {each.text}"


def _is_whole(store: EvidenceStore, sha256: str) -> bool:
    """Whether the file is there and still has its hash: the store looks while it is read."""
    try:
        store.open(sha256).close()
    except (DomainError, OSError):
        return False
    return True
