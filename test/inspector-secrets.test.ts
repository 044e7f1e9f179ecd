import { describe, expect, test } from 'vitest';
import { hideSecrets } from '../src/inspector/index.ts';

describe('hideSecrets()', () => {
  test.each([
    [
      'http://2.realtime.services.box.net/subscribe?channel=KEY&stream_type=all',
      'http://2.realtime.services.box.net/subscribe?(hidden)',
    ],
    ['the poll on https://host/path?x=KEY failed', 'the poll on https://host/path?(hidden) failed'],
    ['https://user:KEY@host/path', 'https://(hidden)@host/path'],
    ['subscribe?channel=KEY', 'subscribe?channel=(hidden)'],
    ['authorization: Bearer KEY', 'authorization: Bearer (hidden)'],
    ['nothing to hide: https://host/path', 'nothing to hide: https://host/path'],
  ])('hides what is a key in a text: %s', (text, shown) => {
    expect(hideSecrets(text)).toBe(shown);
    expect(hideSecrets({ deep: [{ text }] })).toEqual({ deep: [{ text: shown }] });
  });

  test('hides what stands under the name of a secret, and leaves other names alone', () => {
    const value = {
      token: 'KEY',
      access_token: 'KEY',
      headers: { Authorization: 'KEY' },
      tokens: 3,
      tokenType: 'bearer',
    };
    expect(hideSecrets(value)).toEqual({
      ...value,
      token: '(hidden)',
      access_token: '(hidden)',
      headers: { Authorization: '(hidden)' },
    });
  });

  test('shows what an error says, and ends where a value holds itself', () => {
    const error = Object.assign(new Error('failed at http://h/?channel=KEY'), { status: 503 });
    expect(hideSecrets({ error })).toEqual({
      error: { name: 'Error', message: 'failed at http://h/?(hidden)', status: 503 },
    });
    const round: Record<string, unknown> = { name: 'round' };
    round.self = round;
    expect(hideSecrets(round)).toEqual({ name: 'round', self: '(again)' });
  });

  test('copies, and changes nothing', () => {
    const value = { url: 'http://h/?channel=KEY', at: new Date(0), many: new Set([1]), none: null, big: 5n };
    expect(hideSecrets<unknown>(value)).toEqual({
      url: 'http://h/?(hidden)',
      at: '1970-01-01T00:00:00.000Z',
      many: [1],
      none: null,
      big: '5',
    });
    expect(value.url).toBe('http://h/?channel=KEY');
  });
});
