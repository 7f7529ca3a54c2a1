import { getEventListeners } from 'node:events';
import { expect, it } from '@jest/globals';
import { pause } from '../src/pause.js';
import { openLoopbackListener } from '../src/terminal/loopback-listener.js';

const stopped = new Error('stopped at the terminal');

it('the wait for a callback ends at once if its signal is aborted already', async () => {
  const listener = await openLoopbackListener();
  try {
    await expect(listener.waitForCallback('a-state', AbortSignal.abort(stopped))).rejects.toBe(stopped);
  } finally {
    listener.close();
  }
});

it('the wait for a callback ends when its signal is aborted', async () => {
  const listener = await openLoopbackListener();
  const abort = new AbortController();
  try {
    const waiting = listener.waitForCallback('a-state', abort.signal);
    abort.abort(stopped);
    await expect(waiting).rejects.toBe(stopped);
  } finally {
    listener.close();
  }
});

it('a callback that has arrived leaves no listener on the signal', async () => {
  const listener = await openLoopbackListener();
  const { signal } = new AbortController();
  try {
    const waiting = listener.waitForCallback('a-state', signal);
    await fetch(`${listener.redirectUri}?state=a-state&code=a-code`);
    expect((await waiting).searchParams.get('code')).toBe('a-code');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  } finally {
    listener.close();
  }
});

it('pauses between polls leave no listener on the signal, however many there are', async () => {
  const { signal } = new AbortController();
  for (let poll = 0; poll < 3; poll++) await pause(1, signal);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

it('a pause ends when its signal is aborted, before or during the pause', async () => {
  await expect(pause(60_000, AbortSignal.abort(stopped))).rejects.toBe(stopped);
  const abort = new AbortController();
  const pausing = pause(60_000, abort.signal);
  abort.abort(stopped);
  await expect(pausing).rejects.toBe(stopped);
});
