import { oneLine } from '../one-line.ts';
import type { Report, Scenario, Simulator } from '../simulator/index.ts';

/** The scenarios and faults that there are, for `--list`. */
export function describeAll(
  scenarios: readonly Scenario[],
  faults: Readonly<Record<string, { says: string; on: readonly string[] }>>,
): string {
  const width = Math.max(
    ...[...scenarios.map(({ name }) => name), ...Object.keys(faults)].map(({ length }) => length),
  );
  return [
    'Scenarios, for --scenario:',
    ...scenarios.map(({ name, says }) => `  ${name.padEnd(width)}  ${says}`),
    '',
    'Faults, for --fault:',
    ...Object.entries(faults).map(([name, { says }]) => `  ${name.padEnd(width)}  ${says}`),
    '',
  ].join('\n');
}

/** Where a simulated Box is, and how one client or another is pointed there. */
export function describeBox({
  url,
  apiUrl,
  tokenUrl,
  token,
  users,
  serviceToken,
  application,
}: Simulator): string {
  const { clientId, clientSecret } = application;
  const [user] = users;
  const others =
    users.length > 1 ? `\n${users.length} users; their ids and tokens: curl ${url}/simulator` : '';
  return `A simulated Box is at ${url}. Ctrl-C ends it.

Token of ${user?.name}: ${token}
Token for all users, with as-user: ${serviceToken}${others}

box-events:
  BOX_TOKEN=${token} BOX_API_URL=${apiUrl} box-events watch
  boxEvents({ token: '${token}', apiUrl: '${apiUrl}' })
box-events, as an app that gets its tokens by itself (of the user, or with
BOX_ENTERPRISE_ID=${application.enterpriseId} and --user of any user):
  BOX_CLIENT_ID=${clientId} BOX_CLIENT_SECRET=${clientSecret} BOX_USER_ID=${user?.id} BOX_API_URL=${apiUrl} box-events watch
  clientCredentials({ clientId: '${clientId}', clientSecret: '${clientSecret}', userId: '${user?.id}', tokenUrl: '${tokenUrl}' })
curl:
  curl -X OPTIONS -H 'Authorization: Bearer ${token}' ${apiUrl}/events
  curl -H 'Authorization: Bearer ${token}' '${apiUrl}/events?stream_position=0&limit=500'
box-node-sdk 10, with BaseUrls and NetworkSession from 'box-node-sdk/networking':
  new BoxClient({ auth: new BoxDeveloperTokenAuth({ token: '${token}' }),
    networkSession: new NetworkSession({ baseUrls: new BaseUrls({ baseUrl: '${url}' }) }) })
box-node-sdk 3, with Agent from 'node:http':
  new BoxSDK({ clientID: 'id', clientSecret: 'secret', apiRootURL: '${url}',
    request: { agentClass: Agent } }).getBasicClient('${token}')
Something of your own:
  curl -H 'content-type: application/json' -d '{"event":{"event_type":"ITEM_COPY"}}' ${url}/simulator/publish

`;
}

/** What is played; nothing when there is no scenario. */
export function describeScenario(scenario: Scenario | undefined): string {
  if (!scenario) return '';
  return `Playing ${scenario.name} for ${scenario.lasts / 1_000} s. ${oneLine(scenario.says)}\n\n`;
}

/** What it saw. */
export function describeReport(report: Report): string {
  const { requests, busiestSecond } = report;
  const kinds = (['servers', 'poll', 'events', 'token', 'other'] as const).filter(
    (kind) => requests[kind] > 0,
  );
  const rows = kinds.map(
    (kind) =>
      `  ${kind.padEnd(8)} ${String(requests[kind]).padStart(8)}  at most ${busiestSecond[kind]} in a second`,
  );
  return `
Published: ${report.published} events. Requests that came:
${rows.join('\n') || '  none'}
  of them ${report.earlyRetries} before Retry-After had passed, ${report.aborted} given up by the client
Polls held at once: ${report.mostHeldPolls} at most
Tokens sent to a host that should not have them: ${report.strayTokens}
Requests to a host that is not Box's: ${report.elsewhere}
`;
}
