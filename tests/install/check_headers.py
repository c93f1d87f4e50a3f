"""Installed headers are complete: each compiles on its own, with no other header of ours than those installed beside it.

check_headers.py PREFIX COMPILER [FLAG...]
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

PREFIX = pathlib.Path(sys.argv[1]) / "include"
COMPILER = sys.argv[2:]
HEADERS = sorted(str(path.relative_to(PREFIX)) for path in PREFIX.glob("springbok/**/*.h"))


def missing(header):
    """Our headers that this one includes and that are not installed."""
    included = re.findall(r'#include ["<](springbok/[^">]+)[">]', (PREFIX / header).read_text())
    return [f"{header}: includes {name}, which is not installed" for name in included if name not in HEADERS]


def compiles(header):
    done = subprocess.run([*COMPILER, "-fsyntax-only", "-x", "c++", f"-I{PREFIX}", "-"], input=f"#include <{header}>\n",
                          capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [f"{header}: {done.stderr[:600]}"]


breaches = [breach for header in HEADERS for breach in missing(header)]
breaches += [f"{header}: is for the inside of its room, and installed" for header in HEADERS
             if (PREFIX / header).read_text().startswith("// Inside the room")]
if not breaches:
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        breaches = [breach for found in pool.map(compiles, HEADERS) for breach in found]
print("\n".join(breaches) or f"{len(HEADERS)} headers compile alone")
sys.exit(bool(breaches) or not HEADERS)
