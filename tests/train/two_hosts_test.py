"""Two hosts, as network namespaces of this machine: two_hosts_test.py PROGRAM FOLDER. Ends with 77 where the system allows none.

A training over both ends with the bytes that it has within one host, with packets late and lost too where the kernel can do that. When
one is cut off, both end in time, each with one line that names the other rank.
"""
import contextlib
import hashlib
import itertools
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import time

PROGRAM, FOLDER = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
HOSTS = [f"springbok-{os.getpid()}-{rank}" for rank in (0, 1)]
LINKS = [f"sb{os.getpid() % 100000}{end}" for end in "ab"]
ADDRESSES = ["10.213.57.1", "10.213.57.2"]
TIMEOUT, SKIPPED = 8, 77
PORTS = itertools.count(29500)


def ip(*words, check=True):
    return subprocess.run(["ip", *words], check=check, capture_output=True, text=True)


def on(rank, *words):
    return ["ip", "netns", "exec", HOSTS[rank], *map(str, words)]


@contextlib.contextmanager
def hosts():
    try:
        for host in HOSTS:
            ip("netns", "add", host)
        ip("link", "add", LINKS[0], "netns", HOSTS[0], "type", "veth", "peer", "name", LINKS[1], "netns", HOSTS[1])
        for rank in (0, 1):
            ip("-n", HOSTS[rank], "addr", "add", f"{ADDRESSES[rank]}/24", "dev", LINKS[rank])
            for link in ("lo", LINKS[rank]):
                ip("-n", HOSTS[rank], "link", "set", link, "up")
        yield
    finally:
        for host in HOSTS:
            ip("netns", "del", host, check=False)


def images(part, count):
    for kind, magic, sizes, content in (("images-idx3", 0x803, (8, 8), bytes((7 * i) % 251 for i in range(64 * count))),
                                        ("labels-idx1", 0x801, (), bytes(i % 4 for i in range(count)))):
        header = struct.pack(f">{2 + len(sizes)}I", magic, count, *sizes)
        (FOLDER / "data" / f"{part}-{kind}-ubyte").write_bytes(header + content)


def start(name, epochs, across=True):
    """Both ranks, in one host or in two."""
    address, port, ranks = ADDRESSES[0] if across else "127.0.0.1", next(PORTS), []
    for rank in (0, 1):
        command = on(rank if across else 0, PROGRAM, "train", "--model", "resnet20", "--data", f"idx:{FOLDER}/data", "--size", 8, "--batch-size", 12,
                     "--workers", 0, "--threads", 1, "--crop", "none", "--warmup-epochs", 0, "--lr", 0.01, "--epochs", epochs, "--quiet", "--out",
                     FOLDER / name, "--dist-url", f"tcp://{address}:{port}", "--world-size", 2, "--rank", rank, "--rank-timeout", TIMEOUT)
        named = dict(os.environ, GLOO_SOCKET_IFNAME=LINKS[rank] if across else "lo")
        ranks.append(subprocess.Popen(command, env=named, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
    return ranks


def ended(ranks, seconds=60):
    """Exit codes and what was said."""
    said = [rank.communicate(timeout=seconds)[1].strip() for rank in ranks]
    return [rank.returncode for rank in ranks], said


def trained(name, across=True):
    codes, said = ended(start(name, 3, across))
    assert codes == [0, 0], (name, codes, said)
    return hashlib.sha256((FOLDER / name / "weights.safetensors").read_bytes()).hexdigest()


def await_step(name, step):
    log = FOLDER / name / "log.jsonl"
    for _ in range(3000):
        if log.exists() and f'"step":{step},' in log.read_text():
            return
        time.sleep(0.01)
    raise AssertionError(f"{name}: no step {step}")


def cut_off():
    ranks = start("cut", 1000)
    await_step("cut", 5)
    began = time.monotonic()
    ip("-n", HOSTS[1], "link", "set", LINKS[1], "down")
    codes, said = ended(ranks)
    assert codes == [1, 1], (codes, said)
    for rank, text in enumerate(said):
        lines = [line for line in text.splitlines() if line.startswith("springbok: ")]
        assert len(lines) == 1 and re.match(rf"springbok: last step \d+: rank {rank} of 2: rank {1 - rank} is gone, or hangs", lines[0]), said
    took = time.monotonic() - began
    assert took < TIMEOUT + 5, f"{took:.1f} s after the link was cut"
    ip("-n", HOSTS[1], "link", "set", LINKS[1], "up")


def disturb():
    """Packets late by up to 4 ms, out of order and lost; False where the kernel has no netem."""
    for rank in (0, 1):
        command = on(rank, "tc", "qdisc", "add", "dev", LINKS[rank], "root", "netem", "delay", "2ms", "2ms", "loss", "2%")
        if subprocess.run(command, capture_output=True).returncode != 0:
            return False
    return True


def main():
    if shutil.which("ip") is None:
        print("no network namespaces here: iproute2 is not installed")
        sys.exit(SKIPPED)
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "data").mkdir(parents=True)
    images("train", 96)
    images("t10k", 24)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(hosts())
        except subprocess.CalledProcessError as error:
            print(f"no network namespaces here: {error.stderr}")
            sys.exit(SKIPPED)
        whole = trained("one_host", across=False)
        assert trained("two_hosts") == whole
        cut_off()
        if not disturb():
            return print("this kernel has no netem: no packet was late or lost")
        assert trained("disturbed") == whole


main()
