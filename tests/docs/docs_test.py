"""The documentation says what the tree holds: links lead somewhere, files that are named are there, ops.md lists every
op, public-headers.md every public header, every room has its page."""

import glob
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TOPS = "springbok|tests|tools|bench|fuzz|examples|recipes|cmake|docs"
# `data/load/order.cpp`, `kernels/norm_relu.*`, and any kind of file below a folder of the tree.
SOURCE = r"(?:[\w*-]+/)*[\w*-]+\.(?:(?:h|cpp|py|sh|cmake)\b|\*(?=`))"
PATH = re.compile(rf"(?<![\w./~*$-])(?:(?:{TOPS})/[\w./*-]+\.\w+|{SOURCE})(?![\w/-])")
LIBRARY = re.compile(r"(?:torch|ATen)/")  # headers of LibTorch
PLACEHOLDER = re.compile(r"[A-Z]{2,}")
OTHERS = {"conventions.md": "## Code"}  # what stands before this line names files of other projects


def is_there(path, page):
    """Whether a path named on a page is a file: from the root, from springbok/, or on a room's page from that room."""
    folders = [ROOT, ROOT / "springbok"]
    if page.parent.name == "rooms":
        folders = [ROOT / "springbok" / page.stem, ROOT / "tests" / page.stem] + folders
    return any(glob.glob(str(folder / path)) for folder in folders)


class Docs(unittest.TestCase):
    maxDiff = None

    def test_relative_links_lead_to_files(self):
        dead = []
        for page in PAGES:
            text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
            for target in re.findall(r"\]\(([^)#\s]+)", text):
                if "://" not in target and not (page.parent / target).exists():
                    dead.append(f"{page.relative_to(ROOT)}: {target}")
        self.assertEqual(dead, [])

    def test_ops_page_lists_every_op(self):
        source = (ROOT / "springbok/graph/op.cpp").read_text()
        source = source[:source.index("std::string describe(")]
        names = set(re.findall(r'"([a-z_0-9]{2,})"', source))
        rows = re.findall(r"^\| (`[^|]+) \|", (ROOT / "docs/ops.md").read_text(), flags=re.M)
        listed = {name for row in rows for name in re.findall(r"`([a-z_0-9]+)`", row)}
        self.assertEqual(listed, names)

    def test_files_that_are_named_are_there(self):
        gone = []
        for page in PAGES:
            text = page.read_text()
            text = text[text.index(OTHERS[page.name]):] if page.name in OTHERS else text
            for path in PATH.findall(re.sub(r"\]\([^)]*\)", "]", text)):  # links have a test of their own
                bare = "/" not in path and page.parent.name != "rooms"
                if not bare and not PLACEHOLDER.search(path) and not LIBRARY.match(path) and not is_there(path, page):
                    gone.append(f"{page.relative_to(ROOT)}: {path}")
        self.assertEqual(gone, [])

    def test_public_headers_are_on_their_page(self):
        public = set()
        for path in (ROOT / "springbok").glob("*/CMakeLists.txt"):
            lists = re.findall(r"\bHEADERS\s+([^A-Z)]+)", re.sub(r"#.*", "", path.read_text()))
            public |= {f"{path.parent.name}/{header}" for header in " ".join(lists).split()}
        listed = re.findall(r"^\| `([^`]+)` \|", (ROOT / "docs/public-headers.md").read_text(), flags=re.M)
        self.assertEqual(sorted(listed), sorted(public))

    def test_every_room_has_a_page(self):
        rooms = {path.parent.name for path in (ROOT / "springbok").glob("*/CMakeLists.txt")}
        self.assertEqual(rooms - {page.stem for page in (ROOT / "docs/rooms").glob("*.md")}, set())


if __name__ == "__main__":
    unittest.main()
