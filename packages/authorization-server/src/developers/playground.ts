import { formatDecimalUsd, oneUsd } from '@aipassport/policy';
import { findClient, listRedirectUris, upsertClient } from '@aipassport/store/authorization';
import { findOwner } from '../account/owner-session.js';
import { describeSignedIn } from '../account/require-owner.js';
import { queryText } from '../account/sign-in.js';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { listKeyStates } from '../interaction/list-key-states.js';
import { allowScript } from '../pages/page-script.js';
import { renderPlaygroundPage } from '../pages/playground-page.js';
import { exampleBody, examplePath, exampleScope } from './snippets/example.js';

const playgroundClientId = 'aipassport-playground';
/** The AI provider of the model in `exampleScope`. */
const upstream = 'openai';
/** The limits are small, because answers cost the owner's money where the AI provider is not simulated. */
const maxCost = oneUsd / 20n;
const limits = { type: 'ai_access', max_requests: 10, max_cost_usd: formatDecimalUsd(maxCost), expires_in: 3_600 };

/**
 * `GET /developers/playground`: a client without a server, whose redirect URI is this page. Its script takes the steps
 * of the flow in the browser, so this server learns no more about its tokens than about another client's tokens.
 */
export async function showPlayground(deps: Dependencies, ctx: Context): Promise<void> {
  const { stylesheet, configuration, scripts } = deps;
  if (!configuration.playground) throw new Denied({ reason: 'path_unknown' });
  const { issuer, resourceProxyUrl } = configuration;
  const redirectUri = `${issuer}${paths.playground}`;
  await ensureClient(deps, redirectUri);
  const owner = await findOwner(deps, ctx);
  const { texts } = ctx.state;
  const keyState = (await listKeyStates(deps, owner)).find((state) => state.upstream === upstream);
  ctx.state.scriptCalls = [new URL(resourceProxyUrl).origin];
  ctx.type = 'html';
  ctx.body = renderPlaygroundPage({
    stylesheet,
    texts,
    signedIn: owner && describeSignedIn(deps, ctx, owner, 'settings'),
    script: allowScript(ctx, scripts.playground),
    isCallback: queryText(ctx, 'state') !== '',
    payer: keyState && {
      keyState,
      provider: configuration.models.upstreams.labelOf(upstream),
      isSignedIn: owner !== undefined,
      maxCost,
    },
    settings: {
      issuer,
      proxy: resourceProxyUrl,
      clientId: playgroundClientId,
      redirectUri,
      scope: exampleScope,
      details: JSON.stringify([{ ...limits, reason: texts('playground.reason') }]),
      questionPath: examplePath,
      question: exampleBody,
    },
  });
}

/**
 * Inserts the client of the playground, unless it already exists with this redirect URI. All replicas insert the same
 * client.
 */
async function ensureClient({ db, configuration }: Dependencies, redirectUri: string): Promise<void> {
  const present = await findClient(db, playgroundClientId);
  if (present !== undefined && listRedirectUris(present)[0] === redirectUri) return;
  await upsertClient(db, {
    id: playgroundClientId,
    name: 'Playground',
    metadata: {
      client_name: 'Playground',
      redirect_uris: [redirectUri],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    },
    secretHash: undefined,
    webOrigins: [configuration.issuer],
    registeredBy: 'operator',
  });
}
