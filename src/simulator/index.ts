export type { Answer } from './answer.ts';
export type { SimulatorClock } from './clock.ts';
export { type StreamType, type UserEventType, userEventTypes } from './event-types.ts';
export type { Intercept } from './host.ts';
export type { SimulatorRequest } from './requests.ts';
export { createSimulator, type Simulator, type SimulatorOptions } from './simulator.ts';
export type { SimulatorEvent } from './simulator-event.ts';
export type { TrafficOptions } from './traffic.ts';
export type { SimulatorUser } from './users.ts';
