"""Runs the cases of a file: run_cases.py PROGRAM DATA FILE [--accept].

Each case runs in a folder of its own with hard links to all of DATA: its commands may replace these files, not change them.
--accept writes what the commands did into the file where it differs: to be read before it is kept.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import case_file
import one_core

HERE = pathlib.Path(__file__).resolve().parent


def environment(program):
    places = [str(program.parent), str(HERE / "bin"), os.environ["PATH"]]
    return dict(os.environ, PATH=os.pathsep.join(places), SOURCE=str(HERE.parents[1]), LC_ALL="C", OMP_NUM_THREADS="1")


def run_case(case, data, variables):
    """What each command did: (step, code, out, err)."""
    done = []
    with tempfile.TemporaryDirectory(prefix="cli_case_", dir=data.parent) as folder:
        shutil.copytree(data, folder, copy_function=os.link, dirs_exist_ok=True)
        for step in case.steps:
            got = subprocess.run(["bash", "-c", step.command], cwd=folder, env=variables, stdin=subprocess.DEVNULL,
                                 capture_output=True, timeout=100, check=False)
            done.append((step, got.returncode, got.stdout.decode(), got.stderr.decode()))
    return done


def main(program, data, file, accept=False):
    one_core.pin()
    variables = environment(pathlib.Path(program).resolve())
    text = pathlib.Path(file).read_text()
    wrong = []
    for case in case_file.parse(text):
        bad = [done for done in run_case(case, pathlib.Path(data).resolve(), variables) if case_file.complaint(*done)]
        wrong += bad
        print(f"{'wrong' if bad else 'ok'}: {case.name}")
        for done in bad:
            print(f"{file}:{done[0].line}:\n{case_file.complaint(*done)}")
    if accept:
        pathlib.Path(file).write_text(case_file.accepted(text, wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    WORDS = [word for word in sys.argv[1:] if word != "--accept"]
    sys.exit(main(*WORDS, accept=len(WORDS) < len(sys.argv) - 1))
