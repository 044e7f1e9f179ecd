import { describe, expect, test } from 'vitest';
import type { BoxEvent } from '../machines/box-event.ts';
import { cut, displayWidth, fill } from '../src/cli/display-width.ts';
import { eventLine } from '../src/cli/event-line.ts';
import { jsonLine } from '../src/cli/json-line.ts';
import { summarize } from '../src/event-summary.ts';
import { oneLine } from '../src/one-line.ts';

describe('a text of somebody else', () => {
  test.each([
    ['an escape sequence', '\x1b[31mred\x1b[0m', '�[31mred�[0m'],
    ['a control character of the second kind', 'a\x9b31mb', 'a�31mb'],
    ['a bidirectional override', 'a\u202egnp.exe', 'a�gnp.exe'],
    ['a bidirectional isolate', '\u2067a\u2069', '�a�'],
    ['line breaks of any kind', 'a\r\nb\u2028c\u2029d\u0085e\tf\vg', 'a b c d e f g'],
    ['a delete, a bell and a backspace', '\x7f\x07\x08', '���'],
    ['an invisible mark', 'a\u200bb\ufeffc', 'a�b c'],
    ['a lone surrogate', 'a\ud800b', 'a�b'],
  ])('is one harmless line: %s', (_, text, line) => {
    expect(oneLine(text)).toBe(line);
  });

  test('keeps its letters, accents, and emoji that are joined', () => {
    for (const text of ['Überstunden', 'e\u0301', '見積書', '👨‍👩‍👧', 'می‌خواهم'])
      expect(oneLine(text)).toBe(text);
  });
});

describe('the width of a text', () => {
  test.each([
    ['plain', 5],
    ['見積書', 6],
    ['ｶﾀｶﾅ', 4],
    ['Ｆｕｌｌ', 8],
    ['e\u0301clair', 6],
    ['한국어', 6],
    ['\u1112\u1161\u11ab', 2],
    ['👍🏽', 2],
    ['👨‍👩‍👧‍👦', 2],
    ['🇩🇪', 2],
    ['❤️', 2],
    ['𠀀', 2],
    ['…“”–', 4],
    ['', 0],
  ])('%s is %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  test('is not exceeded when it is cut, and no character is torn apart', () => {
    expect(cut('report.pdf', 10)).toBe('report.pdf');
    expect(cut('report.pdf', 9)).toBe('report.p…');
    expect(cut('見積書', 6)).toBe('見積書');
    expect(cut('見積書', 5)).toBe('見積…');
    expect(cut('見積書', 4)).toBe('見…');
    expect(cut('e\u0301e\u0301e\u0301', 2)).toBe('e\u0301…');
    expect(cut('👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 3)).toBe('👨‍👩‍👧‍👦…');
    expect(cut('anything', 1)).toBe('…');
    expect(cut('anything', 0)).toBe('');
  });

  test('is reached exactly when it is filled', () => {
    for (const text of ['', 'a', '見積書', 'e\u0301clair', 'a very long name']) {
      expect(displayWidth(fill(text, 7))).toBe(7);
    }
  });
});

describe('what is said of an event', () => {
  const parent = { type: 'folder', id: '5', name: 'Plans' };
  const item = { type: 'file', id: '1', name: 'a.txt', parent };

  test.each<[string, unknown, string, string[]]>([
    ['a file', item, 'a.txt', ['Plans']],
    ['a folder', { type: 'folder', id: '1', name: 'Drafts' }, 'Drafts/', []],
    [
      'a file with its path',
      {
        ...item,
        path_collection: { entries: [{ id: '0', name: 'All Files' }, { id: '4', name: 'Top' }, parent] },
      },
      'a.txt',
      ['Top', 'Plans'],
    ],
    [
      'an item without a type',
      { item_type: 'folder', item_id: '9', item_name: 'Old', parent },
      'Old/',
      ['Plans'],
    ],
    ['a comment', { type: 'comment', message: 'Well\ndone', item }, '“Well done”', ['a.txt']],
    [
      'a collaboration',
      { type: 'collaboration', accessible_by: { name: 'Bo' }, role: 'editor', item: parent },
      'Bo (editor)',
      ['Plans'],
    ],
    [
      'an assignment',
      { type: 'task_assignment', assigned_to: { login: 'bo@x' }, message: 'Go', item },
      'bo@x',
      ['a.txt'],
    ],
    [
      'a membership',
      { type: 'group_membership', user: { name: 'Bo' }, group: { name: 'Staff' } },
      'Bo',
      ['Staff'],
    ],
    ['a user', { type: 'user', id: '3', name: 'Bo', login: 'bo@x' }, 'Bo', []],
    ['a source without a name', { type: 'lock', id: '77' }, 'lock 77', []],
    ['no source', null, '', []],
    ['a source of a wrong type', 'text', '', []],
    ['names of a wrong type', { type: [], name: {}, id: 7, parent: 'x' }, '7', ['']],
  ])('fits its source: %s', (_, source, what, where) => {
    expect(summarize({ type: 'event', source: source as never })).toMatchObject({ what, where });
  });

  test('names who did it, as far as Box says', () => {
    const who = (user: unknown) => summarize({ type: 'event', created_by: user as never }).who;
    expect(who({ id: '7', name: 'Amara', login: 'a@x' })).toBe('Amara');
    expect(who({ id: '7', login: 'a@x' })).toBe('a@x');
    expect(who({ id: '2', name: '' })).toBe('anonymous');
    expect(who(null)).toBe('');
  });
});

describe('the line of an event', () => {
  const event = {
    type: 'event',
    event_type: 'ITEM_UPLOAD',
    created_at: '2026-11-24T00:55:08-08:00',
    created_by: { name: 'Amara Okafor' },
    source: {
      type: 'file',
      name: '見積書 2026年度 最終版 with a long name.xlsx',
      path_collection: { entries: [{ name: 'First' }, { name: 'Second folder' }, { name: 'Third folder' }] },
    },
  };
  const lineOf = (event: BoxEvent, options: Parameters<typeof eventLine>[1]) =>
    eventLine(summarize(event), options);
  const paint = (_: unknown, text: string) => text;

  test.each([20, 40, 60, 80, 100, 120, 200])('takes %i columns at most', (width) => {
    const line = lineOf(event, { width, paint });
    expect(displayWidth(line)).toBeLessThanOrEqual(width);
    expect(line).toMatch(/^\d\d:\d\d:\d\d {2}ITEM_UPLO/);
  });

  test('is aligned with that of any other event', () => {
    const other = {
      ...event,
      event_type: 'TASK_ASSIGNMENT_CREATE',
      created_by: { name: '한국어' },
      source: { name: 'b', parent: { name: 'P' } },
    };
    const [one, two] = [event, other].map((each) => lineOf(each, { width: 100, paint }));
    const columnOf = (line: string | undefined, text: string) =>
      displayWidth(line?.slice(0, line.indexOf(text)) ?? '');
    expect(columnOf(one, 'Amara')).toBe(columnOf(two, '한국어'));
    expect(columnOf(one, '見')).toBe(columnOf(two, 'b'));
    expect(columnOf(one, '…/')).toBe(columnOf(two, 'P'));
  });

  test('keeps the folder next to the item, and leaves no space at its end', () => {
    expect(lineOf(event, { width: 100, paint })).toMatch(/ …\/Third folder$/);
    expect(lineOf({ ...event, source: null }, { width: 80, paint })).toMatch(/Amara Okafor$/);
  });

  test('has a colour for the kind of event, and none for an unknown one', () => {
    const marked = (eventType: string) =>
      lineOf(
        { type: 'event', event_type: eventType },
        { width: 80, paint: (format, text) => `<${format}>${text}` },
      );
    expect(marked('ITEM_UPLOAD')).toContain('<green>ITEM_UPLOAD');
    expect(marked('ITEM_TRASH')).toContain('<red>ITEM_TRASH');
    expect(marked('ITEM_UNDELETE_VIA_TRASH')).toContain('<green>');
    expect(marked('NEWS_OF_BOX')).toMatch(/ {2}NEWS_OF_BOX$/);
  });

  test('is made in no time of a text without end', () => {
    const line = lineOf(
      { ...event, source: { name: `a${'\u0301'.repeat(1_000_000)}` } },
      { width: 80, paint },
    );
    expect(line.length).toBeLessThan(1_200);
  });
});

describe('a line of JSON', () => {
  test('says the same as JSON.stringify, with escapes for what a terminal obeys', () => {
    const value = { ['__proto__']: '\x1b', a: ['\x7f\x9b\u2028\u202e', 1, null, true], é: '見' };
    const line = jsonLine(value);
    expect(line).toBe('{"__proto__":"\\u001b","a":["\\u007f\\u009b\\u2028\\u202e",1,null,true],"é":"見"}\n');
    expect(JSON.parse(line)).toEqual(value);
  });

  test('is written however deep the value is nested', () => {
    const depth = 100_000;
    const json = `{"a":[1,"two",${'{"b":['.repeat(depth)}null,{}${']}'.repeat(depth)}],"c":false}`;
    expect(jsonLine(JSON.parse(json)) === `${json}\n`).toBe(true);
  });
});
