"""docs/troubleshooting.md tells of messages that there are: each is one of the sources' texts, with `...` for what varies."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/troubleshooting.md"
LITERAL = r'"((?:[^"\\\n]|\\.)*)"'
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "'": "'"}


def literals():
    """The texts of all sources; neighbours that the compiler joins are one."""
    texts = []
    for path in sorted((ROOT / "springbok").rglob("*.[ch]*")):
        for joined in re.finditer(rf"{LITERAL}(?:\s*{LITERAL})*", path.read_text()):
            parts = re.findall(LITERAL, joined.group(0))
            text = re.sub(r"\\(.)", lambda escape: ESCAPES.get(escape.group(1), escape.group(0)), "".join(parts))
            texts.append(re.sub(r"\{[^{}]*\}|%[-*0-9.]*(?:s|d|zu|lld)", "\0", text))
    return texts


def messages():
    """The first cell of each row, a code span."""
    return re.findall(r"^\| `` ?(.+?) ?`` \||^\| `([^`]+)` \|", PAGE.read_text(), flags=re.M)


class Troubleshooting(unittest.TestCase):
    def test_every_message_is_one_of_the_sources(self):
        known = literals()
        for row in messages():
            message = row[0] or row[1]
            pieces = [piece.strip(" '():;,.?") for piece in message.split("...")]
            pieces = [piece for piece in pieces if len(piece) > 3]
            with self.subTest(message=message):
                self.assertTrue(any(len(piece) >= 10 for piece in pieces), "nothing in it tells it from others")
                self.assertEqual([piece for piece in pieces if not any(piece in text for text in known)], [])

    def test_the_page_has_rows_and_each_says_what_to_do(self):
        rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
        self.assertGreater(len(rows), 20)
        self.assertEqual(len(rows), len(messages()))
        for row in rows:
            self.assertGreater(len(re.sub(r"^\| (``.+?``|`[^`]+`) \|", "", row).strip(" |")), 8, row)


if __name__ == "__main__":
    unittest.main()
