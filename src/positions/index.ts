export { filePositions } from './file-positions.ts';
export type { OpenPositions, Positions } from './positions.ts';
export { sqlitePositions } from './sqlite-positions.ts';
