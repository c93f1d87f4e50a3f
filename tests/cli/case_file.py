"""Case files: cases of commands with the exit code and the output that they must have.

    # a comment
    case: how messages call it
    $ springbok predict --weights day.safetensors nowhere.png
    exit 1
    | a line of standard output
    ! springbok: nowhere.png: no such file or folder

A command runs in bash and goes on in the next line after a backslash. Without `exit` it must exit with 0, without `|` or
`!` lines it must print nothing there. `...` stands for any text within a line, and alone for any number of lines.
"""

import dataclasses
import re
from typing import List


@dataclasses.dataclass
class Step:
    line: int  # of the command's end in the file, from 1
    command: str
    code: int = 0
    out: List[str] = dataclasses.field(default_factory=list)
    err: List[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Case:
    name: str
    steps: List[Step] = dataclasses.field(default_factory=list)


def parse(text):
    """The cases of a file's text; ValueError names the line that is none of the above."""
    cases = []
    lines = enumerate(text.splitlines(), 1)
    for number, line in lines:
        step = cases[-1].steps[-1] if cases and cases[-1].steps else None
        if line.startswith("case: "):
            cases.append(Case(line[len("case: "):]))
        elif line.startswith("$ ") and cases:
            command = line[2:]
            while command.endswith("\\"):
                number, more = next(lines)
                command += "\n" + more
            cases[-1].steps.append(Step(number, command))
        elif re.fullmatch(r"exit \d+", line) and step:
            step.code = int(line[len("exit "):])
        elif re.match(r"[|!]( |$)", line) and step:
            (step.out if line[0] == "|" else step.err).append(line[2:])
        elif line and not line.startswith("#"):
            raise ValueError(f"line {number}: not a case, command or expectation: {line}")
    return cases


def matches(expected, text):
    """Whether the text is the expected lines."""
    pattern = ""
    for line in expected:
        if line == "...":
            pattern += "(?:.*\n)*"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split("...")) + "\n"
    return re.fullmatch(pattern, text) is not None


def lines_of(text, mark):
    """Output as a case file would say it."""
    lines = "".join(f"{mark} {line}\n" if line else f"{mark}\n" for line in text.splitlines())
    return lines if text.endswith("\n") or not text else lines + "(no newline at the end)\n"


def accepted(text, told):
    """The file's text with other expectations: told is a list of (step, code, out, err)."""
    lines = text.splitlines(keepends=True)
    for step, code, out, err in sorted(told, key=lambda item: -item[0].line):
        end = step.line
        while end < len(lines) and re.match(r"exit \d|[|!]", lines[end]):
            end += 1
        lines[step.line:end] = [f"exit {code}\n"] * (code != 0) + [lines_of(out, "|") + lines_of(err, "!")]
    return "".join(lines)


def complaint(step, code, out, err):
    """What a command did other than the step says, as text to compare with the file; None when it did as told."""
    if code == step.code and matches(step.out, out) and matches(step.err, err):
        return None
    wanted = lines_of("".join(line + "\n" for line in step.out), "|")
    wanted += lines_of("".join(line + "\n" for line in step.err), "!")
    return (f"$ {step.command}\n--- wanted\nexit {step.code}\n{wanted}"
            f"--- got\nexit {code}\n{lines_of(out, '|')}{lines_of(err, '!')}")
