import type { Endpoint } from './endpoint.js';

/** The forms about one provider key on the page of the provider keys. */
export const keyEndpoints = {
  keyTest: { path: '/account/keys/:upstream/test', methods: ['POST'], answers: 'page' },
  keyName: { path: '/account/keys/:upstream/name', methods: ['POST'], answers: 'page' },
  spareKeyTest: { path: '/account/keys/spare/:key_id/test', methods: ['POST'], answers: 'page' },
  spareKeyName: { path: '/account/keys/spare/:key_id/name', methods: ['POST'], answers: 'page' },
  spareKeyFirst: { path: '/account/keys/spare/:key_id/first', methods: ['POST'], answers: 'page' },
  spareKeyDeletion: { path: '/account/keys/spare/:key_id/delete', methods: ['POST'], answers: 'page' },
  keyDeletion: { path: '/account/keys/:upstream/delete', methods: ['POST'], answers: 'page' },
} as const satisfies Readonly<Record<string, Endpoint>>;
