import { createAgent } from 'box-node-sdk/lib/internal/utils';
import type { CreateClient } from './client.ts';
import { createSdk10Client } from './sdk10.ts';

/** `box-node-sdk` 10 with what its options allow: connections that are kept, and pages of 500. */
export const createClient: CreateClient = (url) =>
  createSdk10Client(url, { agent: createAgent({ keepAlive: true }, undefined) }, { limit: 500 });
