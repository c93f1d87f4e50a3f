// The style sheet of the report.
#include "springbok/study/sections.h"

namespace springbok::study {

const char* style_sheet() {  // NOLINT(readability-function-size): one string
  return R"css(:root { color-scheme: light dark; --back: #f6f5f1; --card: #fff; --ink: #1d2025; --soft: #646a73; --line: #e2e0d9;
  --right: #1a7f4b; --wrong: #c2362b; --gold: #fff3cf;
  --c0: #0b66c3; --c1: #d4560b; --c2: #148a63; --c3: #b0417f; --c4: #a87900; --c5: #3a9fc4; --c6: #70489a; --c7: #666; }
@media (prefers-color-scheme: dark) { :root { --back: #14161a; --card: #1d2026; --ink: #e9e8e4; --soft: #9da3ac; --line: #333841;
  --right: #45c486; --wrong: #ff7a6e; --gold: #453a17;
  --c0: #5aa9f5; --c1: #ff9152; --c2: #3fc897; --c3: #ec8fc3; --c4: #e8bc4a; --c5: #74d0ee; --c6: #b993e0; --c7: #aaa; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 32px 20px; }
header { margin-bottom: 24px; }
.kind { margin: 0; color: var(--soft); font-size: 12px; letter-spacing: .12em; text-transform: uppercase; }
h1 { margin: 2px 0 8px; font-size: 28px; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 0 0 12px; font-size: 18px; }
h3 { margin: 0 0 6px; font-size: 14px; }
.headline { margin: 0 0 4px; font-size: 17px; } .headline b { font-size: 22px; } .headline span { color: var(--soft); }
.about, .note, figcaption, footer, .legend { color: var(--soft); font-size: 13px; } .about { margin: 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px; margin-bottom: 20px; }
.note { margin: 10px 0 0; } h2 + .note, h3 + .note { margin: -8px 0 12px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: 7px 12px; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
thead th { color: var(--soft); font-size: 13px; font-weight: 600; }
tbody tr:last-child > * { border-bottom: 0; }
.results { width: 100%; font-variant-numeric: tabular-nums; } .n { text-align: right; }
.best { font-weight: 700; background: var(--gold); }
.s0 { --c: var(--c0); } .s1 { --c: var(--c1); } .s2 { --c: var(--c2); } .s3 { --c: var(--c3); }
.s4 { --c: var(--c4); } .s5 { --c: var(--c5); } .s6 { --c: var(--c6); } .s7 { --c: var(--c7); }
.swatch, .block { display: inline-block; width: 10px; height: 10px; margin-right: 7px; background: var(--c); border-radius: 50%; }
.legend { margin: 0 0 12px; } .legend span { margin-right: 18px; white-space: nowrap; color: var(--ink); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(370px, 100%), 1fr)); gap: 24px; }
.chart { margin: 0; min-width: 0; } svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 12px; } svg .axis { fill: var(--ink); font-size: 12.5px; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg path { fill: none; stroke: var(--c); stroke-linejoin: round; }
svg .bold { stroke-width: 2.2; } svg .faint { stroke-width: 1.4; opacity: .6; }
svg circle { fill: var(--c); stroke: var(--card); stroke-width: 1.2; }
.times { display: grid; grid-template-columns: max-content 1fr max-content; gap: 8px 14px; align-items: center; }
.timebar { display: flex; height: 18px; } .timebar span { height: 100%; } .timesum { font-variant-numeric: tabular-nums; }
.data { --c: #d9822b; background: var(--c); } .compute { --c: #5b7fa6; background: var(--c); } .eval { --c: #9aa7b5; background: var(--c); }
.block { border-radius: 2px; margin-left: 10px; } .times + .legend { margin: 12px 0 0; } .legend .block:first-child { margin-left: 0; }
.recipe { font-size: 13px; } .recipe td, .recipe tbody th { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-weight: 400; }
.recipe td { white-space: normal; overflow-wrap: anywhere; } .recipe tbody th { color: var(--soft); }
.shared th, .shared td { padding: 3px 12px; border: 0; }
details { margin-top: 14px; } summary { cursor: pointer; color: var(--soft); margin-bottom: 8px; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(124px, 1fr)); gap: 12px; margin-bottom: 20px; }
.gallery:last-child { margin-bottom: 0; }
.picture { margin: 0; border: 1px solid var(--line); border-top: 4px solid var(--verdict); border-radius: 6px; overflow: hidden; }
.right { --verdict: var(--right); } .wrong { --verdict: var(--wrong); } .open { --verdict: var(--soft); }
.picture img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; background: #000; }
.pixels { image-rendering: pixelated; }
.picture figcaption { padding: 6px 9px 8px; display: grid; font-size: 12.5px; line-height: 1.35; overflow-wrap: anywhere; }
.picture b { color: var(--verdict); }
.bar { display: block; height: 4px; margin-top: 5px; border-radius: 2px; background: var(--verdict); }
.share { background-image: linear-gradient(90deg, color-mix(in srgb, var(--c0) 24%, transparent) var(--w), transparent var(--w)); min-width: 92px; }
.bars { width: 100%; font-variant-numeric: tabular-nums; } .block.first { margin-left: 0; outline: 1px solid var(--line); }
.gallery.wide { grid-template-columns: repeat(auto-fill, minmax(168px, 1fr)); } .labels { --verdict: var(--line); }
.labels figcaption { display: flex; flex-wrap: wrap; gap: 2px 10px; }
.rows { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(520px, 100%), 1fr)); gap: 18px 24px; margin-bottom: 20px; }
.masks { margin: 0; min-width: 0; } .masks figcaption { margin-top: 4px; overflow-wrap: anywhere; } .masks b { color: var(--ink); }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(112px, 1fr)); gap: 6px; } .panels span { min-width: 0; }
.panels img { display: block; width: 100%; border-radius: 4px; } .panels em { font-style: normal; font-size: 12px; color: var(--soft); }
footer { padding: 0 4px; }
.soft { color: var(--soft); }
th button { all: unset; cursor: pointer; } th button:focus-visible { outline: 2px solid var(--c0); outline-offset: 3px; }
th button::after { content: "↕"; margin-left: 5px; opacity: .35; }
th[aria-sort="ascending"] button::after { content: "↑"; opacity: 1; } th[aria-sort="descending"] button::after { content: "↓"; opacity: 1; }
.tip { display: none; position: fixed; z-index: 9; max-width: min(340px, 90vw); padding: 7px 10px; border-radius: 6px; pointer-events: none;
  background: var(--ink); color: var(--back); font-size: 13px; line-height: 1.45; overflow-wrap: anywhere; box-shadow: 0 2px 10px #0005; }
svg[data-chart] { touch-action: pan-y; } svg .rule { display: none; stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 3; }
.matrix { font-size: 12px; font-variant-numeric: tabular-nums; margin-bottom: 18px; }
.matrix th, .matrix td { padding: 3px 6px; border: 0; } .matrix td { text-align: right; min-width: 34px; height: 26px; border: 1px solid var(--card); }
.matrix thead th { height: 84px; vertical-align: bottom; } .matrix thead span { display: block; max-height: 96px; writing-mode: vertical-rl; transform: rotate(180deg); overflow: hidden; }
.matrix tbody th { text-align: right; color: var(--soft); font-weight: 400; }
.hit { background: color-mix(in srgb, var(--right) calc(var(--h) * .5), transparent); } .miss { background: color-mix(in srgb, var(--wrong) min(calc(var(--h) * 3), 50%), transparent); }
.matrix td:hover, .matrix td:focus-visible { outline: 2px solid var(--ink); outline-offset: -1px; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(340px, 100%), 1fr)); gap: 8px 32px; margin-bottom: 18px; } .pair > div { min-width: 0; }
.pair table, .times + .legend + .scroll table { width: 100%; font-variant-numeric: tabular-nums; } .pair td, .pair th { padding: 4px 10px; }
.tall { max-height: 460px; overflow-y: auto; }
.events { margin: 0; padding-left: 4px; list-style: none; overflow-wrap: anywhere; } .events li { margin: 4px 0; }
@media (max-width: 640px) { main { padding: 18px 10px; } section { padding: 14px 12px; } h1 { font-size: 23px; } th, td { padding: 6px 9px; }
  svg text { font-size: 17px; } svg .axis { font-size: 18px; } .times { grid-template-columns: 1fr max-content; } .timename { grid-column: 1 / -1; margin-bottom: -6px; } }
@media print { .tip { display: none !important; } section { break-inside: avoid; } }
)css";
}

}  // namespace springbok::study
