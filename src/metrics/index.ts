export { type MetricsOptions, observeMetrics } from './observe-metrics.ts';
