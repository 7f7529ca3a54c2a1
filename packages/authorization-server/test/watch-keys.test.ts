import { afterEach, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { type ReplaceableKeys, watchKeys } from '../src/keys/watch-keys.js';

const initial: ReplaceableKeys = {
  signingKeys: [] as unknown as ReplaceableKeys['signingKeys'],
  idTokenKeys: [],
  cookieKeys: ['a cookie key'],
  identityProviders: [],
  clientRegistration: { kind: 'off' },
};
const next: ReplaceableKeys = {
  ...initial,
  signingKeys: [{ kid: 'second' }] as unknown as ReplaceableKeys['signingKeys'],
};

let stop: () => void;
afterEach(() => stop());

/** The first two events that are logged. */
function watch(watched: Pick<Parameters<typeof watchKeys>[0], 'read' | 'onChanged'>): Promise<string[]> {
  const events: string[] = [];
  return new Promise((resolve) => {
    const write = (line: string) => {
      events.push((JSON.parse(line) as { event: string }).event);
      if (events.length === 2) resolve(events);
    };
    stop = watchKeys({ ...watched, initial, log: pino({}, { write }) });
  });
}

it('keys that cannot be read and keys that cannot be used are logged as different events, and each is tried again', async () => {
  let reads = 0;
  const unreadable = watch({
    read: () => {
      if (++reads === 1) throw new Error('EACCES: permission denied');
      return next;
    },
    onChanged: async () => undefined,
  });
  expect(await unreadable).toEqual(['signing_keys_unreadable', 'signing_keys_changed']);
  stop();
  let uses = 0;
  const unusable = watch({
    read: () => next,
    onChanged: async () => {
      if (++uses === 1) throw new Error('the keys cannot be used');
    },
  });
  expect(await unusable).toEqual(['signing_keys_unusable', 'signing_keys_changed']);
}, 20_000);
