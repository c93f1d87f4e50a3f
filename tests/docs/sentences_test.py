"""Sentences of documentation and comments stay below 30 words.

`sentences_test.py` is run by ctest; `sentences_test.py --list` prints what it finds.
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMIT = 30
CODE = ["springbok", "tests", "bench", "fuzz", "examples"]

# An abbreviation, or dots that no capital follows.
NO_END = re.compile(r"\b(?i:e\.g|i\.e|cf|vs|al|etc|sec|eq|no|fig|ch|incl|approx)\..?$|\.\.\.[^A-Z]?$")
END = re.compile(r"[.!?][\"')*\]]*\s+")
FORMULA = re.compile(r":\s[^:]*(?:=|<-|->|\s[*+/<>]\s).*")


def sentences(text):
    """The sentences of one paragraph; a span of code is one word, a link its text."""
    text = re.sub(r"``.+?``|`[^`]*`", "CODE", text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\s+", " ", text).strip()
    ends = [end.end() for end in END.finditer(text) if not NO_END.search(text[:end.start() + 1] + text[end.end():][:1])]
    return [text[begin:end].strip() for begin, end in zip([0, *ends], [*ends, len(text)])]


def words(sentence):
    return [word for word in sentence.split() if re.search(r"\w", word)]


def page_blocks(text):
    """(line, text) of each paragraph and item of a list: no tables, headings, code."""
    text = re.sub(r"```.*?```", lambda code: "\n" * code.group(0).count("\n"), text, flags=re.S)
    blocks, block, start = [], [], 0
    for number, line in enumerate([*text.splitlines(), ""], 1):
        code = line.startswith("    ") and not block
        begins = re.match(r"\s*(?:[-*]|\d+\.)\s", line)
        if begins or code or not line.strip() or re.match(r"#|\||>|<", line):
            if block:
                blocks.append((start, " ".join(block)))
            block = []
        if begins or line.strip() and not code and not re.match(r"#|\||<", line):
            start = start if block else number
            block.append(re.sub(r"^\s*(?:[-*]|\d+\.|>)\s", "", line).strip())
    return blocks


def comment_blocks(text):
    """(line, text) of each comment: lines of their own that follow each other, or what stands behind code."""
    blocks, block, start, column = [], [], 0, -1  # column: of the comment that stands behind code

    def end():
        if block:
            blocks.append((start, " ".join(block)))
            block.clear()

    for number, line in enumerate([*text.splitlines(), ""], 1):
        comment = re.match(r"(\s*)///?<?(?!/)(.*)", line)
        comment = comment or re.match(r"(.*[^:\"'\w]\s)///?<?\s(?!.*\"[^\"]*$)(.*)", line)
        before, content = comment.groups() if comment else ("", "")
        behind = len(before) if before.strip() else -1
        item = re.match(r"\s*(?:[-*]|\d+\.)\s", content)
        prose = content.strip() and not re.match(r"   |\s*(?:NOLINT|clang-format)", content)
        if not prose or item or behind >= 0 or column >= 0 and len(before) != column:
            end()
        if prose:
            start = start if block else number
            block.append(re.sub(r"^\s*(?:[-*]|\d+\.)\s", "", content).strip())
            column = behind if behind >= 0 else column if column == len(before) else -1
        else:
            column = -1
    end()
    return blocks


def long_sentences(path):
    """`FILE:LINE: 34 words: the sentence` for each that is too long; LINE is where its paragraph begins."""
    page = path.suffix == ".md"
    found = []
    for line, text in (page_blocks if page else comment_blocks)(path.read_text()):
        for sentence in sentences(text):
            count = len(words(sentence if page else FORMULA.sub("", sentence)))
            if count >= LIMIT:
                found.append(f"{path.relative_to(ROOT)}:{line}: {count} words: {sentence}")
    return found


def all_files():
    yield ROOT / "README.md"
    yield from sorted((ROOT / "docs").rglob("*.md"))
    for top in CODE:
        yield from sorted(path for path in (ROOT / top).rglob("*") if path.suffix in {".h", ".cpp"})


class Sentences(unittest.TestCase):
    maxDiff = None

    def test_sentences_are_short(self):
        self.assertEqual([line for path in all_files() for line in long_sentences(path)], [])

    def test_what_a_sentence_is(self):
        text = "One (e.g. `a. b`) is one. Two, as Wang et al. 2019 say; still two. 3 is a, b, ... and c, ... Four."
        self.assertEqual(len(sentences(text)), 4)
        self.assertEqual(sentences("See [the map](flow.md). And more."), ["See the map.", "And more."])

    def test_what_is_prose(self):
        page = ("# A heading\n\nSome\nwords.\n- an item\n  of two lines\n- another\n\n| a | table |\n\n    code\n\n"
                "```sh\ncode\n```\nEnd.")
        blocks = [text for _, text in page_blocks(page)]
        self.assertEqual(blocks, ["Some words.", "an item of two lines", "another", "End."])
        source = ("// One\n// comment.\n\nint x = 1;  ///< a number,\n            ///< and more\n/// Next.\n"
                  '///     a <- b\nauto url = "http://x";\n')
        self.assertEqual([text for _, text in comment_blocks(source)], ["One comment.", "a number, and more", "Next."])


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        print("\n".join(line for path in all_files() for line in long_sentences(path)))
    else:
        unittest.main()
