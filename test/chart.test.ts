import { describe, expect, test, vi } from 'vitest';
import { createActor, toPromise } from 'xstate';
import { BoxError } from '../machines/box-error.ts';
import type { BoxEvent } from '../machines/box-event.ts';
import { boxEventsMachine } from '../machines/box-events.machine.ts';
import { resumeFrom } from '../machines/resume-from.ts';
import { event, mayPass, pureChart } from './support/pure-chart.ts';

describe('the regular course', () => {
  test('servers are asked for first, then events from the starting position, then a server is polled', () => {
    const chart = pureChart({ streamPosition: '5', userId: '7', streamType: 'changes' });
    expect(chart.state).toBe('fetchingServers');
    expect(chart.started).toEqual([{ src: 'fetchServers', input: { userId: '7', streamType: 'changes' } }]);

    chart.servers({ url: 'http://a/?channel=1' });
    expect(chart.state).toBe('fetchingEvents');
    expect(chart.started[0]?.input).toEqual({ userId: '7', streamType: 'changes', streamPosition: '5' });

    chart.page('6').delivered();
    expect(chart.state).toBe('polling');
    expect(chart.started).toEqual([
      { src: 'longPoll', input: { url: 'http://a/?channel=1', streamPosition: '6' } },
    ]);
  });

  test('starting at now obtains a position before the first poll', () => {
    const chart = pureChart({}).servers();
    expect(chart.started[0]?.input).toMatchObject({ streamPosition: 'now' });
    chart.page('6').delivered();
    expect(chart.started[0]?.input).toMatchObject({ streamPosition: '6' });
    expect(chart.emitted).toEqual([{ type: 'position', streamPosition: '6' }]);
  });

  test('newChange fetches once, and a page that was not full leads back to polling', () => {
    const chart = pureChart().poll().answer('newChange');
    expect(chart.state).toBe('fetchingEvents');
    expect(chart.page('6', [event('a')]).delivered().state).toBe('polling');
  });

  test('after a full page without news the next one is fetched at once', () => {
    const chart = pureChart({ streamPosition: '5', recent: ['old'] })
      .poll()
      .answer('newChange')
      .page('6', [event('old')], true)
      .delivered();
    expect(chart.state).toBe('fetchingEvents');
    expect(chart.started[0]?.input).toMatchObject({ streamPosition: '6' });
  });

  test('a full page whose position did not move is not fetched again at once', () => {
    const chart = pureChart()
      .poll()
      .answer('newChange')
      .page('5', [event('a')], true)
      .delivered();
    expect(chart.state).toBe('polling');
  });

  test.each(['reconnect', 'maxRetries'] as const)(
    '%s asks for servers again and then catches up',
    (answer) => {
      const chart = pureChart().poll().answer(answer);
      expect(chart.state).toBe('fetchingServers');
      expect(chart.servers().state).toBe('fetchingEvents');
    },
  );

  test('silence for retryTimeout catches up, then polls the next server of the list', () => {
    const chart = pureChart().servers({ url: 'http://a' }, { url: 'http://b' }).page('5').delivered();
    expect(chart.started[0]?.input).toMatchObject({ url: 'http://a' });
    expect(chart.after('retryTimeout').state).toBe('fetchingEvents');
    chart.page('5').delivered();
    expect(chart.state).toBe('polling');
    expect(chart.started[0]?.input).toMatchObject({ url: 'http://b' });
  });

  test('a channel is polled once more than its max_retries, then servers are asked for, without a further fetch', () => {
    const chart = pureChart().servers({ maxRetries: 1 }).page('5').delivered();
    chart
      .answer('newChange')
      .page('6', [event('a')])
      .delivered();
    expect(chart.state).toBe('polling');
    chart
      .answer('newChange')
      .page('7', [event('b')])
      .delivered();
    expect(chart.state).toBe('fetchingServers');
    expect(chart.servers({ url: 'http://new' }).state).toBe('polling');
    expect(chart.started[0]?.input).toMatchObject({ url: 'http://new' });
  });

  test('a channel used up in silence is replaced, and what it may have missed is fetched', () => {
    const chart = pureChart().servers({ maxRetries: 0 }).page('5').delivered();
    chart.after('retryTimeout').page('5').delivered();
    expect(chart.state).toBe('fetchingServers');
  });
});

describe('delays', () => {
  test.each([
    [undefined, 610_000],
    [0, 610_000],
    [-5, 610_000],
    [Number.NaN, 610_000],
    [1, 1_000],
    [20_000, 20_000],
    [1e15, 3_600_000],
  ])('retryTimeout: the server says %s, the poll is given %i ms', (said, given) => {
    const chart = pureChart()
      .servers({ retryTimeout: said as number })
      .page('5')
      .delivered();
    expect(chart.delayOf('retryTimeout')).toBe(given);
  });

  test('back-offs grow from 1 s to 30 s, and retry says the delay that is waited', () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const chart = pureChart();
    const delays = [1, 2, 4, 8, 16, 30, 30].map((seconds, index) => {
      chart.fails('fetchServers');
      expect(chart.state).toBe('backingOff');
      expect(chart.emitted.at(-1)).toMatchObject({
        type: 'retry',
        attempt: index + 1,
        delay: seconds * 1_000,
      });
      const waited = chart.delayOf('backoff');
      chart.after('backoff');
      expect(chart.state).toBe('fetchingServers');
      return waited;
    });
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    vi.restoreAllMocks();
  });

  test('Retry-After is a minimum', () => {
    const chart = pureChart().fails('fetchServers', mayPass(60_000));
    expect(chart.delayOf('backoff')).toBeGreaterThanOrEqual(60_000);
    expect(chart.delayOf('backoff')).toBeLessThanOrEqual(61_000);
  });
});

describe('failures', () => {
  test.each([
    ['fetchServers', () => pureChart()],
    ['longPoll', () => pureChart().poll()],
    ['fetchEvents', () => pureChart().servers()],
  ] as const)(
    'a failure of %s that may pass backs off, then servers are asked for and missed events fetched',
    (actor, at) => {
      const chart = at().fails(actor);
      expect(chart.state).toBe('backingOff');
      expect(chart.after('backoff').state).toBe('fetchingServers');
      expect(chart.servers().state).toBe('fetchingEvents');
    },
  );

  test.each([
    ['fetchServers', () => pureChart()],
    ['longPoll', () => pureChart().poll()],
    ['fetchEvents', () => pureChart().servers()],
    [
      'deliver',
      () =>
        pureChart()
          .servers()
          .page('6', [event('a')]),
    ],
  ] as const)('a failure of %s that will not pass is the error of the actor', (actor, at) => {
    const error = new BoxError('No.', { request: 'events', transient: false, status: 403 });
    const chart = at().fails(actor, error);
    expect(chart.snapshot).toMatchObject({ status: 'error', error });
  });

  test('a failing deliver ends the stream even when its error says that it may pass', () => {
    expect(
      pureChart()
        .servers()
        .page('6', [event('a')])
        .fails('deliver', mayPass()).snapshot.status,
    ).toBe('error');
  });

  test('a realtime server that failed is not the next one to be polled, also in a new list', () => {
    const servers = [{ url: 'http://dead' }, { url: 'http://good' }];
    const chart = pureChart()
      .servers(...servers)
      .page('5')
      .delivered();
    chart.fails('longPoll').after('backoff');
    chart
      .servers(...servers)
      .page('5')
      .delivered();
    expect(chart.started[0]?.input).toMatchObject({ url: 'http://good' });
  });

  test('an actor that nobody provided says which, and how to provide it', async () => {
    await expect(toPromise(createActor(boxEventsMachine).start())).rejects.toThrow(
      /'fetchServers'.*createServices/,
    );
  });
});

describe('answers without news', () => {
  const round = (chart: ReturnType<typeof pureChart>, answer: 'reconnect' | 'maxRetries') => {
    chart.answer(answer);
    return chart.state === 'backingOff' ? chart : chart.servers().page('5').delivered();
  };

  test.each(['reconnect', 'maxRetries'] as const)(
    '%s at once, the third time in a row and each time after it, backs off',
    (answer) => {
      const chart = pureChart().poll();
      expect(round(chart, answer).state).toBe('polling');
      expect(round(chart, answer).state).toBe('polling');
      expect(round(chart, answer).state).toBe('backingOff');
      expect(chart.emitted.at(-1)).toMatchObject({ type: 'retry', attempt: 1, error: { transient: true } });
      chart.after('backoff').servers().page('5').delivered();
      expect(round(chart, answer).state).toBe('backingOff');
      expect(chart.emitted.at(-1)).toMatchObject({ attempt: 2 });
    },
  );

  test('newChange without anything new is fetched each time, and backs off from the third on', () => {
    const chart = pureChart().poll();
    for (const state of ['polling', 'polling', 'backingOff']) {
      expect(chart.answer('newChange').state).toBe('fetchingEvents');
      expect(chart.page('5').delivered().state).toBe(state);
    }
    chart.after('backoff').servers().page('5').delivered();
    expect(chart.state).toBe('polling');
    expect(chart.answer('newChange').page('5').delivered().state).toBe('backingOff');
  });

  test.each([
    ['a position that did not move', () => ['5', [event('new')]] as [string, BoxEvent[]]],
    [
      'nothing but events without an id',
      (turn: number) => [String(6 + turn), [{ type: 'event' }]] as [string, BoxEvent[]],
    ],
    ['nothing but duplicates', (turn: number) => [String(6 + turn), [event('old')]] as [string, BoxEvent[]]],
  ])('a page with %s is no news', (_, page) => {
    const chart = pureChart({ streamPosition: '5', recent: ['old'] }).poll();
    const states = [0, 1, 2].map(
      (turn) =>
        chart
          .answer('newChange')
          .page(...page(turn))
          .delivered().state,
    );
    expect(states.at(-1)).toBe('backingOff');
  });

  test('full pages of duplicates whose position moves are not fetched in a loop', () => {
    const chart = pureChart({ streamPosition: '5', recent: ['old'] }).servers();
    const states = ['6', '5', '6'].map(
      (position) => chart.page(position, [event('old')], true).delivered().state,
    );
    expect(states).toEqual(['fetchingEvents', 'fetchingEvents', 'backingOff']);
  });

  test('news prompted by newChange makes up for earlier answers and failures', () => {
    const chart = pureChart().poll();
    round(round(chart, 'reconnect'), 'reconnect');
    chart
      .answer('newChange')
      .page('6', [event('a')])
      .delivered();
    expect(chart.context).toMatchObject({ fruitless: 0, attempt: 0 });
  });

  test('news that was caught up on after a back-off does not: a dead realtime server is asked ever more slowly', () => {
    const chart = pureChart().poll().fails('longPoll').after('backoff');
    chart
      .servers()
      .page('6', [event('a')])
      .delivered();
    expect(chart.context.attempt).toBe(1);
  });

  test('a poll that is held until it has settled makes up for earlier answers and failures', () => {
    const chart = pureChart().fails('fetchServers').after('backoff').poll();
    expect(chart.delayOf('settled')).toBe(2_000);
    expect(chart.after('settled').context).toMatchObject({ fruitless: 0, attempt: 0 });
    expect(chart.state).toBe('polling');
  });
});

describe('delivery', () => {
  test('position and recent ids are committed together, and not before the page is delivered', () => {
    const chart = pureChart()
      .servers()
      .page('6', [event('a')]);
    expect(chart.state).toMatchObject({ delivering: { page: 'open' } });
    expect(chart.started).toEqual([
      { src: 'deliver', input: { events: [event('a')], streamPosition: '6', userId: undefined } },
    ]);
    expect(chart.context).toMatchObject({ streamPosition: '5', recent: [] });
    expect(chart.emitted).toEqual([{ type: 'event', event: event('a') }]);

    chart.delivered();
    expect(chart.context).toMatchObject({ streamPosition: '6', recent: ['a'], page: null });
    expect(chart.emitted.at(-1)).toEqual({ type: 'position', streamPosition: '6' });
  });

  test.each([
    [
      'a pause',
      () =>
        pureChart()
          .servers()
          .page('6', [event('a')])
          .send('pause'),
    ],
    [
      'a stop',
      () =>
        pureChart()
          .servers()
          .page('6', [event('a')])
          .send('stop'),
    ],
    ['a back-off', () => fruitlessPage()],
    [
      'another fetch',
      () =>
        pureChart()
          .servers()
          .page('6', [event('a')], true)
          .nextPage('7'),
    ],
    [
      'asking for servers',
      () =>
        pureChart()
          .servers({ maxRetries: -1 })
          .page('6', [event('a')]),
    ],
    ['a pause and a back-off', () => fruitlessPage().send('pause')],
  ])('position is emitted also where the delivery is followed by %s', (_, at) => {
    expect(at().delivered().emitted).toContainEqual({ type: 'position', streamPosition: '6' });
  });

  test('position is emitted only when it moved', () => {
    const chart = pureChart()
      .servers()
      .page('5', [event('a')])
      .delivered();
    expect(chart.emitted.filter(({ type }) => type === 'position')).toEqual([]);
  });
});

describe('one page ahead', () => {
  const ahead = () =>
    pureChart()
      .servers()
      .page('6', [event('a')], true);

  test('while a full page of news is delivered, the next one is fetched from the position after it', () => {
    const chart = ahead();
    expect(chart.started.map(({ src, input }) => [src, input])).toMatchObject([
      ['deliver', { streamPosition: '6' }],
      ['fetchEvents', { streamPosition: '6' }],
    ]);
    expect(chart.context.streamPosition).toBe('5');
  });

  test.each([
    [
      'is not full',
      () =>
        pureChart()
          .servers()
          .page('6', [event('a')]),
    ],
    [
      'has not moved',
      () =>
        pureChart()
          .servers()
          .page('5', [event('a')], true),
    ],
    [
      'has no news',
      () =>
        pureChart({ streamPosition: '5', recent: ['a'] })
          .servers()
          .page('6', [event('a')], true),
    ],
  ])('beside a page that %s nothing is fetched', (_, at) => {
    expect(at().started.map(({ src }) => src)).toEqual(['deliver']);
  });

  test('a page that came first is told and delivered once the one in hand is handled, and none is fetched before', () => {
    const chart = ahead().nextPage('7', [event('b')], true);
    expect(chart.started).toEqual([]);
    expect(chart.emitted).toEqual([{ type: 'event', event: event('a') }]);
    expect(chart.context.streamPosition).toBe('5');

    chart.delivered();
    expect(chart.context).toMatchObject({ streamPosition: '6', recent: ['a'], nextPage: null });
    expect(chart.emitted.slice(1)).toEqual([
      { type: 'position', streamPosition: '6' },
      { type: 'event', event: event('b') },
    ]);
    expect(chart.started).toMatchObject([
      { src: 'deliver', input: { events: [event('b')], streamPosition: '7' } },
      { src: 'fetchEvents', input: { streamPosition: '7' } },
    ]);
  });

  test('a delivery that is done first commits at once, and the page that follows is delivered when it comes', () => {
    const chart = ahead().delivered();
    expect(chart.context.streamPosition).toBe('6');
    expect(chart.started).toEqual([]);
    chart.nextPage('7', [event('b')]);
    expect(chart.started).toMatchObject([{ src: 'deliver', input: { streamPosition: '7' } }]);
    expect(chart.delivered().state).toBe('polling');
  });

  test('duplicates are judged when a page is taken: what the page in hand held is dropped', () => {
    const chart = ahead()
      .nextPage('7', [event('a'), event('b')])
      .delivered();
    expect(chart.started[0]?.input).toMatchObject({ events: [event('b')] });
  });

  test('a failure that may pass disturbs no delivery, and backs off after it for as long as Box asks', () => {
    const chart = ahead().fails('fetchNextPage', mayPass(60_000));
    expect(chart.state).toMatchObject({ delivering: { page: 'open' } });
    expect(chart.delivered().state).toBe('backingOff');
    expect(chart.context).toMatchObject({ streamPosition: '6', attempt: 1 });
    expect(chart.delayOf('backoff')).toBeGreaterThanOrEqual(60_000);
  });

  test('a failure that may pass, after the delivery, backs off at once', () => {
    expect(ahead().delivered().fails('fetchNextPage').state).toBe('backingOff');
  });

  test('a failure ahead after earlier ones counts from 1: the page in hand was news', () => {
    const chart = pureChart().fails('fetchServers').after('backoff').servers();
    chart
      .page('6', [event('a')], true)
      .fails('fetchNextPage')
      .delivered();
    expect(chart.emitted.at(-2)).toMatchObject({ type: 'retry', attempt: 1 });
    chart.after('backoff').fails('fetchServers');
    expect(chart.emitted.at(-1)).toMatchObject({ type: 'retry', attempt: 2 });
  });

  test('a failure that will not pass disturbs no delivery; the page is asked for again after it, to end the stream', () => {
    const error = new BoxError('No.', { request: 'events', transient: false, status: 401 });
    const chart = ahead().fails('fetchNextPage', error);
    expect(chart.snapshot.status).toBe('active');
    expect(chart.delivered().state).toBe('fetchingEvents');
    expect(chart.context.streamPosition).toBe('6');
    expect(chart.fails('fetchEvents', error).snapshot).toMatchObject({ status: 'error', error });
  });

  test.each(['pause', 'stop'] as const)('%s gives up the page ahead, be it on its way or here', (command) => {
    for (const chart of [ahead(), ahead().nextPage('7', [event('b')])]) {
      chart.send(command);
      expect(chart.state).toMatchObject({ delivering: { nextPage: 'settled' } });
      expect(chart.context.nextPage).toBe(null);
      chart.delivered();
      expect(chart.state).toBe(command === 'pause' ? 'paused' : 'stopped');
      expect(chart.context.streamPosition).toBe('6');
      if (command === 'stop') continue;
      expect(chart.send('resume').servers().started[0]?.input).toMatchObject({ streamPosition: '6' });
    }
  });

  test('a pause that is taken back leaves the next page to be fetched after the delivery', () => {
    const chart = ahead().send('pause').send('resume').delivered();
    expect(chart.state).toBe('fetchingEvents');
    expect(chart.started[0]?.input).toMatchObject({ streamPosition: '6' });
  });

  test('once the page in hand is handled, pause and stop act at once', () => {
    expect(ahead().delivered().send('pause').state).toBe('paused');
    expect(ahead().delivered().send('stop').snapshot).toMatchObject({ output: { streamPosition: '6' } });
  });

  test('a pause does not evade the back-off after a failure ahead', () => {
    const chart = ahead().fails('fetchNextPage', mayPass(60_000)).send('pause').delivered();
    expect(chart.state).toBe('paused');
    expect(chart.send('resume').state).toBe('backingOff');
  });

  test('a snapshot with a page ahead resumes before the page in hand', () => {
    const chart = ahead().nextPage('7', [event('b')]);
    expect(resumeFrom(JSON.parse(JSON.stringify(chart.snapshot)))).toMatchObject({
      streamPosition: '5',
      recent: [],
    });
  });
});

describe('pause, resume and stop', () => {
  const places = [
    ['fetchingServers', () => pureChart()],
    ['polling', () => pureChart().poll()],
    ['fetchingEvents', () => pureChart().servers()],
    ['backingOff', () => pureChart().fails('fetchServers')],
  ] as const;

  test.each(places)('in %s, pause and stop act at once', (_, at) => {
    expect(at().send('pause').state).toBe('paused');
    expect(at().send('stop').snapshot).toMatchObject({ status: 'done', output: { streamPosition: '5' } });
  });

  test('while delivering, pause waits for the delivery and keeps its page', () => {
    const chart = pureChart()
      .servers()
      .page('6', [event('a')])
      .send('pause')
      .send('pause');
    expect(chart.state).toMatchObject({ delivering: { page: 'pausing' } });
    expect(chart.delivered().state).toBe('paused');
    expect(chart.context.streamPosition).toBe('6');
  });

  test('while delivering, stop waits for the delivery, and wins over pause and resume', () => {
    const chart = pureChart()
      .servers()
      .page('6', [event('a')])
      .send('pause')
      .send('stop');
    for (const command of ['pause', 'resume', 'stop'] as const) {
      expect(chart.send(command).state).toMatchObject({ delivering: { page: 'stopping' } });
    }
    expect(chart.delivered().snapshot).toMatchObject({ status: 'done', output: { streamPosition: '6' } });
  });

  test('while delivering, resume takes a pause back', () => {
    const chart = pureChart()
      .servers()
      .page('6', [event('a')])
      .send('pause')
      .send('resume');
    expect(chart.state).toMatchObject({ delivering: { page: 'open' } });
    expect(chart.delivered().state).toBe('polling');
  });

  test('a stream that is resumed asks for servers and catches up', () => {
    const chart = pureChart().poll().send('pause').send('pause').send('resume');
    expect(chart.state).toBe('fetchingServers');
    expect(chart.servers().state).toBe('fetchingEvents');
  });

  test('a pause right after catching up does not make the stream believe that nothing happened meanwhile', () => {
    const chart = pureChart().servers({ maxRetries: 0 }).page('5').delivered();
    chart
      .answer('newChange')
      .page('6', [event('a')])
      .delivered();
    expect(chart.state).toBe('fetchingServers');
    expect(chart.send('pause').send('resume').servers().state).toBe('fetchingEvents');
  });

  test('pausing does not evade a back-off', () => {
    const chart = pureChart().fails('fetchServers', mayPass(60_000)).send('pause').send('resume');
    expect(chart.state).toBe('backingOff');
    expect(chart.delayOf('backoff')).toBeGreaterThanOrEqual(60_000);
    expect(chart.after('backoff').send('pause').send('resume').state).toBe('fetchingServers');
  });

  test('pausing during a delivery does not evade the back-off that its page calls for', () => {
    const chart = pureChart().poll();
    chart.answer('newChange').page('5').delivered();
    chart.answer('newChange').page('5').delivered();
    chart.answer('newChange').page('5').send('pause').delivered();
    expect(chart.state).toBe('paused');
    expect(chart.send('resume').state).toBe('backingOff');
  });

  test('a paused stream can be stopped', () => {
    expect(pureChart().send('pause').send('stop').snapshot.status).toBe('done');
  });
});

/** The third page in a row without news, on its way to the consumer; its position has moved. */
function fruitlessPage() {
  const chart = pureChart({ streamPosition: '5', recent: ['old'] }).poll();
  for (let turn = 0; turn < 2; turn++) chart.answer('newChange').page('5').delivered();
  return chart.answer('newChange').page('6', [event('old')]);
}
