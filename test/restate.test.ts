import { type Context, type ObjectContext, object, TerminalError } from '@restatedev/restate-sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RestateServer, startRestateServer } from '../examples/restate/restate-server.ts';
import { resumeFrom } from '../src/index.ts';
import type { UserDelivery } from '../src/restate/index.ts';
import { createSimulator } from '../src/simulator/index.ts';
import { followOnRestate, hasRestate } from './support/restate.ts';

const [anna, ben] = ['17738362001', '17738362098'];

// After this time of silence the server suspends an invocation, and breaks it off, unless the object says otherwise.
const impatience = {
  RESTATE_WORKER__INVOKER__INACTIVITY_TIMEOUT: '200ms',
  RESTATE_WORKER__INVOKER__ABORT_TIMEOUT: '200ms',
};

describe.skipIf(!hasRestate)('on a Restate server', () => {
  let restate: RestateServer;
  beforeAll(async () => {
    restate = await startRestateServer(impatience);
  }, 30_000);
  afterAll(() => restate?.stop());

  test('each user who is created is followed, and has each event delivered once, in order', async () => {
    await using box = await createSimulator({ users: 2 });
    await using streams = await followOnRestate(restate, box);
    for (const user of [anna, ben]) await streams.create(user);
    await box.until(() => box.heldPolls === 2);
    for (let event = 0; event < 5; event++) {
      for (const userId of [anna, ben]) box.publish({}, { userId });
    }
    for (const user of [anna, ben]) {
      const { context } = await streams.until(
        user,
        (seen) => seen.context.streamPosition === box.positionOf(user),
      );
      const ids = box.eventsOf(user).map((event) => event.event_id);
      expect(streams.idsOf(user)).toEqual(ids);
      expect(context).toMatchObject({ userId: user, recent: ids, recentSize: 100 });
    }
  });

  test('what is asked and where it is kept holds no token, and what is answered no channel', async () => {
    await using box = await createSimulator();
    await using streams = await followOnRestate(restate, box, { journalRetention: 60_000 });
    const created = await streams.create(anna);
    await box.until(() => box.heldPolls === 1);
    const paused = await streams.send(anna, 'pause');
    const journals = await restate.query(`select raw, entry_json from sys_journal`);
    expect(journals.length).toBeGreaterThan(10);
    expect(JSON.stringify(journals) + (await streams.stored(anna))).not.toContain(box.serviceToken);
    expect(JSON.stringify([created, paused, await streams.snapshot(anna)])).not.toContain('channel');
  });

  describe('create', () => {
    test('leaves a stream that runs as it is', async () => {
      await using box = await createSimulator();
      await using streams = await followOnRestate(restate, box);
      await streams.create(anna);
      await box.until(() => box.heldPolls === 1);
      const again = await streams.create(anna, { streamPosition: '0' });
      expect(again).toMatchObject({ status: 'active', value: 'polling' });
      expect(box.report.requests).toMatchObject({ servers: 1, poll: 1 });
    });

    test('goes on where a stopped stream was, without repeating what it had, or where it is told', async () => {
      await using box = await createSimulator();
      await using streams = await followOnRestate(restate, box);
      await streams.create(anna, { streamPosition: '0', recentSize: 7 });
      const [first, second] = [box.publish(), box.publish()];
      await streams.until(anna, ({ context }) => context.streamPosition === box.positionOf());
      const stopped = await streams.send(anna, 'stop');
      expect(stopped).toMatchObject({ status: 'done', output: { streamPosition: box.positionOf() } });
      const third = box.publish();
      const { context } = await streams.create(anna);
      expect(context).toMatchObject({ recentSize: 7, recent: [first.event_id, second.event_id] });
      await streams.until(anna, (seen) => seen.context.streamPosition === box.positionOf());
      expect(streams.idsOf(anna)).toEqual([first, second, third].map((event) => event.event_id));

      await streams.send(anna, 'stop');
      streams.pages.length = 0;
      await streams.create(anna, { streamPosition: '0' });
      await streams.until(anna, (seen) => seen.context.streamPosition === box.positionOf());
      expect(streams.idsOf(anna)).toEqual([first, second, third].map((event) => event.event_id));
    });

    test.each([
      [{ streamPosition: 'yesterday' }, "streamPosition must be 'now' or a decimal string"],
      [{ streamType: 'admin_logs' }, 'Box does not announce its events by long poll'],
      [{ recentSize: 0 }, 'recentSize must be a whole number'],
    ])('refuses %j and says why', async (input, message) => {
      await using box = await createSimulator();
      await using streams = await followOnRestate(restate, box);
      await expect(streams.call(anna, 'create', { input })).rejects.toMatchObject({
        status: 400,
        message: expect.stringContaining(message),
      });
      await expect(streams.snapshot(anna)).rejects.toMatchObject({ status: 404 });
    });
  });

  test('create refuses what stands beside its input, which would be missed', async () => {
    await using box = await createSimulator();
    await using streams = await followOnRestate(restate, box);
    for (const body of [{ streamPosition: '0' }, { input: '0' }, { input: [] }, '0', []]) {
      await expect(streams.call(anna, 'create', body)).rejects.toMatchObject({ status: 400 });
    }
    for (const body of [undefined, null, {}, { input: null }]) {
      await expect(streams.call(anna, 'create', body)).resolves.toMatchObject({ status: 'active' });
      await streams.send(anna, 'stop');
    }
  });

  test('a key that is no id of a user is refused', async () => {
    await using box = await createSimulator();
    await using streams = await followOnRestate(restate, box);
    for (const key of ['1 or 2', '__proto__', 'longPoll']) {
      await expect(streams.create(key)).rejects.toMatchObject({ status: 400 });
    }
  });

  describe('send', () => {
    test('pauses and resumes a stream; the poll that it leaves is aborted, and what happened meanwhile comes', async () => {
      await using box = await createSimulator();
      await using streams = await followOnRestate(restate, box);
      await streams.create(anna);
      await box.until(() => box.heldPolls === 1);
      expect(await streams.send(anna, 'pause')).toMatchObject({ value: 'paused' });
      await box.until(() => box.heldPolls === 0);
      expect(box.report.aborted).toBe(1);
      const { event_id } = box.publish();
      await streams.send(anna, 'resume');
      await streams.until(anna, ({ context }) => context.streamPosition === box.positionOf());
      expect(streams.idsOf(anna)).toEqual([event_id]);
    });

    test('refuses what is no command, and a user who is not followed', async () => {
      await using box = await createSimulator();
      await using streams = await followOnRestate(restate, box);
      await streams.create(anna);
      for (const body of [
        undefined,
        {},
        { event: { type: 'newChange' } },
        { type: 'pause' },
        'pause',
        { event: null },
      ]) {
        await expect(streams.call(anna, 'send', body)).rejects.toMatchObject({ status: 400 });
      }
      await expect(streams.send(ben, 'pause')).rejects.toMatchObject({ status: 404 });
      expect(await streams.snapshot(anna)).toMatchObject({ status: 'active' });
    });
  });

  test('what promises and timers tell the chart, nobody else can', async () => {
    await using box = await createSimulator();
    await using streams = await followOnRestate(restate, box);
    await streams.create(anna);
    await streams.until(anna, ({ value }) => value === 'polling');
    const { children } = JSON.parse(await streams.stored(anna));
    const event = { type: 'restate.promise.resolve', data: { type: 'newChange' } };
    const message = { source: children.longPoll, target: children.longPoll, event };
    for (const handler of ['tell', 'invokePromise']) {
      const refused = expect.stringContaining('not public');
      await expect(streams.call(anna, handler, message)).rejects.toMatchObject({ message: refused });
    }
    await expect(streams.call(anna, 'send', message)).rejects.toMatchObject({ status: 400 });
  });

  describe('deliver', () => {
    test('is run again when it throws, with what it did through the context done once; then the page is committed', async () => {
      await using box = await createSimulator();
      let [attempts, runs] = [0, 0];
      const deliver = async (_: UserDelivery, ctx: Context) => {
        attempts += 1;
        await ctx.run('store', () => {
          runs += 1;
        });
        if (attempts < 3) throw new Error('The disk is full.');
      };
      await using streams = await followOnRestate(restate, box, { deliver });
      await streams.create(anna, { streamPosition: '0' });
      await streams.until(anna, ({ value }) => value === 'polling');
      expect({ attempts, runs }).toEqual({ attempts: 3, runs: 1 });
    });

    test('has ended in Restate before the chart goes on, or a crash would have it done again after the next page', async () => {
      await using box = await createSimulator();
      const runs: string[] = [];
      const deliver = (_: UserDelivery, ctx: Context) => void runs.push(ctx.request().id);
      await using streams = await followOnRestate(restate, box, { deliver, journalRetention: 60_000 });
      box.publish();
      await streams.create(anna, { streamPosition: '0' });
      await streams.until(anna, ({ value }) => value === 'polling');
      const entries = await restate.query<{ entry_json: string }>(
        `select entry_json from sys_journal where entry_type like '%AttachInvocation'`,
      );
      expect(runs).toHaveLength(1);
      expect(JSON.stringify(entries)).toContain(runs[0]);
    });

    test('sends pages on to another service, whole and in order', async () => {
      await using box = await createSimulator();
      const name = 'ledgerOfTest';
      const ledger = object({
        name,
        handlers: {
          take: async (ctx: ObjectContext, { events }: UserDelivery) => {
            const known = (await ctx.get<unknown[]>('ids')) ?? [];
            ctx.set('ids', [...known, ...events.map((event) => event.event_id)]);
          },
          read: async (ctx: ObjectContext) => await ctx.get<unknown[]>('ids'),
        },
      });
      const deliver = (page: UserDelivery, ctx: Context) =>
        ctx.objectSendClient(ledger, page.userId).take(page);
      await using streams = await followOnRestate(restate, box, { deliver, limit: 2 }, [ledger]);
      for (let event = 0; event < 7; event++) box.publish();
      await streams.create(anna, { streamPosition: '0' });
      await streams.until(anna, ({ value }) => value === 'polling');
      expect(await restate.call(name, anna, 'read')).toEqual(box.eventsOf().map((event) => event.event_id));
    });

    test('ends the stream with a TerminalError, uncommitted; create has the page come again', async () => {
      await using box = await createSimulator();
      const seen: unknown[] = [];
      const deliver = ({ events }: UserDelivery) => {
        seen.push(...events.map((event) => event.event_id));
        if (seen.length === 1) throw new TerminalError('There is no such customer.');
      };
      await using streams = await followOnRestate(restate, box, { deliver });
      const { event_id } = box.publish();
      await streams.create(anna, { streamPosition: '0' });
      const failed = await streams.until(anna, ({ status }) => status === 'error');
      expect(failed).toMatchObject({
        context: { streamPosition: '0' },
        error: { name: 'TerminalError', message: 'There is no such customer.' },
      });
      await streams.create(anna);
      await streams.until(anna, ({ value }) => value === 'polling');
      expect(seen).toEqual([event_id, event_id]);
    });
  });

  describe('a failure of Box', () => {
    test('that may pass is backed off from', async () => {
      await using box = await createSimulator();
      await using streams = await followOnRestate(restate, box);
      box.setFault({ what: 'status', on: 'servers', nth: 1 });
      const { event_id } = box.publish();
      await streams.create(anna, { streamPosition: '0' });
      const { context } = await streams.until(anna, ({ value }) => value === 'backingOff');
      expect(context.attempt).toBe(1);
      expect(context.delay).toBeGreaterThanOrEqual(500);
      await streams.until(anna, ({ value }) => value === 'polling');
      expect(streams.idsOf(anna)).toEqual([event_id]);
      expect(box.report.requests.servers).toBe(2);
    });

    test('that will not pass ends the stream, and says why', async () => {
      await using box = await createSimulator();
      await using streams = await followOnRestate(restate, box, { token: 'no-such-token' });
      await streams.create(anna);
      const { error } = await streams.until(anna, ({ status }) => status === 'error');
      expect(error).toMatchObject({ name: 'BoxError', status: 401, transient: false });
      expect(error?.message).toContain('Box refused the token');
    });

    test('to answer a poll in time has the next server polled; the silent poll is aborted', async () => {
      await using box = await createSimulator({ retryTimeout: 1 });
      await using streams = await followOnRestate(restate, box);
      box.setFault({ what: 'silence', on: 'poll', nth: 1 });
      await streams.create(anna);
      await box.until(() => box.heldPolls === 1 && box.report.aborted === 1);
      const polls = box.requests.filter(({ kind }) => kind === 'poll');
      expect(polls.map(({ server }) => server)).toEqual([0, 1]);
    });
  });

  test('a long poll is held for as long as Box likes, whatever the server thinks of silence', async () => {
    await using box = await createSimulator({ reconnectAfter: 1_000 });
    await using streams = await followOnRestate(restate, box);
    await streams.create(anna);
    await box.until(() => box.report.requests.poll === 2);
    // The answer of the first reached the chart, which asked for other servers.
    expect(box.report.requests.servers).toBe(2);
  });

  test('a long poll that an operator cancels is a failure that may pass', async () => {
    await using box = await createSimulator();
    await using streams = await followOnRestate(restate, box);
    await streams.create(anna);
    await streams.until(anna, ({ value }) => value === 'polling');
    const { longPoll } = JSON.parse(await streams.stored(anna));
    await fetch(`${restate.adminUrl}/invocations/${longPoll.invocationId}/cancel`, { method: 'PATCH' });
    await streams.until(anna, ({ value }) => value === 'backingOff');
    await box.until(() => box.heldPolls === 1);
    expect(await streams.snapshot(anna)).toMatchObject({ status: 'active' });
  });

  test('a delivery that throws for ever ends the stream when an operator cancels it', async () => {
    await using box = await createSimulator();
    const deliver = () => {
      throw new Error('The disk is full.');
    };
    await using streams = await followOnRestate(restate, box, { deliver });
    box.publish();
    await streams.create(anna, { streamPosition: '0' });
    const delivery = `from sys_invocation where target_service_name = '${streams.name}' and status = 'backing-off'`;
    await expect.poll(() => restate.query(`select id ${delivery}`)).toHaveLength(1);
    const [row] = await restate.query<{ id: string }>(`select id ${delivery}`);
    await fetch(`${restate.adminUrl}/invocations/${row?.id}/cancel`, { method: 'PATCH' });
    const { context, error } = await streams.until(anna, ({ status }) => status === 'error');
    expect(error).toMatchObject({ name: 'CancelledError', message: 'Cancelled' });
    expect(context.streamPosition).toBe('0');
  }, 15_000);

  test('a snapshot is what resumeFrom() takes, to go on in one process', async () => {
    await using box = await createSimulator();
    await using streams = await followOnRestate(restate, box);
    await streams.create(anna);
    await box.until(() => box.heldPolls === 1);
    expect(resumeFrom(await streams.snapshot(anna))).toEqual({
      ...{ streamPosition: box.positionOf(), userId: anna, streamType: 'all' },
      ...{ recent: [], recentSize: 100 },
    });
  });
});
