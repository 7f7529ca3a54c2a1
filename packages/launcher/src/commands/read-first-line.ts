import { createInterface } from 'node:readline';

/** Reads a secret that a command takes from the standard input. */
export async function readFirstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  return '';
}
