"""Case files are read as written, and a command that does anything else than its case says is told."""

import unittest

import case_file

TEXT = """# about
case: one
$ first \\
  second
exit 2
| out ...
! err

case: two
$ quiet
"""


class CaseFile(unittest.TestCase):
    def test_parses_cases_commands_and_expectations(self):
        one, two = case_file.parse(TEXT)
        self.assertEqual((one.name, two.name), ("one", "two"))
        self.assertEqual(one.steps, [case_file.Step(4, "first \\\n  second", 2, ["out ..."], ["err"])])
        self.assertEqual(two.steps, [case_file.Step(10, "quiet")])

    def test_refuses_what_it_does_not_know(self):
        for text in ("$ no case\n", "case: a\nsurprise\n", "case: a\n| before any command\n"):
            with self.assertRaises(ValueError):
                case_file.parse(text)

    def test_dots_stand_for_text_and_lines(self):
        self.assertTrue(case_file.matches(["a ... c", "...", "z"], "a b c\nmore\nand more\nz\n"))
        self.assertTrue(case_file.matches(["...", "z"], "z\n"))
        self.assertTrue(case_file.matches([], ""))
        self.assertFalse(case_file.matches(["a ... c"], "a b\nc\n"))
        self.assertFalse(case_file.matches(["a.c"], "abc\n"))
        self.assertFalse(case_file.matches(["a"], "a\nb\n"))
        self.assertFalse(case_file.matches(["a"], "a"))

    def test_accepting_replaces_the_expectations_of_one_command(self):
        steps = [step for case in case_file.parse(TEXT) for step in case.steps]
        new = case_file.accepted(TEXT, [(steps[1], 1, "said\n", ""), (steps[0], 0, "out\n", "")])
        self.assertEqual(new, TEXT.replace("exit 2\n| out ...\n! err\n", "| out\n") + "exit 1\n| said\n")

    def test_each_difference_is_told(self):
        step = case_file.Step(1, "run", 1, ["out"], ["err"])
        self.assertIsNone(case_file.complaint(step, 1, "out\n", "err\n"))
        for got in ((0, "out\n", "err\n"), (1, "", "err\n"), (1, "out\n", "err\nerr\n")):
            self.assertIn("--- got", case_file.complaint(step, *got))


if __name__ == "__main__":
    unittest.main()
