import type { Command } from 'commander';
import type { StreamType } from '../../machines/stream-input.ts';
import { readServers } from '../answers.ts';
import { createRequests } from '../services.ts';
import { connect } from './connection.ts';
import { escapeControls } from './json-line.ts';
import { streamTypeOption, userOption } from './options.ts';
import { write } from './terminal.ts';

interface ServersOptions {
  readonly user?: string;
  readonly streamType: StreamType;
  readonly showChannel?: true;
}

/** Adds `box-events servers`: the realtime servers that Box offers. */
export function addServersCommand(program: Command): void {
  program
    .command('servers')
    .summary('ask Box once for its realtime servers')
    .description(
      'Asks Box once for the realtime servers that announce changes (OPTIONS /events), and prints its answer as JSON.',
    )
    .addOption(userOption())
    .addOption(streamTypeOption())
    .option(
      '--show-channel',
      'show the channels in the URLs, too; who knows one can wait for changes of the user',
    )
    .addHelpText('after', help)
    .action(servers);
}

const help = `
Examples:
  box-events servers
  box-events servers | jq -r '.entries[].url'
  box-events servers --user 12345 --show-channel`;

async function servers({ user, streamType, showChannel }: ServersOptions): Promise<void> {
  const connection = await connect(process.env, user);
  try {
    const { signal } = new AbortController();
    const answer = await createRequests(connection.services).askServers({ userId: user, streamType }, signal);
    // Throws where nothing in the answer could be polled.
    readServers(answer);
    const shown: unknown = JSON.parse(answer, (_, value) => (showChannel ? value : hideChannel(value)));
    if (connection.isSimulated) process.stderr.write(`${simulatedServers}\n`);
    await write(process.stdout, [`${escapeControls(JSON.stringify(shown, null, 2))}\n`]);
  } finally {
    await connection.close();
  }
}

const simulatedServers =
  'Those of a simulated Box, which is gone now. Set BOX_TOKEN to an access token to ask box.com.';

function hideChannel(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/([?&]channel=)[^&#]*/gi, '$1(hidden)') : value;
}
