"""Files of a run that an older build wrote still open: before_test.py PROGRAM FOLDER [--record]. With --record the program at hand
writes fixtures/before anew: a small run on made images, cut down to one checkpoint in the middle of its second epoch."""

import json
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import same_bytes  # noqa: E402

FIXTURE = HERE / "fixtures" / "before"
MIDDLE = "epoch-0001-step-00000008.pt"
FLAGS = ("--model resnet20 --size 16 --epochs 2 --batch-size 10 --lr 0.02 --momentum 0 --threads 1 --workers 0 --seed 4 --quiet "
         "--mixup 0.2 --label-smoothing 0.1 --checkpoint-steps 1 --keep 100").split()


def springbok(program, *words, code=0):
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True)
    if done.returncode != code:
        sys.exit(f"springbok {' '.join(map(str, words))}\n{done.stdout}{done.stderr}exit code {done.returncode}, not {code}")
    return done.stdout


def record(program, folder):
    run = folder / "run"
    springbok(program, "train", "--data", folder / "images", "--out", run, *FLAGS)
    shutil.rmtree(FIXTURE, ignore_errors=True)
    (FIXTURE / "checkpoints").mkdir(parents=True)
    for name in ("run.json", "log.jsonl", f"checkpoints/{MIDDLE}"):
        shutil.copy(run / name, FIXTURE / name)
    springbok(program, "weights", "convert", "--half", run / "weights.safetensors", FIXTURE / "weights.safetensors")
    manifest = json.loads((run / "checkpoints/manifest.json").read_text())
    entries = manifest if isinstance(manifest, list) else manifest["checkpoints"]
    kept = [entry for entry in entries if entry["file"] == MIDDLE]
    whole = kept if isinstance(manifest, list) else {**manifest, "checkpoints": kept}
    (FIXTURE / "checkpoints/manifest.json").write_text(json.dumps(whole))


def log_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def expect(truth, words):
    if not truth:
        sys.exit(f"before_test: {words}")


def check_report(program):
    rows = json.loads(springbok(program, "report", FIXTURE, "--json"))
    epochs = [line for line in log_of(FIXTURE / "log.jsonl") if "val_top1" in line]
    best = max(epochs, key=lambda line: (line["val_top1"], -line["epoch"]))
    expect(rows[0]["best_epoch"] == best["epoch"] and rows[0]["top1"] == best["val_top1"], f"report: {rows}")


def check_weights(program, folder):
    said = springbok(program, "weights", "inspect", FIXTURE / "weights.safetensors")
    expect("resnet20" in said and "dusk" in said, f"inspect: {said}")
    expect("recipe_digest: 74be9fd7bf39f974" in said, f"inspect: {said}")  # by the rule of before, which had no prefix
    evaluated = json.loads(springbok(program, "eval", "--weights", FIXTURE / "weights.safetensors", "--data", folder / "images", "--json"))
    stored = json.loads((FIXTURE / "run.json").read_text())["best"]
    expect(abs(evaluated["loss"] - stored["loss"]) < 0.01 * (1 + stored["loss"]), f"eval: {evaluated}, the run had {stored}")


def check_resumption(program, folder):
    """The run goes on, and ends as it did then, but for the last bits of another machine."""
    run = folder / "resumed"
    shutil.rmtree(run, ignore_errors=True)
    shutil.copytree(FIXTURE, run, ignore=shutil.ignore_patterns("weights.safetensors"))
    record = json.loads((run / "run.json").read_text())
    record["finished"] = False
    (run / "run.json").write_text(json.dumps(record))
    springbok(program, "train", "--resume", "auto", "--data", folder / "images", "--out", run, "--quiet")
    then, now = log_of(FIXTURE / "log.jsonl"), log_of(run / "log.jsonl")
    expect(len(then) == len(now), f"{len(now)} lines of log, not {len(then)}")
    for a, b in zip(then, now):
        for key in ("loss", "val_loss"):
            expect(key not in a or abs(a[key] - b[key]) < 0.05 * a[key] + 0.02, f"{key}: {a} then, {b} now")
    opened = springbok(program, "eval", "--weights", run / "checkpoints" / MIDDLE, "--data", folder / "images")
    expect("18 images" in opened, f"eval of the old checkpoint: {opened}")


def main():
    program, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    same_bytes.make_images(folder / "images", False)
    if "--record" in sys.argv:
        return record(program, folder)
    check_report(program)
    check_weights(program, folder)
    check_resumption(program, folder)


if __name__ == "__main__":
    main()
