"""What training on many ranks costs, from a few measured numbers: the tables of docs/scaling.md.

usage: scaling.py [--latency-us X --bandwidth-mb X --step-ms X --gradients-mb X --measured-ms X]

Without arguments it prints the tables. With those that `./dev bench ddp` measures of two ranks on one machine, it sets the model's step
beside the measured one.
"""
import argparse
import math

BUCKET = 8 << 20  # bytes that travel together, as train/gradient_sums.h has them
BACKWARD = 2 / 3  # of a step without communication: two of its three multiplications a weight
SPREAD = 0.02  # of the ranks' step times, one standard deviation over the mean

GIGABIT = 1e9 / 8
LINKS = {"1 Gb/s": (50e-6, GIGABIT), "10 Gb/s": (30e-6, 10 * GIGABIT), "25 Gb/s": (20e-6, 25 * GIGABIT),
         "100 Gb/s": (10e-6, 100 * GIGABIT), "400 Gb/s": (5e-6, 400 * GIGABIT)}  # seconds a message, bytes a second
RANKS = (8, 32, 128, 512, 1024)
RESNET50 = 4 * 25_557_032  # bytes of gradients
ACCELERATOR = 3000  # images a second of ResNet-50 that one takes in mixed precision: of the order of an A100
CPU_CORE = 7  # and that one core takes, in float32
LOADED = {"JPEG files": 250, "packed at 256": 600}  # images a second that a core loads and augments


def sum_seconds(size, ranks, link):
    """A ring's sum: every rank sends 2 (n - 1) messages of an n-th of the bytes."""
    latency, bandwidth = link
    return 2 * (ranks - 1) * latency + 2 * (ranks - 1) / ranks * size / bandwidth


def slowest(ranks):
    """How much longer the slowest of so many takes than their mean: the normal distribution's expected maximum, nearly."""
    return 1 + SPREAD * math.sqrt(2 * math.log(ranks))


def step_seconds(compute, gradients, ranks, link, bucket=BUCKET):
    """A step's seconds: a bucket's sum begins when backward has filled it and the one before is done."""
    compute *= slowest(ranks)
    count = max(1, math.ceil(gradients / bucket))
    free = 0.0
    for i in range(1, count + 1):
        size = min(bucket, gradients - (i - 1) * bucket)
        ready = compute * (1 - BACKWARD + BACKWARD * min(1, i * bucket / gradients))
        free = max(free, ready) + sum_seconds(size, ranks, link)
    return max(free, compute)


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def percent(share):
    return f"{100 * share:.0f} %"


def weak(batch=256):
    """Efficiency at a fixed batch a rank: the time of one rank's step over that of all."""
    alone = batch / ACCELERATOR
    rows = [[name, *(percent(alone / step_seconds(alone, RESNET50, ranks, link)) for ranks in RANKS)] for name, link in LINKS.items()]
    return table(["link of a rank", *(f"{ranks} ranks" for ranks in RANKS)], rows)


def strong(images=4096):
    """The same where all ranks share one batch."""
    ideal = images / ACCELERATOR
    rows = [[name, *(percent(ideal / ranks / step_seconds(ideal / ranks, RESNET50, ranks, link)) for ranks in RANKS)]
            for name, link in LINKS.items()]
    return table(["link of a rank", *(f"{ranks} ranks, {images // ranks} images each" for ranks in RANKS)], rows)


def buckets(batch=32, ranks=64):
    """Efficiency by the size of a bucket, at a batch where communication shows."""
    sizes = (1, 8, 25, 100)
    alone = batch / ACCELERATOR
    rows = [[name, *(percent(alone / step_seconds(alone, RESNET50, ranks, link, size << 20)) for size in sizes)] for name, link in LINKS.items()]
    return table(["link of a rank", *(f"{size} MB" for size in sizes)], rows)


def appetite():
    """Cores that load what a rank eats."""
    rows = [[name, str(rate), *(f"{eats / rate:.2f}" if eats < rate else f"{eats / rate:.0f}" for eats in (CPU_CORE, ACCELERATOR))]
            for name, rate in LOADED.items()]
    return table(["images", "images/s a core", f"cores for a core that trains ({CPU_CORE} images/s)",
                  f"cores for an accelerator ({ACCELERATOR:,} images/s)"], rows)


def compare(options):
    link = (options.latency_us * 1e-6, options.bandwidth_mb * 1e6)
    told = 1000 * step_seconds(options.step_ms / 1000, options.gradients_mb * 1e6, 2, link)
    print(f"two ranks: {options.step_ms:.1f} ms alone, {told:.1f} ms together by the model, {options.measured_ms:.1f} ms measured; "
          f"model_vs_measured={told / options.measured_ms:.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("latency-us", "bandwidth-mb", "step-ms", "gradients-mb", "measured-ms"):
        parser.add_argument(f"--{name}", type=float)
    options = parser.parse_args()
    if any(value is not None for value in vars(options).values()):
        if None in vars(options).values():
            parser.error("give all five, or none")
        return compare(options)
    for part in (weak, strong, buckets, appetite):
        print(part() + "\n")


if __name__ == "__main__":
    main()
