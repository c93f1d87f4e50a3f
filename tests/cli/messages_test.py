"""What bad input is answered with: messages_test.py PROGRAM DATA.

No text of a library reaches a user, whatever is asked: each answer is UTF-8, an error is one line that begins with the
program's name, and none of the words by which libraries say their errors is in it.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import one_core

FORBIDDEN = ("[json.exception", "c10::", "std::", "terminate called", "toml::", "at::", "torch::", "nlohmann", "what():",
             "Exception raised from", "basic_string", "vector::", "_M_", "filesystem error", "stoi", "stod", "bad_alloc")
ODD = b"caf\xe9\n\x1b[31m\t=1"  # no UTF-8, control characters, a formula
NUMBERS = ("", "x", "-1", "1e999", "nan", "1e-300", "9223372036854775808", "4294967312", "1,2", "١")


def commands(folder):
    """(arguments) of many bad commands; files that they name are made."""
    odd = os.fsdecode(ODD)
    (folder / odd).mkdir()
    for name, data in {"nul.json": b"{}\0{}", "deep.json": b"[" * 100000, "latin.json": b'["\xe9"]', "list.json": b"[1, 2]",
                       "nul.toml": b"epochs = 1\0", "latin.toml": b'model = "\xe9"', "deep.toml": b"a = " + b"[" * 50000,
                       "dates.toml": b"epochs = 2020-01-01", "twice.toml": b"epochs = 1\nepochs = 2", "empty.toml": b"",
                       "big.toml": b"epochs = 99999999999999999999", "text.safetensors": b"hello", "empty.pt": b"",
                       "classes.txt": b"\xe9\n\x1b\n\0"}.items():
        (folder / name).write_bytes(data)
    weights = ["--weights", "day.safetensors"]
    yield from ([odd], ["--" + odd], ["train", "--" + odd], ["train", "--model", odd], ["predict", *weights, odd])
    yield from (["train", "--recipe", name] for name in sorted(os.listdir(folder)) if name.endswith(".toml"))
    yield from (["train", "--recipe", "small.toml", "--data", place, "--out", "new"]
                for place in (odd, "nowhere", "tar:days", "lmdb:days", "pack:days", "cifar:days", "list:days", "days/classes.txt",
                              "http://127.0.0.1:9/x", "ftp:x", "idx:"))
    yield from (["train", "--recipe", "small.toml", "--data", "days", "--out", place] for place in (odd, "/proc/x", "small.toml", "/dev/null"))
    for file in ("nul.json", "deep.json", "latin.json", "list.json", "text.safetensors", "empty.pt", "days", odd, "/dev/null", "r\udcff"):
        yield from (["eval", "--weights", file, "--data", "days"], ["predict", "--weights", file, "files/rgb.jpg"],
                    ["weights", "inspect", file], ["weights", "diff", file, "day.safetensors"],
                    ["weights", "convert", file, "new.pt"], ["weights", "get", "--manifest", file], ["report", file],
                    ["report", "run", "--predictions", file, "--out", "r.html"], ["train", "--recipe", file],
                    ["predict", "--weights", "bare.safetensors", "--classes", file, "files/rgb.jpg"],
                    ["data", "stats", file], ["data", "verify", file], ["data", "unpack", file, "new"])
    for number in NUMBERS:
        yield from (["train", "--recipe", "small.toml", "--data", "days", "--out", "new", f"--{flag}", number]
                    for flag in ("epochs", "size", "crop-ratio", "std", "step-epochs") if (flag, number) != ("epochs", "4294967312"))
        yield from (["eval", *weights, "--data", "days", f"--{flag}", number] for flag in ("size", "crop-ratio", "batch-size"))
        yield ["models", "summary", "resnet20", "--num-classes", number]
    yield from (["predict", *weights, "--classes", "classes.txt", "files/rgb.jpg"], ["completion", odd], ["models", "summary", odd])


def fault(arguments, got):
    """What is wrong with an answer, or None."""
    try:
        out, err = got.stdout.decode(), got.stderr.decode()
    except UnicodeDecodeError as error:
        return f"no UTF-8: {error}"
    found = [word for word in FORBIDDEN if word in out + err]
    if found:
        return f"says {found}"
    if got.returncode not in (0, 1, 2):
        return f"exit code {got.returncode}"
    lines = [line for line in err.splitlines() if line.startswith("springbok: ") and ": warning: " not in line]
    if got.returncode and len(lines) != 1 and arguments[:2] != ["weights", "diff"]:
        return f"{len(lines)} lines of error"
    if any(len(line) > 2200 or not line.replace("\t", " ").isprintable() for line in err.splitlines()):
        return "a line that is too long or moves the cursor"
    return None


def main(program, data):
    one_core.pin()
    environment = dict(os.environ, LC_ALL="C", OMP_NUM_THREADS="1")
    bad = count = 0
    with tempfile.TemporaryDirectory(prefix="messages_", dir=pathlib.Path(data).parent) as name:
        folder = pathlib.Path(name) / "work"
        shutil.copytree(data, folder, copy_function=os.link)
        for arguments in commands(folder):
            got = subprocess.run([program, *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                                 timeout=60, check=False)
            count += 1
            wrong = fault(arguments, got)
            if wrong:
                bad += 1
                print(f"{arguments}: {wrong}\n{got.stdout[-300:]}\n{got.stderr[-600:]}")
    print(f"{count} commands, {bad} answered badly")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2]).resolve()))
