"""What every store of evidence must hold to; the fixture `store` says which one is tried."""

import errno
import hashlib
import io
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.config import BadSetting
from planner.domain.errors import BadUpload, CorruptEvidence, StoreUnavailable
from planner.storage import EvidenceStore, StoredFile, open_store
from tests.support import files

MEGABYTE = 1 << 20
PDF = files.pdf()
PDF_SHA256 = hashlib.sha256(PDF).hexdigest()
UNKNOWN = "0" * 64


class Folder:
    """A store's place as its administrator sees it; another kind of store brings its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = path.as_uri()

    def names(self) -> list[str]:
        """Names of everything kept, finished or not."""
        found = (path for path in self.path.rglob("*") if path.is_file())
        return sorted(path.name for path in found if path.name != ".lock")

    def spoil(self, sha256: str) -> None:
        (path,) = self.path.glob(f"*/*/{sha256}")
        path.write_bytes(path.read_bytes()[:-1] + b"X")

    def make_old(self) -> None:
        long_ago = (now() - timedelta(days=3)).timestamp()
        for path in self.path.rglob("*"):
            os.utime(path, (long_ago, long_ago))


@pytest.fixture
def place(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "佐证 材料")


@pytest.fixture
def store(place: Folder) -> EvidenceStore:
    return open_store(place.url)


class BreaksOff:
    """An upload whose connection breaks after its first piece."""

    def __init__(self) -> None:
        self.pieces = iter([PDF])

    def read(self, size: int, /) -> bytes:
        for piece in self.pieces:
            return piece
        raise ConnectionResetError(errno.ECONNRESET, "the phone left the network")


def put(store: EvidenceStore, content: bytes = PDF, name: str = "报告.pdf") -> StoredFile:
    return store.receive(io.BytesIO(content), name, MEGABYTE)


def now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def test_what_is_received_can_be_opened(store: EvidenceStore) -> None:
    stored = put(store, name="../报告.pdf")
    assert stored == StoredFile(PDF_SHA256, len(PDF), "application/pdf", "报告.pdf")
    assert store.exists(stored.sha256)
    assert store.size(stored.sha256) == len(PDF)
    with store.open(stored.sha256) as file:
        assert file.read() == PDF


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_any_content_comes_back_byte_for_byte(store: EvidenceStore, text: str) -> None:
    stored = put(store, text.encode(), "a.txt")
    with store.open(stored.sha256) as file:
        assert file.read().decode() == text


def test_a_file_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(
    store: EvidenceStore, place: Folder
) -> None:
    text = b"a" * (3 * MEGABYTE)
    assert store.receive(io.BytesIO(text), "a.txt", len(text)).size == len(text)
    before = place.names()
    with pytest.raises(BadUpload, match="larger than 3 MB"):
        store.receive(io.BytesIO(text + b"b"), "a.txt", len(text))
    assert place.names() == before


def test_nothing_is_read_far_beyond_the_limit(store: EvidenceStore) -> None:
    """An endless upload must end by itself."""
    endless = io.BytesIO(b"a" * (20 * MEGABYTE))
    with pytest.raises(BadUpload):
        store.receive(endless, "a.txt", MEGABYTE)
    assert endless.tell() <= 2 * MEGABYTE


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.pdf", "is empty"),
        (b"", "a.txt", "is empty"),
        (files.EXE, "a.pdf", "a program"),
        (files.HTML, "a.png", "a web page"),
    ],
)
def test_a_refused_file_leaves_nothing_behind(
    store: EvidenceStore, place: Folder, content: bytes, name: str, words: str
) -> None:
    with pytest.raises(BadUpload, match=words):
        put(store, content, name)
    assert place.names() == []


def test_a_damaged_picture_is_refused_and_leaves_nothing_behind(
    store: EvidenceStore, place: Folder
) -> None:
    before = place.names()
    with pytest.raises(BadUpload, match="damaged"):
        store.receive(io.BytesIO(files.jpeg((400, 300))[:-400]), "现场.jpg", MEGABYTE)
    assert place.names() == before


def test_an_upload_that_breaks_off_leaves_nothing_behind(
    store: EvidenceStore, place: Folder
) -> None:
    with pytest.raises(ConnectionResetError):
        store.receive(BreaksOff(), "a.pdf", MEGABYTE)
    assert place.names() == []
    assert not store.exists(PDF_SHA256)


def test_the_same_content_is_kept_once_and_every_name_is_given_back(
    store: EvidenceStore, place: Folder
) -> None:
    first, second = put(store, name="a.pdf"), put(store, name="b.pdf")
    assert (first.name, second.name) == ("a.pdf", "b.pdf")
    assert place.names() == [PDF_SHA256]


def test_eight_uploads_of_one_file_at_once_leave_one_file(
    store: EvidenceStore, place: Folder
) -> None:
    together = threading.Barrier(8)

    def upload(_: int) -> str:
        together.wait()
        return put(store).sha256

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(upload, range(8))) == {PDF_SHA256}
    assert place.names() == [PDF_SHA256]


def test_a_changed_byte_is_noticed_and_a_good_copy_heals_it(
    store: EvidenceStore, place: Folder
) -> None:
    put(store)
    place.spoil(PDF_SHA256)
    with pytest.raises(CorruptEvidence, match="changed"):
        store.open(PDF_SHA256)
    put(store)
    store.open(PDF_SHA256).close()


def test_a_missing_file_is_said_to_be_missing(store: EvidenceStore) -> None:
    assert not store.exists(UNKNOWN)
    with pytest.raises(CorruptEvidence, match="missing"):
        store.open(UNKNOWN)
    with pytest.raises(CorruptEvidence, match="missing"):
        store.size(UNKNOWN)


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "ab", PDF_SHA256.upper(), PDF_SHA256 + "\n", "/" * 64]
)
def test_only_a_hash_leads_to_a_file(store: EvidenceStore, name: str) -> None:
    for verb in (store.open, store.exists, store.size):
        with pytest.raises(ValueError, match="not a SHA-256"):
            verb(name)
    with pytest.raises(ValueError, match="not a SHA-256"):
        store.remove(name, now())


def test_the_sweep_names_only_what_was_not_received_lately(store: EvidenceStore) -> None:
    put(store)
    assert list(store.sweep_candidates(now() - timedelta(days=1))) == []
    assert list(store.sweep_candidates(now() + timedelta(minutes=1))) == [PDF_SHA256]


def test_receiving_again_saves_a_file_from_the_sweep(store: EvidenceStore, place: Folder) -> None:
    """Between the sweep's look and its deed somebody may hand the same file in again."""
    put(store)
    place.make_old()
    yesterday = now() - timedelta(days=1)
    assert list(store.sweep_candidates(yesterday)) == [PDF_SHA256]
    put(store)
    assert store.remove(PDF_SHA256, yesterday) is False
    assert store.exists(PDF_SHA256)


def test_removing_twice_is_no_error(store: EvidenceStore) -> None:
    put(store)
    tomorrow = now() + timedelta(days=1)
    assert store.remove(PDF_SHA256, tomorrow) is True
    assert store.remove(PDF_SHA256, tomorrow) is True
    assert not store.exists(PDF_SHA256)


def test_a_store_that_can_be_written_says_nothing(store: EvidenceStore, place: Folder) -> None:
    store.check()
    assert place.names() == []


# --- what holds for folders only


KILLED = """
import os, signal, sys
from planner.storage import open_store

class Upload:
    pieces = [b"half a file", b""]
    def read(self, size):
        if len(self.pieces) == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.pieces.pop(0)

open_store(sys.argv[1]).receive(Upload(), "a.txt", 1000)
"""


def test_a_process_killed_in_the_middle_leaves_only_what_the_sweep_clears(
    store: EvidenceStore, place: Folder
) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, place.url], check=False)
    assert killed.returncode == -signal.SIGKILL
    (left,) = place.names()
    assert not store.exists(hashlib.sha256(b"half a file").hexdigest())
    assert list(store.sweep_candidates(now() - timedelta(days=1))) == []
    assert place.names() == [left]
    place.make_old()
    assert list(store.sweep_candidates(now() - timedelta(days=1))) == []
    assert place.names() == []


def test_file_and_folders_are_on_the_disk_before_the_row_may_be_written(
    store: EvidenceStore, place: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut may lose what was not fsynced: the file first, then each folder above it."""
    synced: list[str] = []
    really = os.fsync

    def recorded(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        really(handle)

    monkeypatch.setattr(os, "fsync", recorded)
    put(store)
    assert synced[0].startswith("tmp")
    assert synced[1:] == [PDF_SHA256[2:4], PDF_SHA256[:2], place.path.name]


@pytest.fixture
def _full_disk() -> Iterator[None]:
    """The kernel refuses every byte beyond a file's first 100,000."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.usefixtures("_full_disk")
def test_a_disk_that_refuses_is_said_in_words_and_leaves_nothing(
    store: EvidenceStore, place: Folder
) -> None:
    with pytest.raises(StoreUnavailable, match="Nothing was stored"):
        put(store, b"a" * 200_000, "a.txt")
    assert place.names() == []


def test_a_folder_that_is_gone_is_said_in_words(store: EvidenceStore, place: Folder) -> None:
    (place.path / "tmp").rmdir()
    with pytest.raises(StoreUnavailable):
        store.check()
    with pytest.raises(StoreUnavailable):
        put(store)


@pytest.mark.parametrize(
    "url",
    [
        "s3://bucket/planner",
        "file://elsewhere/srv/evidence",
        "file:relative",
        "file:///",
        "file:///srv/evidence?x=1",
        "/srv/evidence",
        "",
    ],
)
def test_an_address_that_is_not_a_folder_is_refused(url: str) -> None:
    with pytest.raises(BadSetting, match="PLANNER_EVIDENCE_URL must name a folder"):
        open_store(url)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BadSetting, match="cannot be used"):
        open_store((tmp_path / "file" / "evidence").as_uri())
