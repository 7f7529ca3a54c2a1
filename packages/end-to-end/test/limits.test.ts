import { textsIn } from '@aipassport/authorization-server/texts';
import { isUsdKind, type LimitKind, limitKinds, limitTable, parseUsd } from '@aipassport/policy';
import { findGrant } from '@aipassport/store/authorization';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { postChat, smallChat } from './harness/chat.js';
import { ClientApp } from './harness/client-app.js';
import { createOwner, readClaims } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { introspect } from './harness/introspect.js';
import type { Owner } from './harness/owner.js';
import { readSpecified } from './harness/read-specified.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { waitUntil } from './harness/wait-until.js';

let upstream: RecordingUpstream;
let deployment: Deployment;
let owner: Owner;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  // a stream that begins and does not end, so that two requests are in progress at the same time
  upstream.behaviour = (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [] })}\n\n`);
  };
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  owner = await createOwner(deployment);
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

/** Requests access with these limits, lets the owner allow it, and returns the consent page and the tokens. */
async function connectWith(proposal: Readonly<Record<string, number | string>>) {
  const client = await ClientApp.register(deployment);
  const authorization = await client.beginAuthorization('model:gpt-4o-mini cap:chat', proposal);
  const consent = await owner.openConsent(authorization.url);
  const tokens = await client.finishAuthorization(authorization, await owner.allow(authorization.url));
  return { client, consent, tokens, grantId: readClaims(tokens.access_token).grant_id };
}

/** Opens two streams, the second one while the first one is open. @returns the refusals */
async function openTwoStreams(accessToken: string): Promise<readonly Response[]> {
  const leave = new AbortController();
  const body = { ...smallChat, stream: true };
  const open = () => postChat(deployment.resourceProxyUrl, accessToken, body, leave.signal);
  const answers = [await open(), await open()];
  const refused = await Promise.all(
    answers.filter(({ status }) => status !== 200).map(async (one) => new Response(await one.text(), one)),
  );
  leave.abort();
  return refused;
}

/** Finds the reason of a refusal in the proxy's log, because several reasons have the same code on the wire. */
async function findReason(response: Response): Promise<string | undefined> {
  const id = response.headers.get('x-request-id') ?? 'none';
  const findLine = () =>
    deployment
      .output()
      .split('\n')
      .find((line) => line.includes(id) && line.includes('"reason"'));
  await waitUntil(() => findLine() !== undefined, 'the refusal is in the log');
  return /"reason":"([a-z_]+)"/.exec(findLine() ?? '')?.[1];
}

const texts = textsIn('en');

/** The smallest limit that can be proposed: a count of one, or one nano-dollar. */
const leastOf = (kind: LimitKind) => (isUsdKind(kind) ? '0.000000001' : 1);

it('without a limit, both streams are opened', async () => {
  const { tokens } = await connectWith({});
  expect(await openTwoStreams(tokens.access_token)).toEqual([]);
});

describe.each(limitKinds)('the limit %s', (kind) => {
  const { member, usage, denial } = limitTable[kind];
  const value = leastOf(kind);
  const shown = isUsdKind(kind) ? '$0.000000001' : '1';
  let connection: Awaited<ReturnType<typeof connectWith>>;
  beforeAll(async () => {
    connection = await connectWith({ [member]: value });
  });

  it('is proposed by an app, shown on the consent page, and stored', async () => {
    const { consent, grantId } = connection;
    if (kind === 'maxCost') expect(consent.text).toContain(`spend at most ${shown}`);
    else {
      expect(consent.text).toContain(texts(`limits.${kind}`));
      expect(consent.text).toContain(`Requested: ${shown}. You can lower it.`);
    }
    expect(consent.document.querySelector(`[name=${member}]`)?.getAttribute('value')).toBe(String(value));
    const stored = await findGrant(deployment.db, grantId);
    expect(stored?.limits[kind]).toEqual(typeof value === 'string' ? parseUsd(value) : value);
  });

  it('is shown on the page of the grant', async () => {
    const { page } = await owner.open(`/account/grants/${connection.grantId}`);
    if (usage === undefined)
      expect(page.text).toContain(`Rate limit ${texts(`limits.${kind}Value`, { limit: shown })}`);
    else
      expect(page.text).toContain(
        `${texts(`limits.${usage}Used`)} ${isUsdKind(kind) ? '$0.00' : '0'} of ${shown} used`,
      );
  });

  it('is in the token response, the claims, the introspection and the grant API', async () => {
    const { tokens } = connection;
    const granted = { authorization_details: [expect.objectContaining({ [member]: value })] };
    expect(tokens).toMatchObject(granted);
    expect(readClaims(tokens.access_token)).toMatchObject(granted);
    expect(await introspect(deployment, tokens.access_token)).toMatchObject(granted);
    const response = await fetch(`${deployment.resourceProxyUrl}/v1/grant`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    const grant = await readSpecified(response, 'resource-proxy', 'GET /v1/grant');
    expect(grant).toMatchObject({ limits: { [member]: value } });
  });

  it(`is enforced: a request over it is refused with ${denial}`, async () => {
    const refused = await openTwoStreams(connection.tokens.access_token);
    expect(refused.length).toBeGreaterThan(0);
    for (const response of refused) {
      expect(await findReason(response)).toBe(denial);
      await readSpecified(response, 'resource-proxy', 'POST /openai/v1/chat/completions');
    }
  });
});
