"""The files of examples/cluster do what they say: cluster_test.py PROGRAM DATA TORCHRUN_FOLDER.

torchrun is the real one. Slurm's and Open MPI's commands are stood in for by this file (`--as srun ...`), which sets their variables.
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLUSTER = ROOT / "examples/cluster"
RECIPE = "--recipe small.toml --data days --batch-size 4 --epochs 3 --threads 1 --workers 1 --quiet"


def steps(run):
    """How many steps its log tells of."""
    log = pathlib.Path(run, "log.jsonl")
    return sum('"step"' in line for line in log.read_text().splitlines()) if log.exists() else 0


def started(command, variables):
    return subprocess.Popen(command, env=dict(os.environ, **variables))


def stand_in(name, words):
    """srun or mpirun of one machine: two ranks; with STOP_AT, USR1 to each after so many steps. Exits with the highest code."""
    command = words[words.index("springbok"):]
    shared = {"srun": {"SLURM_NTASKS": "2", "SLURM_STEP_NUM_TASKS": "2", "SLURM_STEP_ID": "0", "SLURM_STEP_NODELIST": "localhost",
                       "SLURM_STEP_TASKS_PER_NODE": "2"},
              "mpirun": {"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_LOCAL_SIZE": "2"}}[name]
    passed = dict(word.split("=", 1) for flag, word in zip(words, words[1:]) if flag == "-x" and "=" in word)
    names = {"srun": ("SLURM_PROCID", "SLURM_LOCALID"), "mpirun": ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_RANK")}[name]
    ranks = [started(command, {**shared, **passed, **{key: str(rank) for key in names}}) for rank in range(2)]
    stop = int(os.environ.get("STOP_AT", "0"))
    while stop and steps(command[command.index("--out") + 1]) < stop and ranks[0].poll() is None:
        time.sleep(0.005)
    if stop:
        for rank in ranks:
            rank.send_signal(signal.SIGUSR1)
    return max(rank.wait() % 256 for rank in ranks)


class Cluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program, data, cls.torchrun = (pathlib.Path(word).resolve() for word in WORDS)
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="cluster_", dir=data.parent))
        for name in ("days", "small.toml"):
            (cls.folder / name).symlink_to(data / name)
        bin_folder = cls.folder / "bin"
        bin_folder.mkdir()
        for name in ("srun", "mpirun"):
            (bin_folder / name).write_text(f"#!/bin/sh\nexec {sys.executable} {pathlib.Path(__file__).resolve()} --as {name} \"$@\"\n")
        (bin_folder / "scontrol").write_text('#!/bin/sh\necho "$@" >> scontrol.txt\n')
        for path in bin_folder.iterdir():
            path.chmod(0o755)
        cls.path = os.pathsep.join(map(str, (bin_folder, cls.program.parent, cls.torchrun, os.environ["PATH"])))
        cls.run_file("local.sh", "whole", RANKS="2")
        cls.weights = (cls.folder / "whole/weights.safetensors").read_bytes()

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def start_file(cls, name, out, **variables):
        command = ["bash", str(CLUSTER / name), *shlex.split(RECIPE), "--out", out]
        return subprocess.Popen(command, cwd=cls.folder, env=dict(os.environ, PATH=cls.path, OMP_NUM_THREADS="1", **variables),
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    @classmethod
    def run_file(cls, name, out, code=0, **variables):
        process = cls.start_file(name, out, **variables)
        told = process.communicate(timeout=120)[0]
        if process.returncode != code:
            raise AssertionError(f"{name} ended with {process.returncode}, not {code}:\n{told}")
        return told

    def expect_whole(self, out):
        self.assertEqual((self.folder / out / "weights.safetensors").read_bytes(), self.weights)

    def test_torchrun(self):
        self.run_file("torchrun.sh", "torchrun", RANKS="2", PORT="0")
        self.expect_whole("torchrun")

    def test_under_torchrun_a_rank_that_dies_is_made_up_for(self):
        process = self.start_file("torchrun.sh", "killed", RANKS="2", PORT="0")
        while steps(self.folder / "killed") < 7 and process.poll() is None:
            time.sleep(0.005)
        self.kill_a_rank(process.pid)
        told = process.communicate(timeout=120)[0]
        self.assertEqual(process.returncode, 0, told)
        self.assertIn("resumed from", told)
        self.expect_whole("killed")

    def kill_a_rank(self, launcher):
        """The last rank, whatever stands between it and the launcher."""
        found = []
        for status in pathlib.Path("/proc").glob("[0-9]*/environ"):
            try:
                variables = status.read_bytes().split(b"\0")
                words = (status.parent / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"RANK=1" in variables and b"killed" in words and words[0].endswith(b"springbok"):
                found.append(int(status.parent.name))
        self.assertEqual(len(found), 1, f"ranks below process {launcher}")
        os.kill(found[0], signal.SIGKILL)

    def test_slurm_is_asked_to_queue_a_job_again_that_its_time_limit_stopped(self):
        self.run_file("slurm.sbatch", "slurm", code=138, SLURM_JOB_ID="4711", STOP_AT="7")
        self.assertEqual((self.folder / "scontrol.txt").read_text(), "requeue 4711\n")
        self.assertFalse((self.folder / "slurm/weights.safetensors").exists())
        self.run_file("slurm.sbatch", "slurm", SLURM_JOB_ID="4711")
        self.expect_whole("slurm")

    def test_mpirun(self):
        self.run_file("mpirun.sh", "mpirun", PORT="29617")
        self.expect_whole("mpirun")

    def test_by_hand(self):
        url = f"file://{self.folder}/meet"
        ranks = [self.start_file("by_hand.sh", "hand", URL=url, RANKS="2", RANK_OF_MINE=str(rank)) for rank in range(2)]
        for rank in ranks:
            told = rank.communicate(timeout=120)[0]
            self.assertEqual(rank.returncode, 0, told)
        self.expect_whole("hand")

    def test_every_flag_that_an_example_names_exists(self):
        text = subprocess.run([self.program, "train", "--help"], capture_output=True, text=True, check=True).stdout
        flags = set(re.findall(r"--[a-z][a-z0-9-]+", text))
        files = [*CLUSTER.iterdir(), *(ROOT / "examples/docker").glob("Dockerfile*")]
        self.assertGreater(len(files), 8)
        for path in files:
            text = path.read_text().replace("\\\n", " ")
            for words in re.findall(r"springbok\W+train\b(.*?)(?:\"\$@\"|$)|^ *args: (.*)$", text, flags=re.M):
                for flag in re.findall(r"--[a-z][a-z0-9-]+", " ".join(words)):
                    self.assertIn(flag, flags, path.name)

    def test_scripts_and_pages_are_well_formed(self):
        for path in [*CLUSTER.glob("*.sh"), CLUSTER / "slurm.sbatch"]:
            self.assertEqual(subprocess.run(["bash", "-n", path], check=False).returncode, 0, path)
            self.assertTrue(os.access(path, os.X_OK) or path.suffix == ".sbatch", path)
        for path in CLUSTER.glob("*.yaml"):
            for line in path.read_text().splitlines():
                for part in re.findall(r"args: (\[.*\])|command: (\[.*\])", line):
                    json.loads(part[0] or part[1])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--as"]:
        sys.exit(stand_in(sys.argv[2], sys.argv[3:]))
    WORDS = sys.argv[1:4]
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])
