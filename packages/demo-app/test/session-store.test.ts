import { expect, it } from '@jest/globals';
import { SessionStore } from '../src/session/session-store.js';

it('finds a session by its exact id only', () => {
  const store = new SessionStore();
  const { id, session } = store.insert();
  expect(store.find(id)).toBe(session);
  expect(store.find(`${id.slice(0, -1)}_`)).toBeUndefined();
  expect(store.find(undefined)).toBeUndefined();
});

it('moves a session to a new id, and does not find it by the old id', () => {
  const store = new SessionStore();
  const { id, session } = store.insert();
  const newId = store.renewId(id);
  expect(store.find(id)).toBeUndefined();
  expect(store.find(newId)).toBe(session);
});

it('when there are too many sessions, removes the least recently used session', () => {
  const store = new SessionStore(2);
  const first = store.insert();
  const second = store.insert();
  store.find(first.id);
  const third = store.insert();
  expect(store.find(second.id)).toBeUndefined();
  expect(store.find(first.id)).toBe(first.session);
  expect(store.find(third.id)).toBe(third.session);
});
