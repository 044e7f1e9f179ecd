import { type Context, type ObjectContext, object, TerminalError } from '@restatedev/restate-sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { type RestateServer, startRestateServer } from '../examples/restate/restate-server.ts';
import { boxEventsMachine } from '../machines/box-events.machine.ts';
import { resumeFrom } from '../src/index.ts';
import { createSimulator } from '../src/simulator/index.ts';
import { followOnRestate, hasRestate } from './support/restate.ts';

const [anna, ben] = ['17738362001', '17738362098'];

describe.skipIf(!hasRestate)('on a Restate server', () => {
  let restate: RestateServer;
  beforeAll(async () => {
    restate = await startRestateServer();
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
});
