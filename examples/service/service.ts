import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { boxEventsFor } from 'box-events';
import { observeMetrics } from 'box-events/metrics';
import { logStreams, watchHealth } from 'box-events/operations';
import { deliver } from './deliver.ts';
import { log } from './log.ts';
import { serveProbes } from './probes.ts';
import { readSettings, type Settings } from './settings.ts';

/*
 * A service that follows Box accounts and hands their events on; README.md beside it says how it is run. At SIGTERM it waits for the page
 * in hand, keeps its position, and ends with 0.
 */

const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort()).once('SIGINT', () => stopping.abort());

try {
  const settings = await readSettings(process.env);
  try {
    await serve(settings, stopping.signal);
  } finally {
    await settings.close();
  }
} catch (error) {
  if (stopping.signal.aborted && isAbort(error)) {
    log({ level: 'info', message: 'service has stopped' });
  } else {
    const reason = error instanceof Error ? error.message : String(error);
    log({ level: 'error', message: 'service has failed', reason });
    process.exitCode = 1;
  }
}

async function serve({ follow, deliverTo, host, port }: Settings, signal: AbortSignal): Promise<void> {
  let left = [...follow.users].length;
  const events = boxEventsFor({
    ...follow,
    signal,
    // The log tells of each. The last one is the end: it may be the app that lost its rights.
    onFailed({ error }) {
      if (--left === 0) throw error;
    },
    onSaveError({ userIds, attempt }) {
      log({ level: 'warn', message: 'positions were not saved', streams: userIds.length, attempt });
    },
  });
  const exporter = new PrometheusExporter({ preventServerStart: true });
  observeMetrics(events.actor, { meterProvider: new MeterProvider({ readers: [exporter] }) });
  logStreams(events.actor, log);
  const health = watchHealth(events.actor);
  const probes = await serveProbes(
    { health, metrics: (request, response) => exporter.getMetricsRequestHandler(request, response) },
    { host, port },
  );
  log({ level: 'info', message: 'service serves', address: probes.address(), users: left });
  try {
    for await (const page of events.pages()) await deliver(page, { url: deliverTo, signal });
  } finally {
    probes.close();
    probes.closeAllConnections();
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
