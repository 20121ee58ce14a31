"""Where evidence is kept: by its SHA-256, written once, checked whenever it is read."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from planner import filetypes, previews
from planner.config import BadSetting
from planner.domain.errors import BadUpload, CorruptEvidence, StoreUnavailable
from planner.domain.text import t
from planner.filenames import clean_name

_CHUNK = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MEGABYTE = 1 << 20


class Readable(Protocol):
    """What is uploaded; it is read once, from where it stands to its end."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most `size` of them; none at the end."""


@dataclass(frozen=True)
class StoredFile:
    """A file that was taken in: hash as 64 lower-case hex digits, size in bytes, clean name."""

    sha256: str
    size: int
    media_type: str
    name: str


def open_store(url: str) -> EvidenceStore:
    """The store at the address in PLANNER_EVIDENCE_URL, made if it is not there yet.

    Raises BadSetting if the address is none of a folder, or the folder cannot be used.
    """
    parts = urlsplit(url)
    path = Path(unquote(parts.path))
    is_here = parts.scheme == "file" and parts.netloc in ("", "localhost")
    is_folder = path.is_absolute() and path != Path("/") and not parts.query + parts.fragment
    if not is_here or not is_folder:
        raise BadSetting(
            "PLANNER_EVIDENCE_URL must name a folder, for example file:///srv/planner/evidence "
            f"(buckets, s3://, will come later), not {url!r}"
        )
    try:
        return EvidenceStore(path)
    except OSError as error:
        raise BadSetting(
            f"PLANNER_EVIDENCE_URL: the folder {path} cannot be used: {error.strerror}"
        ) from error


class EvidenceStore:
    """Evidence in a local folder: ab/cd/abcd…, beside tmp/ for what is on its way in.

    A file appears under its hash only when all of it is safely on the disk. Processes and threads
    may share the folder. Raises StoreUnavailable if the disk is full or refuses.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "tmp"
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._incoming.mkdir(mode=0o700, exist_ok=True)

    def receive(self, stream: Readable, name: str, max_bytes: int) -> StoredFile:
        """Take a file in. When this returns, the file is on the disk, and its row may be written.

        Content that is known already is stored afresh in its place: one file, and a new age.
        Raises BadUpload if it is empty, larger than `max_bytes`, damaged, or of no type taken in.
        """
        name = clean_name(name)
        with self._temporary() as (file, path):
            sha256, size = _copy(stream, file, max_bytes)
            kind = filetypes.check(file, name)
            previews.check(file, kind.media_type)
            with _disk_trouble():
                os.fsync(file.fileno())
                self._keep(path, self._path(sha256))
        return StoredFile(sha256, size, kind.media_type, name)

    def open(self, sha256: str) -> BinaryIO:
        """The file, at its start, once all of it has been checked against its hash.

        Raises CorruptEvidence if it is gone or was changed. The caller closes it.
        """
        with _disk_trouble(), _missing(sha256):
            file = self._path(sha256).open("rb")
            try:
                found = hashlib.file_digest(file, "sha256").hexdigest()
                file.seek(0)
            except BaseException:
                file.close()
                raise
        if found == sha256:
            return file
        file.close()
        raise CorruptEvidence(
            t("The stored file %(sha256)s was changed after it was handed in.", sha256=sha256)
        )

    def exists(self, sha256: str) -> bool:
        """Whether there is a file under this hash; its content is not checked."""
        return self._path(sha256).is_file()

    def size(self, sha256: str) -> int:
        """Bytes on the disk. Raises CorruptEvidence if the file is gone."""
        with _disk_trouble(), _missing(sha256):
            return self._path(sha256).stat().st_size

    def remove(self, sha256: str, older_than: datetime) -> bool:
        """Delete the file unless it was received again since; whether it is gone now."""
        path = self._path(sha256)
        with _disk_trouble(), self._lock(fcntl.LOCK_EX):
            if path.exists() and not _is_older(path, older_than):
                return False
            path.unlink(missing_ok=True)
        return True

    def sweep_candidates(self, older_than: datetime) -> Iterator[str]:
        """Hashes of the files last received before `older_than`, whoever refers to them.

        Also clears what an upload that broke off before then left in tmp/.
        """
        for path in self._incoming.iterdir():
            if _is_older(path, older_than):
                path.unlink(missing_ok=True)
        for path in self._root.glob("??/??/*"):
            if _SHA256.fullmatch(path.name) and _is_older(path, older_than):
                yield path.name

    def check(self) -> None:
        """Raises StoreUnavailable if nothing can be written just now."""
        with self._temporary() as (file, _), _disk_trouble():
            file.write(b"ready")
            os.fsync(file.fileno())

    def _path(self, sha256: str) -> Path:
        """The only way from a hash to a path. Raises ValueError for what is not a hash."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"not a SHA-256 in lower-case hex digits: {sha256!r}")
        return self._root / sha256[:2] / sha256[2:4] / sha256

    @contextmanager
    def _temporary(self) -> Iterator[tuple[BinaryIO, Path]]:
        """A file in tmp/, on the same disk, that is gone afterwards unless it was moved."""
        with _disk_trouble():
            handle, name = tempfile.mkstemp(dir=self._incoming)
        path = Path(name)
        try:
            with os.fdopen(handle, "r+b", buffering=0) as file:
                yield file, path
        finally:
            path.unlink(missing_ok=True)

    def _keep(self, temporary: Path, path: Path) -> None:
        folders = (path.parent, path.parent.parent, self._root)
        with self._lock(fcntl.LOCK_SH):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary.replace(path)
        for folder in folders:
            _sync_folder(folder)

    @contextmanager
    def _lock(self, how: int) -> Iterator[None]:
        """Shared by those who bring, exclusive for who removes: so no new arrival is removed."""
        with (self._root / ".lock").open("ab") as file:
            fcntl.flock(file, how)
            yield


def _copy(stream: Readable, file: BinaryIO, max_bytes: int) -> tuple[str, int]:
    """Copy and hash at once; the hash and the size. What the stream raises passes through."""
    digest = hashlib.sha256()
    size = 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            limit = f"{max_bytes / _MEGABYTE:.3g}"
            raise BadUpload(t("The file is larger than %(limit)s MB.", limit=limit))
        digest.update(chunk)
        with _disk_trouble():
            _write_all(file, chunk)
    if not size:
        raise BadUpload(t("The file is empty."))
    return digest.hexdigest(), size


def _write_all(file: BinaryIO, data: bytes) -> None:
    """Unbuffered files may take less than they are given."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _is_older(path: Path, moment: datetime) -> bool:
    """Whether the file was written before; False if it vanished meanwhile."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC) < moment
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    """Make the folder's entries survive a power cut, as fsync of a file does for its content."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _missing(sha256: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise CorruptEvidence(t("The stored file %(sha256)s is missing.", sha256=sha256)) from error


@contextmanager
def _disk_trouble() -> Iterator[None]:
    """Turn what the disk refuses into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            reason = t("The place for evidence is full. Nothing was stored; please tell the admin.")
        else:
            reason = t(
                "The place for evidence cannot be used (%(error)s). Nothing was stored; please "
                "tell the admin.",
                error=error.strerror,
            )
        raise StoreUnavailable(reason) from error
