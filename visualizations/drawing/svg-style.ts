import { fonts } from './boxes.ts';

const sans = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif";
const mono = 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace';

/** The CSS of a drawing: light, and dark where the reader prefers it. */
export const svgStyle = `
.chart { --paper: #fff; --card: #f6f8fa; --ink: #1f2328; --soft: #59636e; --line: #8c959f; --main: #0969da; --failure: #bc4c00; --aside: #8c959f; font-family: ${sans}; }
@media (prefers-color-scheme: dark) {
  .chart { --paper: #0d1117; --card: #161b22; --ink: #e6edf3; --soft: #9198a1; --line: #6e7681; --main: #58a6ff; --failure: #f0883e; --aside: #6e7681; }
}
.chart .paper { fill: var(--paper); }
.chart .state > .border { fill: var(--card); stroke: var(--line); stroke-width: 1.25; }
.chart .compound > .border, .chart .parallel > .border { fill: none; }
.chart .region > .border { stroke-dasharray: 5 4; }
.chart .final > .inset { fill: none; stroke: var(--line); }
.chart text { fill: var(--ink); }
.chart .name { font-size: ${fonts.name.size}px; font-weight: 650; }
.chart .description { font-size: ${fonts.description.size}px; fill: var(--soft); }
.chart .invoke, .chart .inner, .chart .label { font-family: ${mono}; font-size: ${fonts.invoke.size}px; }
.chart .inner { font-size: ${fonts.inner.size}px; fill: var(--soft); }
.chart .label { text-anchor: middle; }
.chart .edge { fill: none; stroke-width: 1.25; }
.chart .edge.main { stroke: var(--main); stroke-width: 2.25; }
.chart .edge.failure { stroke: var(--failure); stroke-width: 1.5; stroke-dasharray: 6 3; }
.chart .edge.aside { stroke: var(--aside); }
.chart .arrow.main { fill: var(--main); }
.chart .arrow.failure { fill: var(--failure); }
.chart .arrow.aside { fill: var(--aside); }
.chart .behind { fill: var(--paper); }
.chart .any .label { fill: var(--soft); }
.chart .on-edge.main .label { fill: var(--main); font-weight: 600; }
.chart .on-edge.failure .label { fill: var(--failure); }
.chart .on-edge.aside .label { fill: var(--soft); }
.chart .any .border { fill: none; stroke: var(--aside); stroke-dasharray: 3 3; }
.chart .initial { fill: var(--main); }
`.trimStart();
