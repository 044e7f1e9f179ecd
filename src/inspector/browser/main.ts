import type { Row, Step, Update } from '../messages.ts';
import { act, showFaults } from './actions.ts';
import { createAnnouncer } from './announcer.ts';
import { createChartView } from './chart-view.ts';
import { byId, write } from './elements.ts';
import { clearEvents, showEvents } from './events-view.ts';
import { createListView, isInTrouble } from './list-view.ts';
import { createStatusView } from './status-view.ts';
import { createTimelineView } from './timeline-view.ts';

const rows = new Map<string, Row>();
const svg = document.querySelector<SVGElement>('svg.chart');
if (!svg) throw new Error('The page has no chart.');
const chart = createChartView(svg, byId('chart'));
const status = createStatusView();
const announce = createAnnouncer();
const list = createListView((id) => open(id));
const timeline = createTimelineView(look);

let source: EventSource | undefined;
let session: string | undefined;
let opened: string | undefined;
let looked: Step | undefined;
/** How far the clock of this page is behind that of the inspector, in milliseconds. */
let clockDifference = 0;

function connect(id: string | undefined): void {
  source?.close();
  source = new EventSource(id === undefined ? 'updates' : `updates?stream=${encodeURIComponent(id)}`);
  // Each connection begins with all that is known, also the one that the browser makes anew by itself.
  source.addEventListener('open', () => {
    forgetStream();
    connection('Live');
  });
  source.addEventListener('error', () => connection('Connection lost. Trying again …', 'lost'));
  source.addEventListener('message', ({ data }) => take(JSON.parse(data)));
}

function take(update: Update): void {
  // The inspector was started anew, and knows neither the streams nor the token of this page.
  if (session !== undefined && session !== update.session) {
    location.reload();
    return;
  }
  session = update.session;
  clockDifference = update.now - Date.now();
  for (const row of update.rows) rows.set(row.id, row);
  list.show(update.rows);
  showFaults(update.faults);
  if (!update.open) return;
  opened = update.open.id;
  const isFirst = timeline.latest === undefined;
  timeline.add(update.open.steps);
  showEvents(update.open.events);
  if (!isFirst) for (const id of update.open.steps.flatMap(({ transitions }) => transitions)) chart.run(id);
  draw();
}

function open(id: string): void {
  opened = id;
  history.replaceState(null, '', `#${new URLSearchParams({ stream: id })}`);
  list.mark(id);
  connect(id);
}

function forgetStream(): void {
  looked = undefined;
  timeline.clear();
  clearEvents();
}

function look(step: Step | undefined): void {
  looked = step;
  draw();
}

function draw(): void {
  const row = rows.get(opened ?? '');
  if (!row) return;
  byId('chart').classList.toggle('past', looked !== undefined);
  const { state, transitions } = looked ?? {
    state: row.state,
    transitions: timeline.latest?.transitions ?? [],
  };
  const isTroubled = looked ? looked.state === 'backingOff' || looked.error !== null : isInTrouble(row);
  chart.show(state, { transitions, isInTrouble: isTroubled });
  status.show(row, chart.describe(row.state));
  list.mark(opened);
  announce(row);
  tick();
}

function tick(): void {
  const now = Date.now() + clockDifference;
  status.tick(now);
  list.tick(now);
}

function connection(text: string, className = ''): void {
  write(byId('connection'), text);
  byId('connection').className = className;
}

for (const command of ['pause', 'resume', 'stop', 'restart', 'publish'] as const) {
  byId(command).addEventListener('click', () => {
    if (opened !== undefined) void act({ do: command, stream: opened });
  });
}
setInterval(tick, 200);

opened = new URLSearchParams(location.hash.slice(1)).get('stream') ?? undefined;
connect(opened);
