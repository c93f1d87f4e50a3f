"""The report's page in Chromium: page_test.py PROGRAM DATA [--shots FOLDER].

It sorts, answers to the pointer, asks for nothing, and can be read on a phone and in the dark. With --shots the page is kept as pictures.
"""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import time
import zlib

import browser as chromium

HERE = pathlib.Path(__file__).resolve().parent
LEAST_CONTRAST = 4.5  # WCAG 2, level AA
LEAST_LETTERS = 9.5  # pixels of a chart's labels on a phone

# The worst contrast of a text with what lies behind it, and the text.
CONTRAST = """(() => {
  const parts = text => {
    const srgb = text.startsWith("color(srgb");
    const numbers = text.match(/-?[0-9.]+(e-?[0-9]+)?/g).map(Number);
    return [...numbers.slice(0, 3).map(n => srgb ? n * 255 : n), numbers[3] ?? 1];
  };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = colour => {
    const [r, g, b] = colour.map(n => n / 255).map(n => n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = node => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) layers.push(parts(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  let worst = [99, ""];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].filter(n => n.nodeType === 3 && n.textContent.trim()).map(n => n.textContent.trim()).join(" ");
    if (!own || node.tagName === "SCRIPT" || node.closest(".tip") || !node.getClientRects().length) continue;
    const style = getComputedStyle(node), back = behind(node);
    const ink = over(parts(node.namespaceURI.endsWith("svg") ? style.fill : style.color), back);
    const [a, b] = [light(ink), light(back)].sort((x, y) => y - x), contrast = (a + 0.05) / (b + 0.05);
    if (contrast < worst[0]) worst = [contrast, own];
  }
  return worst;
})()"""

COLUMN = "[...document.querySelectorAll('table.results tbody tr')].map(row => row.cells[0].textContent)"
CLICK = "[...document.querySelectorAll('table.results th button')].find(b => b.textContent === '%s').click()"
TIP = "document.querySelector('.tip').style.display === 'block' ? document.querySelector('.tip').innerText : ''"


def springbok(program, folder, *words):
    done = subprocess.run([program, *words], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"springbok {' '.join(words)}\n{done.stdout}{done.stderr}exit code {done.returncode}")
    return done.stdout


def expect(truth, words):
    if not truth:
        sys.exit(f"page_test: {words}")


def middle_of(page, selector):
    page.value(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")
    return page.value(f"(() => {{ const box = document.querySelector({selector!r}).getBoundingClientRect();"
                      " return [box.left + box.width / 2, box.top + box.height / 2]; })()")


def check_sorting(page):
    first = page.value(COLUMN)
    page.value(CLICK % "run")
    ascending = page.value(COLUMN)
    expect(ascending == sorted(first), f"sorted by name: {ascending}")
    page.value(CLICK % "run")
    expect(page.value(COLUMN) == ascending[::-1], "a second click turns the order")
    page.value(CLICK % "time")
    keys = page.value("[...document.querySelectorAll('table.results tbody tr')].map(row => Number([...row.cells].at(-1).dataset.v))")
    expect(keys == sorted(keys, reverse=True), f"numbers sort as numbers, the largest first: {keys}")
    expect(page.value("document.querySelector('th[aria-sort]').textContent") == "time", "the sorted column says so")


def check_hovering(page):
    page.point(*middle_of(page, "svg[data-chart]"))
    tip = page.value(TIP)
    expect(tip.startswith("epoch ") and "run, validation: " in tip and "other, validation: " in tip, f"a chart says: {tip!r}")
    page.point(*middle_of(page, ".matrix td.hit"))
    expect(" called " in page.value(TIP) and "%" in page.value(TIP), f"a cell of the matrix says: {page.value(TIP)!r}")
    page.point(*middle_of(page, ".picture"))
    expect("%" in page.value(TIP), f"a picture says: {page.value(TIP)!r}")
    page.point(1, 1)
    expect(page.value(TIP) == "", "nothing is said elsewhere")


def check_contrast(page, mode):
    contrast, text = page.value(CONTRAST)
    expect(contrast >= LEAST_CONTRAST, f"{mode}: '{text}' has a contrast of {contrast:.2f}")


def check_phone(page):
    page.size(390, 844, phone=True)
    width = page.value("document.documentElement.scrollWidth")
    expect(width <= 390, f"on a phone the page is {width} pixels wide")
    letters = page.value("Math.min(...[...document.querySelectorAll('svg text')].map(t => "
                         "parseFloat(getComputedStyle(t).fontSize) * t.ownerSVGElement.getBoundingClientRect().width / 560))")
    expect(letters >= LEAST_LETTERS, f"on a phone a chart's letters are {letters:.1f} pixels high")
    least = page.value("Math.min(...[...document.querySelectorAll('main p, main td, main th, main li')].map(n => "
                       "parseFloat(getComputedStyle(n).fontSize)))")
    expect(least >= 12, f"on a phone letters are {least} pixels high")


def check_follow(program, folder):
    """A page that is renewed while the run goes on, and says so only then."""
    train = subprocess.Popen([program, *"train --recipe small.toml --data days --out going --batch-size 2 --epochs 60 --quiet".split()],
                             cwd=folder, stdout=subprocess.DEVNULL)
    while not (folder / "going/log.jsonl").exists() or "epoch" not in (folder / "going/log.jsonl").read_text():
        time.sleep(0.01)
    page = folder / "going.html"
    report = subprocess.Popen([program, *"report going --out going.html --follow --every 1".split()], cwd=folder,
                              stdout=subprocess.DEVNULL)
    while not page.exists() and report.poll() is None:
        time.sleep(0.01)
    running = page.read_text()
    train.terminate()
    train.wait()
    expect(report.wait() == 0, "report --follow ends with the run")
    expect('http-equiv="refresh" content="1"' in running, "while the run goes on, the page loads itself anew")
    expect('http-equiv="refresh"' not in page.read_text(), "the last page does not")
    expect(page.read_text().count("<circle") >= running.count("<circle"), "the last page tells of all epochs")


def grey_png(width, height, rows):
    """Indices as a grey PNG of 8 bits."""
    body = b"".join(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in
                    ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
                     (b"IDAT", zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))), (b"IEND", b"")))
    return b"\x89PNG\r\n\x1a\n" + body


def make_tasks(folder):
    """Predictions of labels and of masks, with what they are of: a ground with a square that is found a little to the right."""
    names = ["ground", "cat", "dog", "a rather long name of a class"]
    for place in ("set/val/images", "set/val/masks", "out"):
        (folder / place).mkdir(parents=True)
    for place in ("set", "out"):
        (folder / place / "classes.txt").write_text("".join(name + "\n" for name in names))
    labels, masks = [], []
    for i in range(6):
        truth = [[1 + i % 2 if 8 < x < 24 and 8 < y < 20 else 255 if x == 24 else 0 for x in range(40)] for y in range(30)]
        found = [[row[max(0, x - i)] % 255 for x in range(40)] for row in truth]
        cells = {}
        for t, p in ((t, p) for a, b in zip(truth, found) for t, p in zip(a, b) if t != 255):
            cells[t, p] = cells.get((t, p), 0) + 1
        (folder / f"set/val/images/{i}.png").write_bytes(grey_png(40, 30, [[60 + 4 * x for x in range(40)]] * 30))
        (folder / f"set/val/masks/{i}.png").write_bytes(grey_png(40, 30, truth))
        (folder / f"out/{i}.png").write_bytes(grey_png(40, 30, found))
        masks.append({"image": f"val/images/{i}.png", "mask": f"out/{i}.png",
                      "pixels": [[names[t], names[p], count] for (t, p), count in sorted(cells.items())]})
        labels.append({"image": f"val/images/{i}.png", "labels": names[1:3], "sizes": ["s", "ml"], "loss": 0.1 * i,
                       "scores": [{"label": names[1], "probability": 0.9}, {"label": names[3], "probability": 0.7},
                                  {"label": names[2], "probability": 0.15 * i}]})
    (folder / "masks.json").write_text(json.dumps(masks))
    (folder / "labels.json").write_text(json.dumps(labels))


BARS = "[...document.querySelectorAll('table.bars')].map(t => [...t.tBodies[0].rows].map(r => r.cells[0].textContent))"


def check_tasks(page, folder):
    """The galleries of labels and of masks: they sort, tell, can be read on a phone and in the dark, and ask for nothing."""
    page.dark(False)
    page.size(1280, 900)
    before = len(page.requests)
    page.open(folder / "tasks.html")
    asked = [url for url in page.requests[before:] if not url.startswith("data:")]
    expect(asked == [(folder / "tasks.html").resolve().as_uri()], f"the page of tasks asked for {asked}")
    expect(page.value("[...document.images].every(i => i.complete && i.naturalWidth > 0)"), "every picture is shown")
    expect(page.value("document.querySelectorAll('.panels').length") == 6, "six rows of image, truth, prediction, errors")
    expect(page.value("document.querySelectorAll('.panels img').length") == 24, "four pictures a row")
    bars = page.value(BARS)
    expect(bars[0][0] == "cat" and bars[1][0] == "small", f"bars of classes and sizes: {bars}")
    expect(bars[2][0] == "ground", f"the best IoU comes first: {bars[2]}")
    wide = page.value("Math.max(...[...document.querySelectorAll('td.share')].map(c => parseFloat(c.style.getPropertyValue('--w'))))")
    expect(50 < wide <= 100, f"the longest bar has {wide} %")
    page.value("[...document.querySelectorAll('table.bars')].at(-1).querySelectorAll('th button')[0].click()")
    expect(page.value(BARS)[2] == sorted(page.value(BARS)[2]), "bars sort by name")
    page.point(*middle_of(page, ".matrix td.hit"))
    expect(" pixels (" in page.value(TIP), f"a cell of pixels says: {page.value(TIP)!r}")
    page.point(*middle_of(page, ".picture.labels"))
    expect("loss" in page.value(TIP), f"a picture of labels says: {page.value(TIP)!r}")
    check_contrast(page, "tasks, light")
    page.dark(True)
    check_contrast(page, "tasks, dark")
    page.size(390, 844, phone=True)
    width = page.value("document.documentElement.scrollWidth")
    expect(width <= 390, f"on a phone the page of tasks is {width} pixels wide")


def main(program, data, shots=None):
    with tempfile.TemporaryDirectory(prefix="page_", dir=pathlib.Path(data).parent) as name:
        folder = pathlib.Path(name)
        for source in ("run", "days", "small.toml"):
            (folder / source).symlink_to(pathlib.Path(data).resolve() / source)
        springbok(program, folder, *"train --recipe small.toml --data days --out other --epochs 5 --lr 0.02 --quiet".split())
        springbok(program, folder, *"report run other --out page.html".split())
        check_follow(program, folder)
        make_tasks(folder)
        springbok(program, folder, *"report run --predictions labels.json,masks.json --data masks:set --out tasks.html".split())
        page = chromium.Browser(folder / "profile")
        try:
            page.size(1280, 900)
            page.dark(False)
            page.open(folder / "page.html")
            asked = [url for url in page.requests if not url.startswith("data:")]
            expect(asked == [(folder / "page.html").resolve().as_uri()], f"the page asked for {asked}")
            check_contrast(page, "light")
            check_sorting(page)
            check_hovering(page)
            page.dark(True)
            check_contrast(page, "dark")
            check_phone(page)
            check_tasks(page, folder)
            expect(page.complaints == [], f"the console says {page.complaints}")
            if shots:
                for name in ("page", "tasks"):
                    page.open(folder / f"{name}.html")
                    for mode, dark, width, phone in (("light", False, 1280, False), ("dark", True, 1280, False), ("phone", True, 390, True)):
                        page.dark(dark)
                        page.size(width, 900, phone)
                        page.shot(pathlib.Path(shots) / f"{name}_{mode}.png")
        finally:
            page.close()


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    main(str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2], sys.argv[4] if len(sys.argv) > 4 else None)
