import { setTimeout as sleep } from 'node:timers/promises';
import { createSimulator } from 'box-events/simulator';
import { answerCalls } from '../calls.ts';
import { HeldPolls } from './held-polls.ts';

/*
 * The simulator in a process of its own, and what the benchmarks have happen in it. Positions are strings, for Box's SDKs round numbers.
 */

const [users = '1', waves = ''] = process.argv.slice(2);
const box = await createSimulator({ users: Number(users), positionType: 'string' });
const polls = new HeldPolls();
if (waves) box.intercept = (request) => (request.kind === 'poll' ? polls.hold() : undefined);
const change = { event_type: 'ITEM_UPLOAD' };

const calls = {
  url: () => box.url,
  tokens: () => box.users.map(({ token }) => token),
  publish: () => {
    box.publish(change);
  },
  /** Requests to the API until now: all but the long polls. */
  apiCalls: () => box.report.requests.servers + box.report.requests.events,
  /** Waits until so many polls are held. */
  untilHeld: (count: number) => (waves ? polls.until(count) : box.until(() => box.heldPolls >= count)),
  /**
   * Has one change happen after the other, each while a poll is held and after `quiet` milliseconds or twice as many, for `longest`
   * milliseconds at most. Returns when each happened.
   */
  async changes(count: number, longest: number, quiet: number): Promise<number[]> {
    const deadline = performance.now() + longest;
    const times: number[] = [];
    while (times.length < count && performance.now() < deadline) {
      await box.until(() => box.heldPolls === 1);
      if (quiet > 0) await sleep(quiet + Math.random() * quiet);
      times.push(Number(process.hrtime.bigint() / 1_000n) / 1_000);
      box.publish(change);
    }
    return times;
  },
  /** Has changes happen to the users in turn, so many in a second. */
  async fan(count: number, perSecond: number): Promise<void> {
    const begun = performance.now();
    for (let done = 0; done < count; ) {
      const due = Math.min(count, ((performance.now() - begun) / 1_000) * perSecond);
      for (; done < due; done += 1) {
        const user = box.users[done % box.users.length];
        if (user) box.publish(change, { userId: user.id });
      }
      await sleep(5);
    }
  },
  /** Answers `reconnect` to every held poll, as fast as the clients come back. */
  wave: () => polls.wave(),
};

export type SimulatorCalls = typeof calls;
answerCalls(calls);
