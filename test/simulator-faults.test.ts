import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createClock,
  createSimulator,
  type Fault,
  parseFault,
  type Scenario,
  type SimulatorOptions,
  scenarios,
} from '../src/simulator/index.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const start = async (options: SimulatorOptions = {}) => {
  const box = await createSimulator(options);
  closing.push(() => box.stop());
  const headers = { authorization: `Bearer ${box.token}` };
  const ask = (query = '', init: RequestInit = {}) =>
    fetch(`${box.apiUrl}/events${query}`, { headers, redirect: 'manual', ...init });
  const page = async (query: string) => (await ask(query)).json();
  const control = (method: string, path: string, body?: unknown, more: Record<string, string> = {}) =>
    fetch(`${box.url}/simulator${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json', ...more },
    });
  return { box, ask, page, control };
};

const statusesOf = async (ask: () => Promise<Response>, count: number) => {
  const statuses = [];
  for (let turn = 0; turn < count; turn++) statuses.push((await ask()).status);
  return statuses;
};

describe('when a fault happens', () => {
  test('nth, every and probability choose among the requests that it could happen to', async () => {
    const { box, ask } = await start();
    const end = box.setFault({ what: 'status', nth: 2 });
    expect(await statusesOf(ask, 3)).toEqual([200, 503, 200]);
    await end();
    box.setFault({ what: 'status', status: 500, every: 3 });
    expect(await statusesOf(ask, 6)).toEqual([200, 200, 500, 200, 200, 500]);
  });

  test('from the same seed, probability chooses the same requests', async () => {
    const once = await start({ seed: 7 });
    const again = await start({ seed: 7 });
    for (const { box } of [once, again]) box.setFault({ what: 'status', probability: 0.5 });
    const statuses = await statusesOf(once.ask, 20);
    expect(await statusesOf(again.ask, 20)).toEqual(statuses);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
  });

  test("from and until count from when it was set, by the simulator's clock", async () => {
    const clock = createClock();
    const { box, ask } = await start({ clock });
    box.setFault({ what: 'status', from: 100, until: 200 });
    const statuses = [];
    for (let turn = 0; turn < 3; turn++) {
      statuses.push((await ask()).status);
      clock.advance(100);
    }
    expect(statuses).toEqual([200, 503, 200]);
  });

  test('on, userId and server say to which requests', async () => {
    const { box, ask } = await start({ users: 2 });
    box.setFault({ what: 'status', on: 'events', userId: box.users[1]?.id ?? '' });
    expect((await ask()).status).toBe(200);
    const other = { headers: { authorization: `Bearer ${box.users[1]?.token}` } };
    expect((await ask('', other)).status).toBe(503);
    expect((await ask('', { ...other, method: 'OPTIONS' })).status).toBe(200);
  });

  test('clearFaults ends them all', async () => {
    const { box, ask } = await start();
    box.setFault({ what: 'status' });
    box.setFault({ what: 'refuse', on: 'poll' });
    await box.clearFaults();
    expect((await ask()).status).toBe(200);
  });
});

describe('what a fault does', () => {
  test.each<[Fault, (answer: Response) => unknown, unknown]>([
    [
      { what: 'status', status: 429, retryAfter: 9 },
      ({ status, headers }) => [status, headers.get('retry-after')],
      [429, '9'],
    ],
    [
      { what: 'status', headers: { 'x-odd': '1' }, body: 'busy' },
      async (answer) => [answer.headers.get('x-odd'), await answer.text()],
      ['1', 'busy'],
    ],
    [
      { what: 'html' },
      async (answer) => [answer.headers.get('content-type'), (await answer.text()).slice(0, 9)],
      ['text/html', '<!doctype'],
    ],
    [{ what: 'empty' }, (answer) => answer.text(), ''],
    [{ what: 'emptyObject' }, (answer) => answer.json(), {}],
    [{ what: 'null' }, (answer) => answer.json(), null],
    [{ what: 'body', body: '[7]' }, (answer) => answer.json(), [7]],
    [
      { what: 'gzip' },
      async (answer) => [answer.headers.get('content-encoding'), (await answer.json()).chunk_size],
      ['gzip', 0],
    ],
    [{ what: 'latency', milliseconds: 1 }, async (answer) => (await answer.json()).chunk_size, 0],
    [{ what: 'drip', bytesPerSecond: 2_000 }, async (answer) => (await answer.json()).chunk_size, 0],
  ])('%j', async (fault, read, expected) => {
    const { box, ask } = await start();
    box.setFault(fault);
    expect(await read(await ask('?stream_position=now'))).toEqual(expected);
  });

  test.each(['reset', 'resetInBody', 'resetInChunks', 'refuse'] as const)(
    '%s breaks the request off',
    async (what) => {
      const { box, ask } = await start();
      box.setFault({ what });
      await expect(async () => (await ask('?stream_position=now')).text()).rejects.toThrow();
    },
  );

  test.each(['silence', 'silenceInBody'] as const)('%s leaves the client waiting', async (what) => {
    const { box, ask } = await start();
    box.setFault({ what });
    const signal = AbortSignal.timeout(50);
    await expect(async () => (await ask('?stream_position=now', { signal })).text()).rejects.toThrow(
      /abort|timeout/i,
    );
    await box.until(() => box.report.aborted === 1);
  });

  test('a Retry-After date is not before its time', async () => {
    const { box, ask } = await start();
    box.setFault({ what: 'status', retryAfter: 5, retryAfterAs: 'date' });
    const asked = Date.now();
    expect(Date.parse((await ask()).headers.get('retry-after') ?? '')).toBeGreaterThanOrEqual(asked + 5_000);
  });

  test('a closed port is opened again at until, on the same port, or on another that the next list names', async () => {
    const clock = createClock();
    const { box, ask } = await start({ clock, realtimeServers: 1 });
    const urlOf = async () =>
      new URL((await (await ask('', { method: 'OPTIONS' })).json()).entries[0].url).origin;
    const before = await urlOf();
    await box.setFault({ what: 'refuse', on: 'poll' })();
    expect(await urlOf()).toBe(before);
    await box.setFault({ what: 'move' })();
    expect(await urlOf()).not.toBe(before);
  });

  test('a redirect leads to another host, and the report tells who follows it, and with a token', async () => {
    const { box, ask } = await start();
    box.setFault({ what: 'redirect', on: 'events' });
    const location = (await ask()).headers.get('location') ?? '';
    await fetch(location, { headers: { authorization: `Bearer ${box.token}` } });
    expect(box.report).toMatchObject({ elsewhere: 1, strayTokens: 1 });
  });

  test('the first server of the list is dead', async () => {
    const { box, ask } = await start();
    box.setFault({ what: 'deadServer' });
    const { entries } = await (await ask('', { method: 'OPTIONS' })).json();
    expect(entries).toHaveLength(3);
    await expect(fetch(entries[0].url)).rejects.toThrow();
  });

  test('an expired token is replaced by a new one; for a revoked one there is none', async () => {
    const { box, ask } = await start();
    box.setFault({ what: 'expireToken', nth: 1 });
    expect(await statusesOf(ask, 2)).toEqual([401, 401]);
    const headers = { authorization: `Bearer ${box.issueToken()}` };
    expect((await ask('', { headers })).status).toBe(200);
    box.setFault({ what: 'revokeToken', nth: 1 });
    expect((await ask('', { headers })).status).toBe(401);
    expect(box.issueToken()).toBe('');
  });
});

describe('pages that are not as they should be', () => {
  const spoilt = async (fault: Fault, published = 6) => {
    const { box, page } = await start({ positionType: 'string' });
    const ids: unknown[] = [];
    for (let count = 0; count < published / 2; count++) ids.push(box.publish().event_id);
    const middle = box.positionOf();
    for (let count = 0; count < published / 2; count++) ids.push(box.publish().event_id);
    box.setFault(fault);
    const read = async (position: string, limit = 100) => {
      const { entries, next_stream_position } = await page(`?stream_position=${position}&limit=${limit}`);
      return {
        entries,
        next: next_stream_position,
        ids: entries.map(({ event_id }: { event_id: string }) => event_id),
      };
    };
    return { box, ids, middle, read };
  };

  test('repeatTail and repeatOld add what came before', async () => {
    for (const [what, expected] of [
      ['repeatTail', [1, 2, 3, 4, 5]],
      ['repeatOld', [3, 4, 5, 0, 1]],
    ] as const) {
      const { ids, middle, read } = await spoilt({ what, count: 2 });
      expect((await read(middle)).ids).toEqual(expected.map((index) => ids[index]));
    }
  });

  test('reorder turns a page round', async () => {
    const { ids, read } = await spoilt({ what: 'reorder' });
    expect((await read('0')).ids).toEqual(ids.toReversed());
  });

  test('holdBack brings the last event of a page with the next page, however often that is asked for', async () => {
    const { box, ids, read } = await spoilt({ what: 'holdBack', nth: 1 });
    const first = await read('0');
    expect(first.ids).toEqual(ids.slice(0, -1));
    const { event_id } = box.publish();
    for (let turn = 0; turn < 2; turn++) expect((await read(first.next)).ids).toEqual([ids.at(-1), event_id]);
  });

  test('duplicatesOnly has old events only, and does not move', async () => {
    const { ids, middle, read } = await spoilt({ what: 'duplicatesOnly', count: 2 });
    expect(await read(middle)).toMatchObject({ ids: ids.slice(1, 3), next: middle });
  });

  test('shortPage is shorter than asked for and names its own position; longPage is longer', async () => {
    const short = await spoilt({ what: 'shortPage', count: 2 });
    const { ids, next } = await short.read('0');
    expect(ids).toEqual(short.ids.slice(0, 2));
    expect((await short.read(next)).ids).toEqual(short.ids.slice(2, 4));
    const long = await spoilt({ what: 'longPage' });
    expect((await long.read('0', 2)).ids).toHaveLength(4);
  });

  test('emptyPage has nothing, and position 0', async () => {
    const { read } = await spoilt({ what: 'emptyPage' });
    expect(await read('0')).toMatchObject({ entries: [], next: '0' });
  });

  test('events lose their id, their fields, or all that is in them, or have more than they should', async () => {
    const keysUnder = async (what: Fault['what']) => (await (await spoilt({ what })).read('0')).entries[0];
    expect(await keysUnder('withoutId')).not.toHaveProperty('event_id');
    expect(Object.keys(await keysUnder('missingFields'))).toEqual(['type', 'event_id']);
    expect(await keysUnder('unknownFields')).toHaveProperty('nobody_knows');
    expect(await keysUnder('nullFields')).toMatchObject({ type: 'event', event_type: null, source: null });
  });
});

describe('faults as data', () => {
  test('the command line writes a fault as pairs', () => {
    expect(parseFault('status,on=events+servers,every=3,status=503')).toEqual({
      what: 'status',
      on: ['events', 'servers'],
      every: 3,
      status: 503,
    });
    expect(parseFault('what=body,body={"a":1}')).toEqual({ what: 'body', body: '{"a":1}' });
  });

  test.each([
    [{ what: 'nonsense' }, /There is no fault "nonsense"/],
    [{ what: 'status', status: 1 }, /'status' of the fault status must be a status from 200 to 599, not 1/],
    [{ what: 'status', on: 'all' }, /'on' .* must be servers, poll, events or token/],
    [{ what: 'status', nht: 1 }, /has no 'nht'/],
    [{ what: 'refuse', nth: 1 }, /closes a port/],
    [{ what: 'noServers', on: 'events' }, /happens to servers, not to events/],
    [{ what: 'status', from: 9, until: 3 }, /after 'from'/],
    [{ what: 'status', headers: { 'a b': 'c' } }, /HTTP can carry/],
    [null, /A fault is an object/],
  ])('%j is refused with a clear error', async (fault, message) => {
    const { box } = await start();
    expect(() => box.setFault(fault as Fault)).toThrow(message);
  });
});

describe('scenarios', () => {
  test.each(scenarios.map((scenario): [string, Scenario] => [scenario.name, scenario]))(
    '%s plays to its end, and leaves a Box that is well',
    async (_, scenario) => {
      const clock = createClock();
      const { box, ask } = await start({ clock });
      const over = box.play(scenario);
      clock.advance(scenario.lasts);
      await over;
      expect(box.report.published).toBeGreaterThan(0);
      expect((await ask()).status).toBe(200);
    },
  );
});

describe('the report', () => {
  test('counts requests by kind and user, the busiest second, and those that came too early', async () => {
    const clock = createClock();
    const { box, ask } = await start({ clock });
    box.setFault({ what: 'status', status: 429, retryAfter: 60, nth: 1 });
    await ask();
    clock.advance(59_999);
    await ask();
    clock.advance(1);
    await ask();
    await ask('', { method: 'OPTIONS' });
    expect(box.report).toMatchObject({
      requests: { events: 3, servers: 1 },
      earlyRetries: 1,
      faults: { status: 1 },
    });
    expect(box.report.users[box.users[0]?.id ?? '']).toMatchObject({ events: 3, servers: 1 });
    box.resetReport();
    expect(box.report.requests.events).toBe(0);
  });
});

describe('the control endpoint', () => {
  test('publishes, sets and ends faults, plays, and reports', async () => {
    const { box, ask, control } = await start();
    const { published } = await (
      await control('POST', '/publish', { event: { event_type: 'ITEM_COPY' }, count: 2 })
    ).json();
    expect(published).toMatchObject([{ event_type: 'ITEM_COPY' }, { event_type: 'ITEM_COPY' }]);
    expect((await control('POST', '/faults', { what: 'status', status: 500 })).status).toBe(204);
    expect((await ask()).status).toBe(500);
    expect((await control('DELETE', '/faults')).status).toBe(204);
    expect((await ask()).status).toBe(200);
    expect((await control('POST', '/play', { name: 'api-down' })).status).toBe(204);
    expect(await (await control('GET', '/report')).json()).toMatchObject({ requests: { events: 2 } });
    expect(await (await control('GET', '')).json()).toMatchObject({ apiUrl: box.apiUrl, users: box.users });
  });

  test.each<[string, unknown, RegExp]>([
    ['/faults', { what: 'nonsense' }, /There is no fault/],
    ['/publish', { count: -1 }, /count/],
    ['/play', { name: 'mine' }, /'lasts'/],
    ['/publish', { userId: 7 }, /userId must be a text/],
    ['/faults', { what: 'refuse' }, /closes this port/],
    ['/play', { name: 'mine', lasts: 9, publications: [{ at: 0, userId: '7' }] }, /There is no user 7/],
    ['/nowhere', {}, /There is: GET \/simulator/],
  ])('%s with %j is refused with a clear error', async (path, body, message) => {
    const { control } = await start();
    const answer = await control('POST', path, body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect((await answer.json()).message).toMatch(message);
  });

  test('a page of a browser cannot drive it: a form is refused, and so is another host', async () => {
    const { box, control } = await start();
    expect((await control('POST', '/publish', {}, { 'content-type': 'text/plain' })).status).toBe(415);
    expect(box.eventsOf()).toEqual([]);
  });
});

describe('what breaks off', () => {
  test('a request that ends before its body, or an answer that HTTP cannot carry, does not end the simulator', async () => {
    const { box, ask } = await start();
    const cut = connect(Number(new URL(box.url).port), '127.0.0.1');
    cut.end('POST /simulator/publish HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 99\r\n\r\n{');
    await once(cut.resume(), 'close');
    box.intercept = () => ({ status: 42 });
    await expect(ask()).rejects.toThrow();
    box.intercept = undefined;
    expect((await ask()).status).toBe(200);
  });

  test('a scenario that the simulator does not survive rejects, and opens, publishes and holds nothing any more', async () => {
    const clock = createClock();
    const { box } = await start({ clock });
    const over = box.play({ name: 'x', says: '', lasts: 9_000, faults: [{ what: 'refuse' }] });
    const end = box.setFault({ what: 'refuse' });
    await Promise.all([box.stop(), expect(over).rejects.toThrow('stopped')]);
    const { published } = box.report;
    clock.advance(60_000);
    await end();
    expect(box.report.published).toBe(published);
    await expect(fetch(box.url)).rejects.toThrow();
    await expect(box.until(() => true)).rejects.toThrow('stopped');
  });
});
