import { expect, it } from '@jest/globals';
import { freePort } from '../src/free-port.js';

it('two programs that look for a port in one process never get the same one', async () => {
  const ports = await Promise.all(Array.from({ length: 400 }, () => freePort()));
  expect(new Set(ports).size).toBe(ports.length);
});
