import { expect, it } from '@jest/globals';
import { readEnvironment } from '../src/environment.js';

it('needs no environment variable on a laptop', () => {
  expect(readEnvironment({})).toEqual({
    host: '127.0.0.1',
    port: 4200,
    issuer: 'http://localhost:4000',
    resourceProxyUrl: 'http://localhost:4100',
    demoAppUrl: undefined,
    dataFile: undefined,
  });
});

it('accepts URLs with or without a slash at the end', () => {
  expect(readEnvironment({ ISSUER: 'https://as.example/' }).issuer).toBe('https://as.example');
});

it('names every variable that is wrong', () => {
  const wrong = { PORT: '99999', ISSUER: 'as.example', DEMO_APP_URL: 'https://demo.example/path' };
  for (const name of Object.keys(wrong)) expect(() => readEnvironment(wrong)).toThrow(name);
});
