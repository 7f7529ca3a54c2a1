import { expect, it } from '@jest/globals';
import { freePort } from '../src/free-port.js';

it('a process that looks for ports never finds the same one twice', async () => {
  const ports: number[] = [];
  while (ports.length < 400) ports.push(await freePort());
  expect(new Set(ports).size).toBe(ports.length);
});
