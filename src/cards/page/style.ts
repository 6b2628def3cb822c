/** How a card looks, by day and by night. Colours keep a contrast of 4.5 : 1 for text. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f7f7f5; --surface: #ffffff; --text: #1f2328; --muted: #59616b; --line: #e2e3e0; --faint: #f1f1ee;
  --accent: #2d5fc4; --accent-soft: #e6edfb; --chart: #3b6fd4; --chart-soft: #3b6fd41f;
  --good: #1a6b3c; --good-soft: #e2f3e8; --bad: #a8231c; --bad-soft: #fbe9e7; --busy: #7a4d00; --busy-soft: #fbf0d9;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171b; --surface: #1c1f25; --text: #e4e7eb; --muted: #9ba4b0; --line: #31363f; --faint: #23272e;
    --accent: #8fb3ff; --accent-soft: #25324d; --chart: #7aa5ff; --chart-soft: #7aa5ff24;
    --good: #7fd6a0; --good-soft: #1b3526; --bad: #ff9d94; --bad-soft: #43211f; --busy: #f0c674; --busy-soft: #3b301a;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
main, footer { max-width: 62rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding: 2.5rem 0 1.25rem; }
.path { font: 13px/1.4 var(--mono); color: var(--muted); }
.title { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem .9rem; margin: .35rem 0 1rem; }
h1 { font-size: 1.75rem; line-height: 1.2; letter-spacing: -.012em; font-weight: 650; margin: 0; text-wrap: balance; }
h2 { font-size: 1.05rem; line-height: 1.3; font-weight: 650; margin: 0 0 .75rem; }
h3 { font-size: .95rem; line-height: 1.35; font-weight: 600; margin: 0 0 .5rem; }
p { margin: 0 0 .75rem; } p:last-child { margin-bottom: 0; }
a { color: var(--accent); text-underline-offset: .15em; }
code, pre { font-family: var(--mono); font-size: .87em; }
.muted { color: var(--muted); }
.status { font-size: .8rem; font-weight: 600; line-height: 1; padding: .35rem .6rem; border-radius: 99px; }
.status.done { color: var(--good); background: var(--good-soft); }
.status.failed { color: var(--bad); background: var(--bad-soft); }
.status.running { color: var(--busy); background: var(--busy-soft); }
dl { margin: 0; } dd { margin: 0; }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; }
dt { font-size: .78rem; color: var(--muted); }
section, .value-row { margin: 0 0 1rem; }
section { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.25rem 1.2rem; }
section section { border: 0; padding: 0; margin: 1.25rem 0 0; background: none; }
section section:first-child { margin-top: 0; }
.scroll { overflow-x: auto; }
.scroll:focus-visible, pre:focus-visible, summary:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
table { border-collapse: collapse; font-size: .9rem; line-height: 1.45; max-width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .38rem .75rem; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { padding-left: 0; } th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child > th, tbody tr:last-child > td { border-bottom: 0; }
thead th { font-weight: 600; color: var(--muted); font-size: .82rem; white-space: nowrap; border-bottom: 1px solid var(--line); }
td { max-width: 34rem; } td.code { font: .85em/1.5 var(--mono); } td.date { white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
.pairs th { font: 500 .87em/1.6 var(--mono); white-space: nowrap; padding-right: 1.5rem; }
.pairs { width: 100%; } .pairs th { width: 1%; } .pairs td { max-width: none; }
.about { display: block; font: .82rem/1.35 system-ui, sans-serif; color: var(--muted); white-space: normal; min-width: 9rem; }
.note { font-size: .85rem; color: var(--muted); margin: .6rem 0 0; }
.note.problem { color: var(--bad); margin: 0; }
figure { margin: 0; } figcaption { font-size: .95rem; font-weight: 600; margin: 0 0 .6rem; }
img { display: block; max-width: 100%; height: auto; border-radius: 6px; background: #fff; }
iframe { display: block; width: 100%; border: 1px solid var(--line); border-radius: 6px; background: #fff; color-scheme: light; resize: vertical; }
pre { margin: 0; white-space: pre; overflow: auto; }
pre.text, pre.log, .prose pre { background: var(--faint); border-radius: 6px; padding: .7rem .85rem; line-height: 1.5; max-height: 28rem; }
pre.log { white-space: pre-wrap; } .err { color: var(--bad); }
.v-number, .v-word, .key { font: .87em/1.6 var(--mono); }
.v-number { color: var(--accent); } .v-word { color: var(--busy); } .v-error { color: var(--bad); } .key { color: var(--muted); }
.tree { font-size: .93rem; } .tree pre.text { white-space: pre-wrap; overflow-wrap: anywhere; } .tree .branch { margin-left: .45rem; padding-left: .9rem; border-left: 1px solid var(--line); }
.tree .leaf { padding: .05rem 0 .05rem 1.05rem; } .tree > .leaf { padding-left: 0; } .key { margin-right: .35rem; }
summary { cursor: pointer; width: fit-content; } summary h2 { display: inline; } details[open] > summary:has(h2) { margin-bottom: .75rem; }
.value-row { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem; }
.value-box { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: .9rem 1.1rem; }
.value-title { font-size: .82rem; color: var(--muted); }
.value { font-size: 1.7rem; line-height: 1.25; font-weight: 620; letter-spacing: -.01em; } .unit { font-size: 1rem; font-weight: 500; color: var(--muted); }
.value-note { font-size: .85rem; margin-top: .15rem; }
.progress-text { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .1rem 1rem; margin-bottom: .4rem; } .progress-text strong { color: var(--text); margin-left: .5rem; }
progress { appearance: none; display: block; width: 100%; height: 8px; border: 0; border-radius: 99px; overflow: hidden; background: var(--accent-soft); }
progress::-webkit-progress-bar { background: var(--accent-soft); } progress::-webkit-progress-value { background: var(--accent); border-radius: 99px; } progress::-moz-progress-bar { background: var(--accent); }
.charts { display: flex; flex-wrap: wrap; gap: 1rem 2rem; } .chart { position: relative; flex: 1 1 12rem; } .chart.wide { flex: 2 1 22rem; padding-left: 4rem; }
.chart svg { display: block; width: 100%; height: 124px; border-bottom: 1px solid var(--line); }
.chart .line { fill: none; stroke: var(--chart); stroke-width: 1.6; stroke-linejoin: round; } .chart .area { fill: var(--chart-soft); } .chart .bar { fill: var(--chart); opacity: .75; }
.axis-x, .axis-y { font-size: .75rem; color: var(--muted); display: flex; justify-content: space-between; } .axis-x { padding-top: .2rem; }
.axis-y { position: absolute; left: 0; width: 3.5rem; top: 0; height: 124px; flex-direction: column; text-align: right; align-items: flex-end; line-height: 1; }
.figures { display: flex; flex-wrap: wrap; gap: .3rem 1.75rem; margin-top: .6rem; font-size: .9rem; }
.graph svg { display: block; } .graph text { font: 500 12.3px/1 var(--mono); fill: var(--text); }
.node rect { fill: var(--surface); stroke: var(--muted); stroke-opacity: .55; } .node.marked rect { fill: var(--accent); stroke: var(--accent); stroke-opacity: 1; } .node.marked .behind { fill: var(--accent-soft); } .node.marked text { fill: var(--surface); }
.edge { fill: none; stroke: var(--muted); stroke-width: 1.3; stroke-opacity: .8; } .edge.choice { stroke-dasharray: 4 3; } .head { fill: var(--muted); }
.failure-message { color: var(--bad); white-space: pre-wrap; } .failure pre b { color: var(--bad); } .failure pre.text { margin: 0 0 .75rem; } .failure .failure { margin: .5rem 0 0 .5rem; padding-left: .9rem; border-left: 2px solid var(--line); }
.stack { margin: 0 0 .75rem; padding-left: 1.4rem; font-size: .9rem; }
.prose > :first-child { margin-top: 0; } .prose > :last-child { margin-bottom: 0; }
.prose h3, .prose h4, .prose h5, .prose h6 { margin: 1.2rem 0 .5rem; } .prose .level-1 { font-size: 1.3rem; line-height: 1.3; } .prose .level-2 { font-size: 1.1rem; }
.prose p, .prose ul, .prose ol, .prose blockquote, .prose pre, .prose .scroll { margin: 0 0 .75rem; max-width: 46rem; } .prose .scroll { max-width: none; }
.prose ul, .prose ol { padding-left: 1.4rem; } .prose blockquote { color: var(--muted); border-left: 3px solid var(--line); padding-left: .9rem; }
.prose hr { border: 0; border-top: 1px solid var(--line); margin: 1.2rem 0; } .prose pre code { font-size: inherit; } .prose :not(pre) > code { background: var(--faint); border-radius: 4px; padding: .1em .3em; }
.vega { min-height: 3rem; } .vega svg { display: block; max-width: 100%; height: auto; overflow: visible; } .vega .problem { color: var(--bad); font-size: .9rem; }
.tip { position: absolute; z-index: 1; pointer-events: none; background: var(--text); color: var(--surface); border-radius: 6px; padding: .35rem .55rem; font-size: .8rem; line-height: 1.4; max-width: 22rem; white-space: pre-line; }
footer { padding-top: .75rem; padding-bottom: 2.5rem; font-size: .8rem; color: var(--muted); }
@media (max-width: 34rem) { header { padding-top: 1.5rem; } section { padding: .9rem 1rem 1rem; } h1 { font-size: 1.45rem; } .chart.wide { flex-basis: 100%; } }
@media print { body { background: none; } section, .value-box { break-inside: avoid; } pre.text, pre.log { max-height: none; white-space: pre-wrap; } }
`;
