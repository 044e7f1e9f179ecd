import { afterEach, describe, expect, test, vi } from 'vitest';
import { displayWidth } from '../src/cli/display-width.ts';
import { createEventOutput } from '../src/cli/event-output.ts';
import { createStatusLine } from '../src/cli/status-line.ts';
import { FakeTerminal } from './support/cli-terminal.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const page = (...events: object[]) => ({
  events: events.map((event) => ({ type: 'event', created_at: new Date().toISOString(), ...event })),
  streamPosition: '5',
  userId: undefined,
});

describe('events on a terminal', () => {
  test('are one line each, whatever their names hold', async () => {
    const terminal = new FakeTerminal({ columns: 80 });
    const name = '\x1b[2J\x1b]0;owned\x07\n\u2028\u202e\x9b2J';
    const hostile = {
      event_type: name,
      created_by: { name },
      source: { type: 'comment', message: name, item: { name } },
    };
    await createEventOutput(terminal).writePage(page(hostile, { event_type: 'ITEM_UPLOAD' }));
    const ours = /\x1b\[\?7[lh]/g;
    expect(terminal.written.match(ours)).toHaveLength(4);
    expect(terminal.written.replace(ours, '')).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]/);
    expect(terminal.screen).toHaveLength(3);
  });

  test('follow the width of the terminal, which is 80 columns where it says none', async () => {
    const terminal = new FakeTerminal();
    const output = createEventOutput(terminal);
    const long = {
      event_type: 'ITEM_UPLOAD',
      created_by: { name: 'x'.repeat(99) },
      source: { name: 'y'.repeat(300) },
    };
    await output.writePage(page({ ...long, source: { ...long.source, parent: { name: 'z'.repeat(300) } } }));
    terminal.columns = 50;
    await output.writePage(page(long));
    expect(terminal.screen.map(displayWidth)).toEqual([80, 50, 0]);
  });

  test('are coloured where the terminal knows colours', async () => {
    const [plain, coloured] = [1, 8].map((colours) => new FakeTerminal({ columns: 80, colours }));
    for (const terminal of [plain, coloured]) {
      if (terminal) await createEventOutput(terminal).writePage(page({ event_type: 'ITEM_UPLOAD' }));
    }
    expect(coloured?.written).toContain('\x1b[32mITEM_UPLOAD');
    expect(plain?.written).not.toMatch(/\x1b\[\d/);
    expect(plain?.screen).toEqual(coloured?.screen);
  });

  test('of another day stand below the day', async () => {
    const terminal = new FakeTerminal();
    await createEventOutput(terminal).writePage(
      page(
        { created_at: '2020-02-02T12:00:00Z' },
        { created_at: '2020-02-02T12:00:01Z' },
        { event_type: 'NOW' },
      ),
    );
    expect(terminal.screen.filter((line) => line.startsWith('──'))).toEqual([
      '── Sun Feb 02 2020',
      `── ${new Date().toDateString()}`,
    ]);
  });

  test('get no escape where the terminal is dumb', async () => {
    vi.stubEnv('TERM', 'dumb');
    const terminal = new FakeTerminal();
    await createEventOutput(terminal).writePage(page({ event_type: 'ITEM_UPLOAD' }));
    expect(terminal.written).not.toContain('\x1b');
  });
});

describe('the status line', () => {
  const foot = (terminal: FakeTerminal) => terminal.screen.at(-1);

  test('says in words what the stream does, how many events came, and the position', () => {
    const terminal = new FakeTerminal({ columns: 80 });
    const status = createStatusLine(terminal);
    status.enter('fetchingServers');
    expect(foot(terminal)).toBe('connecting to Box · 0 events');
    status.advance(1, 'position 1152922976252290886');
    status.enter('polling');
    expect(foot(terminal)).toBe('waiting for changes · 1 event · position 1152922976252290886');
    expect(terminal.screen).toHaveLength(1);
  });

  test('says when it tries again, and why, until it does', () => {
    const terminal = new FakeTerminal({ columns: 80 });
    const status = createStatusLine(terminal);
    status.retry({ attempt: 3, delay: 4_000, reason: 'Box is\x1b[2J busy.' });
    status.enter('backingOff');
    expect(foot(terminal)).toMatch(/^retry 3 at \d\d:\d\d:\d\d: Box is�\[2J busy\. · 0 events$/);
    status.enter('fetchingServers');
    expect(foot(terminal)).toBe('connecting to Box · 0 events');
  });

  test('counts a back-off that was told while events were in hand from when it begins', () => {
    vi.useFakeTimers({ now: new Date('2026-01-01T10:00:00') });
    const terminal = new FakeTerminal({ columns: 80 });
    const status = createStatusLine(terminal);
    status.enter('delivering');
    status.retry({ attempt: 1, delay: 30_000, reason: 'Box is busy.' });
    expect(foot(terminal)).toBe('fetching · 0 events');
    vi.setSystemTime(new Date('2026-01-01T10:05:00'));
    status.enter('backingOff');
    vi.useRealTimers();
    expect(foot(terminal)).toContain('retry 1 at 10:05:30: Box is busy.');
  });

  test('is cut to the width, also when that changes', () => {
    const terminal = new FakeTerminal({ columns: 30 });
    const status = createStatusLine(terminal);
    status.advance(12, 'position 1152922976252290886');
    expect(displayWidth(foot(terminal) ?? '')).toBe(29);
    terminal.columns = 20;
    terminal.emit('resize');
    expect(displayWidth(foot(terminal) ?? '')).toBe(19);
  });

  test('makes way for events, and for what is to stay', () => {
    const terminal = new FakeTerminal({ columns: 80 });
    const status = createStatusLine(terminal);
    status.say('Following Box.');
    status.enter('polling');
    status.hide();
    status.enter('delivering');
    terminal.write('an event\n');
    status.show();
    expect(terminal.screen).toEqual(['Following Box.', 'an event', 'fetching · 0 events']);
  });

  test('leaves nothing behind', () => {
    const terminal = new FakeTerminal({ columns: 80 });
    const status = createStatusLine(terminal);
    status.enter('polling');
    status.close();
    status.enter('stopped');
    terminal.emit('resize');
    status.say('Stopped.');
    expect(terminal.screen).toEqual(['Stopped.', '']);
    expect(terminal.listenerCount('resize')).toBe(0);
  });
});
