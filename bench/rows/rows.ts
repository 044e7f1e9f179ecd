import type { Row } from '../row.ts';
import { drain } from './drain.ts';
import { drainFar } from './drain-far.ts';
import { fan } from './fan.ts';
import { idle } from './idle.ts';
import { live } from './live.ts';
import { size } from './size.ts';
import { slow } from './slow.ts';
import { start } from './start.ts';
import { wake } from './wake.ts';

/** All rows, in the order of the table. */
export const rows: readonly Row[] = [drain, drainFar, wake, live, fan, ...idle, start, size, slow];
