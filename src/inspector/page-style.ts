const sans = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif";
const mono = 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace';

/** The CSS of the page, beside that of the chart. */
export const pageStyle = `
:root { color-scheme: light dark; --page: #fff; --panel: #f6f8fa; --ink: #1f2328; --soft: #59636e; --rule: #d1d9e0; --accent: #0969da; --on-accent: #fff; --warn: #bc4c00; --bad: #cf222e; --tint: #ddf4ff; --warn-tint: #fff1e5; }
@media (prefers-color-scheme: dark) {
  :root { --page: #0d1117; --panel: #161b22; --ink: #e6edf3; --soft: #9198a1; --rule: #30363d; --accent: #58a6ff; --on-accent: #0d1117; --warn: #f0883e; --bad: #ff7b72; --tint: #10294d; --warn-tint: #3a2212; }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--page); color: var(--ink); font: 14px/1.45 ${sans}; }
header { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline; padding: 10px 20px; border-bottom: 1px solid var(--rule); }
h1 { margin: 0; font-size: 17px; }
h2 { margin: 0 0 6px; font-size: 13px; color: var(--soft); font-weight: 600; }
p { margin: 0; }
#connection, .hint { color: var(--soft); font-size: 13px; }
#connection.lost { color: var(--bad); font-weight: 600; }
main { display: grid; grid-template-columns: minmax(0, 1fr) minmax(340px, 440px); align-items: start; }
main.many { grid-template-columns: minmax(210px, 270px) minmax(0, 1fr) minmax(320px, 420px); }
#chart { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 12px; text-align: center; scroll-behavior: smooth; }
#chart svg { width: 100%; max-width: 807px; height: auto; min-width: 560px; }
#chart.past { outline: 2px dashed var(--accent); outline-offset: -4px; }
#chart.past::before { content: 'As it was then'; position: sticky; top: 0; display: inline-block; padding: 3px 12px; border-radius: 12px; background: var(--accent); color: var(--on-accent); }
#side { border-left: 1px solid var(--rule); min-height: 100vh; }
#side > section { padding: 14px 20px; border-bottom: 1px solid var(--rule); }
#side > section > :is(p, dl, div, ol) + :is(p, dl, div, ol, details) { margin-top: 10px; }

#state-name { font-size: 22px; }
#state-for, #about { color: var(--soft); }
#why { padding: 8px 10px; border-left: 3px solid var(--warn); background: var(--warn-tint); overflow-wrap: anywhere; }
#countdown { display: flex; gap: 10px; align-items: center; }
#countdown-text { font-variant-numeric: tabular-nums; white-space: nowrap; }
progress { flex: 1; height: 8px; accent-color: var(--warn); }
dl { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 14px; margin: 0; }
dt { color: var(--soft); font-size: 12px; }
dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
#position { font-family: ${mono}; font-size: 12px; }

.buttons, #faults { display: flex; flex-wrap: wrap; gap: 8px; }
#faults { display: contents; }
button { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; padding: 5px 11px; min-height: 34px; cursor: pointer; }
button:hover:enabled { border-color: var(--accent); }
button:disabled { color: var(--soft); opacity: 0.6; cursor: default; }
button[aria-pressed='true'] { background: var(--warn-tint); border-color: var(--warn); color: var(--warn); font-weight: 600; }
#publish, #restart { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
:is(button, input, summary, pre, section):focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }

#streams { position: sticky; top: 0; height: 100vh; overflow: auto; border-right: 1px solid var(--rule); padding: 12px; }
#streams label { display: block; font-weight: 600; }
#streams .check { font-weight: 400; color: var(--soft); margin: 6px 0 10px; }
#find { width: 100%; margin-top: 4px; padding: 5px 8px; font: inherit; color: inherit; background: var(--page); border: 1px solid var(--rule); border-radius: 6px; }
ul, ol { list-style: none; margin: 0; padding: 0; }
#rows li { content-visibility: auto; contain-intrinsic-size: auto 48px; }
#rows button { width: 100%; text-align: left; border: 0; background: none; border-radius: 6px; padding: 5px 8px; min-height: 44px; overflow: hidden; }
#rows button:hover { background: var(--panel); }
#rows button[aria-current='true'] { background: var(--tint); }
#rows .name { display: block; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
#rows .about { color: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
#rows .troubled .about { color: var(--warn); }
#rows .ended .about { color: var(--bad); }

#steps, #events { max-height: 280px; overflow: auto; border: 1px solid var(--rule); border-radius: 6px; font-size: 12.5px; }
#live { float: right; margin-top: -4px; min-height: 26px; padding: 1px 9px; }
#steps button { display: grid; grid-template-columns: 62px minmax(0, 1fr) auto; gap: 8px; width: 100%; text-align: left; border: 0; border-radius: 0; background: none; padding: 4px 10px; min-height: 28px; }
#steps li + li, #events li + li { border-top: 1px solid var(--rule); }
#steps button:hover { background: var(--panel); }
#steps button[aria-current='true'] { background: var(--tint); }
#steps .failed .event { color: var(--warn); }
#steps .event { overflow-wrap: anywhere; }
time, .took { color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap; }
#events li { display: grid; grid-template-columns: 62px minmax(0, 1fr); gap: 8px; padding: 4px 10px; }
#events .type { font-family: ${mono}; font-size: 12px; }
pre { margin: 6px 0 0; padding: 8px 10px; max-height: 320px; overflow: auto; background: var(--panel); border-radius: 6px; font: 12px/1.5 ${mono}; white-space: pre-wrap; overflow-wrap: anywhere; }
pre .changed { color: var(--accent); font-weight: 600; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
#refused:not(:empty) { position: fixed; bottom: 16px; left: 50%; translate: -50%; padding: 10px 16px; border-radius: 6px; background: var(--bad); color: var(--page); }

.chart .paper { fill: none; }
.chart .state, .chart .edge { transition: opacity 0.3s; }
.chart .state.lit > .border { stroke: var(--main); stroke-width: 3.5; fill: var(--tint); }
.chart .state.compound.lit > .border { fill: none; }
.chart .state.lit.in-trouble > .border { stroke: var(--failure); fill: var(--warn-tint); }
.chart .edge.lit { stroke-width: 4; }
.chart .label.lit, .chart .inner.lit { font-weight: 700; text-decoration: underline; fill: var(--ink); }
.chart .runner { fill: var(--main); stroke: var(--paper); stroke-width: 2; }
.chart .runner.failure { fill: var(--failure); }
.chart .runner.aside { fill: var(--soft); }

@media (max-width: 1000px) {
  main, main.many { grid-template-columns: minmax(0, 1fr); }
  #streams { position: static; height: auto; max-height: 40vh; border-right: 0; border-bottom: 1px solid var(--rule); }
  #chart.past { outline: 2px dashed var(--accent); outline-offset: -4px; }
#chart.past::before { content: 'As it was then'; position: sticky; top: 0; display: inline-block; padding: 3px 12px; border-radius: 12px; background: var(--accent); color: var(--on-accent); }
#side { border-left: 0; display: contents; }
  #side > section:first-child { order: -1; }
  #streams { order: -2; }
  #chart { position: static; height: 62vh; padding: 8px 0; border-bottom: 1px solid var(--rule); }
  #side > section { padding: 12px 14px; }
  header { padding: 8px 14px; }
}
@media (prefers-reduced-motion: reduce) { #chart { scroll-behavior: auto; } .chart .state, .chart .edge { transition: none; } }
`;
