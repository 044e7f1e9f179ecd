export { type BoxEventsOnRestateOptions, boxEventsOnRestate } from './box-events-on-restate.ts';
