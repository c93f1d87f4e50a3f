"""The documentation says what the tree holds: links lead somewhere, ops.md lists every op, every room has its page."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


class Docs(unittest.TestCase):
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

    def test_every_room_has_a_page(self):
        rooms = {path.parent.name for path in (ROOT / "springbok").glob("*/*.h")}
        self.assertEqual(rooms - {page.stem for page in (ROOT / "docs/rooms").glob("*.md")}, set())


if __name__ == "__main__":
    unittest.main()
