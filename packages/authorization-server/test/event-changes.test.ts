import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { limitKinds, limitTable } from '@aipassport/policy';
import type { ListedEvent } from '@aipassport/store/authorization';
import { expect, it } from '@jest/globals';
import { describeChanges } from '../src/activity/describe-changes.js';
import { textsIn } from '../src/texts/texts.js';

const store = fileURLToPath(new URL('../../../store/', import.meta.url));
const termsOfGrant = [...limitKinds.map((kind) => limitTable[kind].column), 'expires_at'];

/**
 * The files that write events with values from before a change, each with the kinds of these events and the members
 * that have such a value.
 */
const writers = globSync(['src/**/*.ts', 'functions/*.sql'], { cwd: store }).flatMap((file) => {
  const text = readFileSync(`${store}${file}`, 'utf8');
  const named = [...text.matchAll(/(?<!\w)(\w+)_before(?:'|: )/g)].map(([, member = '']) => member);
  const members = /formatTermsBefore\(\w+\)\}/.test(text) ? termsOfGrant : named;
  const events = [...text.matchAll(/'(\w+_changed)'/g)].map(([, event = '']) => event as ListedEvent['kind']);
  return members.length === 0 ? [] : [{ file, events: [...new Set(events)], members: [...new Set(members)] }];
});

function describe(kind: ListedEvent['kind'], members: readonly string[]): readonly string[] {
  const detail = Object.fromEntries(
    members.flatMap((member) => [
      [member, '2'],
      [`${member}_before`, '1'],
    ]),
  );
  return describeChanges({ kind, detail }, { texts: textsIn('en'), timeZone: 'UTC' });
}

it('if an event records a value from before a change, the activity page shows it', () => {
  expect(writers.flatMap(({ events }) => events).length).toBeGreaterThan(6);
  for (const { file, events, members } of writers) {
    for (const event of events) expect([file, event, describe(event, members).length]).not.toEqual([file, event, 0]);
    const shown = (member: string) => events.some((event) => describe(event, [member]).length > 0);
    expect([file, members.filter((member) => !shown(member))]).toEqual([file, []]);
  }
});
