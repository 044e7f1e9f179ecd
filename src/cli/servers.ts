import type { Command } from 'commander';
import { createFetch } from '#transport';
import type { ServersInput } from '../../machines/box-events.machine.ts';
import type { StreamType } from '../../machines/stream-input.ts';
import { createRequests, type ServicesOptions } from '../services.ts';
import type { Fetch } from '../transport/fetch.ts';
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
    const answer = await askForServers(connection.services, { userId: user, streamType });
    const shown: unknown = JSON.parse(answer, (_, value) => (showChannel ? value : hideChannel(value)));
    await write(process.stdout, [`${escapeControls(JSON.stringify(shown, null, 2))}\n`]);
  } finally {
    await connection.close();
  }
}

// The services keep what the chart needs of Box's answer; here all of it is shown, so it is taken down on its way.
async function askForServers(services: ServicesOptions, input: ServersInput): Promise<string> {
  let answer = '';
  const transport = createFetch();
  const fetch: Fetch = async (request) => {
    const response = await transport(request);
    answer = await response.clone().text();
    return response;
  };
  await createRequests({ ...services, fetch }).fetchServers(input, new AbortController().signal);
  return answer;
}

function hideChannel(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/([?&]channel=)[^&#]*/gi, '$1(hidden)') : value;
}
