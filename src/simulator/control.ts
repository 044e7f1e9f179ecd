import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, errorAnswer } from './answer.ts';
import { checkFault } from './check-fault.ts';
import { checkScenario } from './check-scenario.ts';
import { type Fault, kindsOf } from './fault.ts';
import { isRecord } from './is-record.ts';
import { pathOf } from './query.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';
import type { Simulator } from './simulator.ts';

interface ControlRequest {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Answers a request to `/simulator/…`, and leaves every other one to Box. */
export type Control = (request: ControlRequest) => Answer | undefined;

type Controlled = Pick<
  Simulator,
  | 'apiUrl'
  | 'users'
  | 'serviceToken'
  | 'tokenUrl'
  | 'application'
  | 'publish'
  | 'setFault'
  | 'clearFaults'
  | 'play'
  | 'report'
  | 'resetReport'
>;

/**
 * Lets a test in any language drive the simulator over HTTP, beside the API on the same port:
 *
 * - `GET /simulator`: its URLs, users, tokens, app and scenarios;
 * - `POST /simulator/publish` with `{"event":{…},"userId":"…","count":1}`, each optional: what was published;
 * - `POST /simulator/faults` with a fault; `DELETE /simulator/faults`: ends all;
 * - `POST /simulator/play` with `{"name":"…"}` of a scenario, or with a scenario: begins it;
 * - `POST /simulator/authorize` with `{"userId":"…"}`, optional: the authorization code that the app gets from a user;
 * - `POST /simulator/keypair`: what Box's Developer Console gives for JWT;
 * - `GET /simulator/report`: what was seen; `DELETE /simulator/report`: begins it anew.
 *
 * So that no page in a browser can drive it, a request must name a loopback host, and a body be `application/json`.
 */
export function createControl(simulator: Controlled): Control {
  const routes: Record<string, (body: unknown) => unknown> = {
    'GET /simulator': () => describe(simulator),
    'POST /simulator/publish': (body) => publish(simulator, body),
    'POST /simulator/faults': (body) => void simulator.setFault(checkDoor(checkFault(body))),
    'DELETE /simulator/faults': () => void simulator.clearFaults().catch(() => {}),
    'POST /simulator/play': (body) => play(simulator, scenarioOf(body)),
    'POST /simulator/authorize': (body) => ({
      code: simulator.application.authorize(userIdOf(recordOf(body))),
    }),
    'POST /simulator/keypair': () => JSON.parse(simulator.application.generateKeypair()),
    'GET /simulator/report': () => simulator.report,
    'DELETE /simulator/report': () => simulator.resetReport(),
  };

  return ({ method, url, headers, body }) => {
    const path = pathOf(url);
    if (path !== '/simulator' && !path.startsWith('/simulator/')) return undefined;
    if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(headers.host ?? ''))
      return refuse(403, 'Ask for 127.0.0.1.');
    if (method === 'POST' && !headers['content-type']?.startsWith('application/json')) {
      return refuse(415, 'Send application/json.');
    }
    const route = routes[`${method} ${path}`];
    if (route === undefined) return refuse(404, `There is: ${Object.keys(routes).join(', ')}.`);
    try {
      const answer = route(body === '' ? {} : JSON.parse(body));
      return answer === undefined ? { status: 204 } : { status: 200, body: answer };
    } catch (error) {
      return refuse(400, error instanceof Error ? error.message : String(error));
    }
  };
}

function refuse(status: number, message: string): Answer {
  return errorAnswer(status, 'simulator', message);
}

function describe({ apiUrl, tokenUrl, users, serviceToken, application }: Controlled): unknown {
  const { clientId, clientSecret, enterpriseId } = application;
  return {
    ...{ apiUrl, users, serviceToken, tokenUrl },
    application: { clientId, clientSecret, enterpriseId },
    scenarios: scenarios.map(({ name, says }) => ({ name, says })),
  };
}

/** This door is on the port of the API: who closes that for good cannot come in again. */
function checkDoor(fault: Fault): Fault {
  if (
    fault.what === 'refuse' &&
    fault.until === undefined &&
    kindsOf(fault).some((kind) => kind !== 'poll')
  ) {
    throw new TypeError("'refuse' closes this port, too: give it 'until', or on poll only.");
  }
  return fault;
}

function play({ users, play }: Controlled, scenario: Scenario): void {
  for (const { userId } of scenario.publications ?? []) {
    if (userId !== undefined && !users.some(({ id }) => id === userId))
      throw new TypeError(`There is no user ${userId}.`);
  }
  for (const fault of scenario.faults ?? []) checkDoor(fault);
  // It rejects when the simulator stops before it is over.
  play(scenario).catch(() => {});
}

function publish(simulator: Controlled, body: unknown): unknown {
  const { event = {}, count = 1, ...rest } = recordOf(body);
  const userId = userIdOf(rest);
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > 10_000) {
    throw new TypeError('count must be a whole number from 1 to 10,000.');
  }
  const options = userId === undefined ? {} : { userId };
  return { published: Array.from({ length: count }, () => simulator.publish(recordOf(event), options)) };
}

function userIdOf({ userId }: Record<string, unknown>): string | undefined {
  if (userId === undefined || typeof userId === 'string') return userId;
  throw new TypeError('userId must be a text.');
}

function scenarioOf(body: unknown): Scenario {
  const { name, ...rest } = recordOf(body);
  const known = scenarios.find((scenario) => scenario.name === name);
  return known && Object.keys(rest).length === 0 ? known : checkScenario(body);
}

function recordOf(value: unknown): Record<string, unknown> {
  if (isRecord(value)) return value;
  throw new TypeError('The body must be a JSON object.');
}
