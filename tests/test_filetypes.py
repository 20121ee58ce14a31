import io
import unicodedata
from zipfile import ZIP_LZMA

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from planner import filetypes
from planner.domain.errors import BadUpload
from planner.filenames import MAX_BYTES, MAX_CHARACTERS, clean_name, split_name
from tests.support import files

UNKNOWN = "of an unknown kind"

GENUINE = {
    "报告.pdf": (files.pdf(), "application/pdf"),
    "locked.pdf": (files.locked_pdf(), "application/pdf"),
    "broken off.pdf": (files.pdf()[:40], "application/pdf"),
    "picture.PNG": (files.png(), "image/png"),
    "photo.jpg": (files.jpeg(), "image/jpeg"),
    "photo.jpeg": (files.jpeg(), "image/jpeg"),
    "photo.webp": (files.webp(), "image/webp"),
    "总结.docx": (files.docx(), filetypes.DOCX.media_type),
    "with a table in it.docx": (
        files.docx(extra={"word/embeddings/table.xlsx": files.xlsx()}),
        filetypes.DOCX.media_type,
    ),
    "台账.xlsx": (files.xlsx(), filetypes.XLSX.media_type),
    "slides.pptx": (files.pptx(), filetypes.PPTX.media_type),
    "电子公文.ofd": (files.ofd(), "application/ofd"),
    "old.doc": (files.ole("1Table", "CompObj", "Data", "WordDocument"), "application/msword"),
    "old.wps": (files.ole("WordDocument"), "application/msword"),
    "old.xls": (files.ole("Workbook"), "application/vnd.ms-excel"),
    "older.xls": (files.ole("Book"), "application/vnd.ms-excel"),
    "old.et": (files.ole("Workbook"), "application/vnd.ms-excel"),
    "old.ppt": (files.ole("PowerPoint Document"), "application/vnd.ms-powerpoint"),
    "old.dps": (files.ole("PowerPoint Document"), "application/vnd.ms-powerpoint"),
    "holds a table.doc": (files.ole("WordDocument", "Workbook"), "application/msword"),
    "utf8.txt": ("节能\t宣传\r\n".encode(), "text/plain"),
    "notepad.txt": ("节能".encode("utf-8-sig"), "text/plain"),
    "windows.txt": ("节能降耗，人人有责".encode("gb18030"), "text/plain"),
    "long.csv": ("县教委,1200\n".encode("gb18030") * 200_000, "text/csv"),
}

LIARS = {
    "program.pdf": (files.EXE, "a program"),
    "program.docx": (files.ELF, "a program"),
    "program.txt": (files.EXE, "a program"),
    "page.png": (files.HTML, "a web page or a script"),
    "page.txt": (files.HTML, "a web page or a script"),
    "page in the middle.csv": (b"a,b\n1,<script>alert(1)</script>\n", "a web page or a script"),
    "drawing.jpg": (files.SVG, "a web page or a script"),
    "drawing.txt": (files.SVG, "a web page or a script"),
    "script.txt": (files.SHELL, "a web page or a script"),
    "archive.docx": (files.zipped({"a.txt": "a"}), "an archive"),
    "archive.ofd": (files.zipped({"OFD.xml": "<other/>"}), "an archive"),
    "archive.pdf": (files.zipped({"a.txt": "a"}), "an archive"),
    "table.docx": (files.xlsx(), "an Excel workbook"),
    "official.docx": (files.ofd(), "an OFD document"),
    "new.doc": (files.docx(), "a Word document"),
    "old.docx": (files.ole("WordDocument"), "an old Word or WPS document"),
    "locked.docx": (files.ole("EncryptedPackage"), "a document locked with a password"),
    "macros.docx": (files.docx(extra={"word/vbaProject.bin": b"x"}), "a document with macros"),
    "macros.xls": (files.ole("Workbook", "_VBA_PROJECT"), "a document with macros"),
    "off the grid.doc": (files.ole("x") + bytes(64) + files.ole("WordDocument")[512:], UNKNOWN),
    "installer.doc": (files.ole("Binary.x"), UNKNOWN),
    "rotten.docx": (
        files.zipped({"[Content_Types].xml": "x" * 99}, ZIP_LZMA).replace(b"]\0\0", b"\xff\0\0", 1),
        "a damaged archive",
    ),
    "torn.docx": (files.docx()[:-30], "a damaged archive"),
    "picture.pdf": (files.png(), "a PNG picture"),
    "document.png": (files.pdf(), "a PDF document"),
    "both.docx": (files.pdf() + files.docx(), "a PDF document"),
    "rar.pdf": (b"Rar!\x1a\x07\x01\x00" + bytes(30), "an archive"),
    "heic.jpg": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50), "probably a .heif file"),
    "binary.txt": (b"\x00\x01\x02\x03", UNKNOWN),
    "controls.csv": (b"a,b\x07\n", UNKNOWN),
    "half a character.txt": (b"\xe8", UNKNOWN),
}


def check(content: bytes, name: str) -> str:
    return filetypes.check(io.BytesIO(content), name).media_type


@pytest.mark.parametrize("name", GENUINE)
def test_a_genuine_file_is_taken_in_under_its_type(name: str) -> None:
    content, media_type = GENUINE[name]
    assert check(content, name) == media_type


@pytest.mark.parametrize("name", LIARS)
def test_a_name_that_says_something_else_is_refused_in_clear_words(name: str) -> None:
    content, found = LIARS[name]
    with pytest.raises(BadUpload, match=f"the content is {found}"):
        check(content, name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("evidence.zip", "one by one"),
        ("film.mp4", "link"),
        ("setup.exe", r"\.exe are not taken in"),
        ("report.pdf.exe", r"\.exe are not taken in"),
        ("page.html", r"\.html are not taken in"),
        ("macros.docm", r"\.docm are not taken in"),
        ("no ending", "no ending"),
    ],
)
def test_other_kinds_are_refused_by_name_whatever_is_in_them(name: str, words: str) -> None:
    with pytest.raises(BadUpload, match=words):
        check(files.pdf(), name)


def test_a_list_of_members_that_would_fill_the_memory_is_not_read() -> None:
    many = files.docx(extra={f"{number:0200}": "" for number in range(9_000)})
    with pytest.raises(BadUpload, match="an archive"):
        check(many, "many.docx")


ZIPPED = [files.docx(), files.ofd(), files.xlsx()]


@given(st.data())
def test_damage_never_leads_to_anything_but_a_type_or_a_refusal(data: st.DataObject) -> None:
    """A parser that breaks in another way would answer with a server error."""
    content = bytearray(data.draw(st.sampled_from(ZIPPED)))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        check(bytes(content), "a.docx")
    except BadUpload:
        return


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("2024年节能工作总结.pdf", "2024年节能工作总结.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\王\\报告.docx", "报告.docx"),
        ("folder/", "folder"),
        ("evil\u202efdp.exe", "evilfdp.exe"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("  two   spaces .pdf ", "two spaces.pdf"),
        ("con.pdf", "_con.pdf"),
        ("LPT1", "_LPT1"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("what? <a>.pdf", "what_ _a_.pdf"),
        (".pdf", "file.pdf"),
        ("..", "file"),
        ("", "file"),
        ("\u200b", "file"),
        ("\ud800.pdf", "file.pdf"),
    ],
)
def test_names_are_made_safe_and_stay_legible(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@pytest.mark.parametrize("letter", ["a", "节", "𠮷"])
def test_a_long_name_is_cut_and_keeps_its_ending(letter: str) -> None:
    name = clean_name(letter * 1000 + ".pdf")
    assert name.endswith(letter + ".pdf")
    assert len(name) <= MAX_CHARACTERS
    assert len(name.encode()) <= MAX_BYTES
    assert len(name.encode()) > MAX_BYTES - 4 or len(name) == MAX_CHARACTERS


hostile = st.text(
    st.sampled_from("a节/\\..  :<\u202e\u200d\x00\n\u0301\u0338=") | st.characters(), max_size=300
)


@given(hostile)
@example("\\" * 500)
@example("a" * 119 + "." + "b" * 500)
@example("<\u0338.pdf")
def test_a_clean_name_is_safe_whatever_it_was(name: str) -> None:
    clean = clean_name(name)
    assert clean
    assert not set(clean) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in clean)
    assert clean.strip(" ") == clean
    assert not clean.startswith(".")
    assert not clean.endswith(".")
    assert len(clean) <= MAX_CHARACTERS
    assert len(clean.encode()) <= MAX_BYTES
    assert unicodedata.is_normalized("NFC", clean)
    assert clean_name(clean) == clean


@given(hostile, st.sampled_from(["pdf", "docx", "JPG"]))
def test_the_ending_survives_cleaning(stem: str, ending: str) -> None:
    assert split_name(clean_name(f"{stem}.{ending}"))[1] == ending
