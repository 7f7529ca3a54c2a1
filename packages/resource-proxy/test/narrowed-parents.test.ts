import { noLimits, parseGrantedScope } from '@aipassport/policy';
import { changeGrant, delegateGrant, findGrant } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { answerJson } from './support/recording-upstream.js';
import { TestProxy } from './support/test-proxy.js';

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start({ replicas: 2 });
});
afterAll(() => proxy?.stop());

it('when a grant loses scope, a grant below it loses that scope too: for stored state, in the list of models and in the description of the grant', async () => {
  const { db } = proxy.database;
  const scope = 'model:gpt-4o model:gpt-4o-mini cap:chat cap:embeddings';
  const accountId = await proxy.createAccount();
  await proxy.addProviderKey(accountId, 'openai', 'sk-proj-own0123456789abcdefghijkl');
  const parent = await proxy.createGrant({ accountId, scope });
  const tokens = parseGrantedScope(scope);
  const expiresAt = new Date(Date.now() + 60_000);
  const made = await db
    .transaction()
    .execute((transaction) =>
      delegateGrant(transaction, { parentId: parent.id, tokens, limits: noLimits, reason: undefined, expiresAt }),
    );
  if (made.kind !== 'made') throw new Error(made.kind);
  const token = await proxy.createToken({ id: made.grant.id, accountId, scope });
  const get = (path: string) =>
    fetch(`${proxy.urlOf(1)}${path}`, { headers: { authorization: `Bearer ${token}` } }).then(async (answer) => ({
      status: answer.status,
      body: (await answer.json()) as { readonly scope?: string; readonly data?: readonly { readonly id: string }[] },
    }));
  proxy.upstream.behaviour = answerJson({ id: 'resp_1', object: 'response', status: 'completed', output: [] });
  expect((await proxy.post('/openai/v1/responses', { model: 'gpt-4o-mini', input: 'x' }, token)).status).toBe(200);
  expect((await get('/openai/v1/responses/resp_1')).status).toBe(200);
  expect((await get('/v1/grant')).body.scope).toBe(scope);

  const replace = async (narrower: string) => {
    const grant = await findGrant(db, parent.id);
    if (grant === undefined) throw new Error('the grant was not found');
    const terms = { tokens: parseGrantedScope(narrower), limits: grant.limits, expiresAt: grant.expiresAt };
    expect(await changeGrant(db, { grant, action: 'replace', terms, reason: undefined })).toBe(true);
  };
  await replace('model:gpt-4o-mini cap:chat');
  expect((await get('/v1/grant')).body.scope).toBe('model:gpt-4o-mini cap:chat');
  expect((await get('/openai/v1/models')).body.data?.map(({ id }) => id)).toEqual(['gpt-4o-mini']);
  expect((await get('/openai/v1/responses/resp_1')).status).toBe(200);
  await replace('model:gpt-4o-mini cap:embeddings');
  const sent = proxy.upstream.hits.length;
  expect((await get('/openai/v1/responses/resp_1')).status).toBe(403);
  const erased = await fetch(`${proxy.url}/openai/v1/responses/resp_1`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}` },
  });
  expect(erased.status).toBe(403);
  expect(proxy.upstream.hits).toHaveLength(sent);
});
