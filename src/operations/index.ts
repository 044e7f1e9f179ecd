export type { BoxRequest } from '../../machines/box-error.ts';
export { type LogEntry, type LogOptions, logStreams } from './log-streams.ts';
export type { StreamState } from './stream-record.ts';
export {
  type Health,
  type HealthOptions,
  type HealthReport,
  type StalledStream,
  watchHealth,
} from './watch-health.ts';
