import type { CreateClient } from './client.ts';
import { createSdk3Client } from './sdk3.ts';

/** `box-node-sdk` 3 with what its options allow: without a second between two pages. */
export const createClient: CreateClient = (url) => createSdk3Client(url, { fetchInterval: 0 });
