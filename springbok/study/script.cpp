// The script of the report: tables that sort, charts and cells that answer to the pointer. It asks nobody for anything.
#include "springbok/study/sections.h"

namespace springbok::study {

const char* script() {  // NOLINT(readability-function-size): one string
  return R"js("use strict";
const tip = document.createElement("div");
tip.className = "tip";
tip.setAttribute("role", "status");
document.body.append(tip);

function showTip(lines, x, y) {
  tip.replaceChildren(...lines.map(line => {
    const row = document.createElement("div");
    if (line.colour !== undefined) {
      const dot = document.createElement("i");
      dot.className = "swatch s" + line.colour;
      row.append(dot);
    }
    row.append(line.text);
    return row;
  }));
  tip.style.display = "block";
  const box = tip.getBoundingClientRect();
  const left = x + 14 + box.width > innerWidth - 8 ? x - 14 - box.width : x + 14;
  tip.style.left = Math.max(8, left) + "px";
  tip.style.top = Math.max(8, Math.min(y + 14, innerHeight - box.height - 8)) + "px";
}

function hideTip() { tip.style.display = "none"; }

for (const cell of document.querySelectorAll("[data-tip]")) {
  const lines = () => cell.dataset.tip.split("\n").map(text => ({text}));
  cell.addEventListener("pointermove", event => showTip(lines(), event.clientX, event.clientY));
  cell.addEventListener("focus", () => {
    const box = cell.getBoundingClientRect();
    showTip(lines(), box.right, box.bottom);
  });
  for (const name of ["pointerleave", "blur"]) cell.addEventListener(name, hideTip);
}

function sortBy(table, column, down) {
  const body = table.tBodies[0];
  const value = row => row.cells[column].dataset.v ?? row.cells[column].textContent.trim();
  const compare = (a, b) => {
    const x = value(a), y = value(b);
    if (x === "" || y === "") return (x === "") - (y === "") || 0;
    const numbers = !isNaN(x) && !isNaN(y);
    return (down ? -1 : 1) * (numbers ? x - y : String(x).localeCompare(String(y), undefined, {numeric: true}));
  };
  body.append(...[...body.rows].sort(compare));
  [...table.tHead.rows[0].cells].forEach((head, i) => {
    if (i === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  });
}

for (const table of document.querySelectorAll("table.sortable")) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const first = head.classList.contains("n");
      const before = head.getAttribute("aria-sort");
      sortBy(table, column, before === null ? first : before === "ascending");
    });
  });
}

const short = number => Math.abs(number) >= 1e5 || (number !== 0 && Math.abs(number) < 1e-3)
  ? number.toExponential(3) : String(Number(number.toPrecision(5)));

for (const svg of document.querySelectorAll("svg[data-chart]")) {
  const chart = JSON.parse(svg.dataset.chart);
  const [x0, x1, left, right] = chart.frame;
  const rule = svg.querySelector(".rule");
  const hide = () => { rule.style.display = "none"; hideTip(); };
  svg.addEventListener("pointermove", event => {
    const box = svg.getBoundingClientRect();
    const at = (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
    if (at < left - 8 || at > right + 8) return hide();
    const x = x0 + (at - left) / (right - left) * (x1 - x0);
    let nearest = null;
    for (const series of chart.series) {
      for (const [px] of series.points) {
        if (nearest === null || Math.abs(px - x) < Math.abs(nearest - x)) nearest = px;
      }
    }
    const lines = [{text: chart.x + " " + short(nearest)}];
    for (const series of chart.series) {
      const point = series.points.reduce((a, b) => Math.abs(b[0] - nearest) < Math.abs(a[0] - nearest) ? b : a);
      if (Math.abs(point[0] - nearest) > (x1 - x0) / 40 || point[1] === null) continue;
      lines.push({text: series.name + ": " + short(point[1]), colour: series.colour});
    }
    const pixel = left + (nearest - x0) / (x1 - x0) * (right - left);
    rule.setAttribute("x1", pixel);
    rule.setAttribute("x2", pixel);
    rule.style.display = "block";
    showTip(lines, event.clientX, event.clientY);
  });
  svg.addEventListener("pointerleave", hide);
}
)js";
}

}  // namespace springbok::study
