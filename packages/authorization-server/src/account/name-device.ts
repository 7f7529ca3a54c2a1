import type { SessionDevice } from '@aipassport/store/authorization';
import type { Texts } from '../texts/texts.js';

/** @returns a device in words; undefined when nothing is known about it */
export function nameDevice(texts: Texts, { browser, system }: SessionDevice): string | undefined {
  if (browser !== undefined && system !== undefined) return texts('sessions.device', { browser, system });
  return browser ?? system;
}
