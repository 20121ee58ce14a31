"""What is wrong with a page, as far as its markup tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
UNSPOKEN = frozenset({"script", "style", "code", "pre"})
SPOKEN = ("alt", "aria-label", "placeholder", "title", "data-confirm")
LOADS = {"src", "action", "data", "poster", "srcset"}
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls")
HASH = re.compile(r"\b[0-9a-f]{12,64}\b")
WORD = re.compile(r"[A-Za-z]{2,}")


class Markup(HTMLParser):
    """Reads a page; `faults` says what is wrong with it, `words` what people read."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.words: list[str] = []
        self.language = ""
        self._open: list[tuple[str, dict[str, str]]] = []
        self._tags: Counter[str] = Counter()
        self._ids: Counter[str] = Counter()
        self._labels: set[str] = set()
        self._refers: set[str] = set()
        self._unnamed: list[tuple[str, str]] = []
        self._headings: list[int] = []
        self.feed(html)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that closes itself, as in pictures."""
        self._note(tag, {name: value or "" for name, value in attrs})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the element says of itself."""
        given = {name: value or "" for name, value in attrs}
        self._note(tag, given)
        if tag not in VOID:
            self._open.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        """Elements close in the order in which they opened."""
        if tag in VOID:
            return
        inner = self._open.pop()[0] if self._open else "nothing"
        if inner != tag:
            self.wrong.append(f"</{tag}> closes {inner} at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        """What people read, unless it stands in another language."""
        tags = [tag for tag, _ in self._open]
        foreign = any(_is_foreign(tag, given) for tag, given in self._open)
        if data.strip() and not foreign and UNSPOKEN.isdisjoint(tags):
            self.words.append(data.strip())

    def _note(self, tag: str, given: dict[str, str]) -> None:
        if not any(outer == "svg" for outer, _ in self._open):
            self._tags[tag] += 1
        if "id" in given:
            self._ids[given["id"]] += 1
        if tag == "html":
            self.language = given.get("lang", "")
        if tag == "label":
            self._labels.add(given.get("for", ""))
        if re.fullmatch(r"h[1-6]", tag):
            self._headings.append(int(tag[1]))
        for name in REFERENCES:
            self._refers.update(given.get(name, "").split())
        if not _is_foreign(tag, given):
            self.words += [given[name] for name in SPOKEN if given.get(name)]
        self.wrong += _strict(tag, given)
        if _is_field(tag, given) and not self._is_named(given):
            self._unnamed.append((given.get("id", ""), given.get("name", tag)))

    def _is_named(self, given: dict[str, str]) -> bool:
        inside = any(tag == "label" for tag, _ in self._open)
        return inside or bool({"aria-label", "aria-labelledby"} & set(given))

    def faults(self) -> Iterator[str]:
        """Everything that is wrong with the page."""
        yield from self.wrong
        if self._open:
            yield f"never closed: {[tag for tag, _ in self._open]}"
        for tag in ("h1", "main", "title"):
            if self._tags[tag] != 1:
                yield f"{self._tags[tag]} {tag}"
        yield from (f"id {name} twice" for name, count in self._ids.items() if count > 1)
        yield from (f"nothing has the id {name}" for name in self._refers - set(self._ids))
        yield from (
            f"{name} has no label" for key, name in self._unnamed if key not in self._labels
        )
        for above, below in zip(self._headings, self._headings[1:], strict=False):
            if below > above + 1:
                yield f"h{below} after h{above}"

    def latin(self, known: frozenset[str]) -> set[str]:
        """Latin words that people read, other than the known ones."""
        texts = (HASH.sub("", text) for text in self.words)
        return {word for text in texts for word in WORD.findall(text)} - known


def _is_foreign(tag: str, given: dict[str, str]) -> bool:
    """In another language, or in none."""
    return given.get("translate") == "no" or ("lang" in given and tag != "html")


def _strict(tag: str, given: dict[str, str]) -> Iterator[str]:
    """What a strict content security policy refuses."""
    if "style" in given or tag == "style":
        yield f"<{tag}> has a style of its own"
    if tag == "script" and "src" not in given:
        yield "a script inside the page"
    yield from (f"<{tag} {name}>" for name in given if name.startswith("on"))
    loads = LOADS | ({"href"} if tag in ("link", "use", "image") else set())
    for name in loads & set(given):
        if re.match(r"(?i)\s*([a-z]+:)?//|javascript:|data:text", given[name]):
            yield f"<{tag}> loads {given[name]}"
    if tag == "a" and re.match(r"(?i)\s*(javascript|data):", given.get("href", "")):
        yield f"a link to {given['href']}"


def _is_field(tag: str, given: dict[str, str]) -> bool:
    hidden = ("hidden", "submit", "button")
    return tag in ("select", "textarea") or (tag == "input" and given.get("type") not in hidden)
