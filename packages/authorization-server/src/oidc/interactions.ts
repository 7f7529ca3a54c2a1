import type { AccessRequest, ModelCatalogue } from '@aipassport/policy';
import { errors, type Interaction } from 'oidc-provider';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { Refusal } from '../refusal.js';
import { readAccessRequest } from './access-request.js';
import type { AuthorizationProvider } from './create-provider.js';
import { ownerSessionDetail } from './interaction-policy.js';
import { toSeconds } from './provider-session.js';

/** An authorization request that waits for its owner. */
export interface PendingInteraction {
  readonly uid: string;
  readonly prompt: 'login' | 'consent';
  /** Whether a sign-in from before the request is not enough (`prompt=login`, `prompt=select_account`, `max_age`). */
  readonly needsFreshSignIn: boolean;
  /** The name of the owner's session that the request began in; undefined when nobody was signed in. */
  readonly ownerSession: string | undefined;
  /** Who signed in for it; undefined before that. */
  readonly accountId: string | undefined;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly request: AccessRequest;
}

/**
 * The interaction of this browser (its cookie) and of this address (its `uid`).
 * @throws Refusal when there is none, it is over, or it belongs to another browser
 */
export async function getInteraction(
  { provider, configuration }: Pick<Dependencies, 'provider' | 'configuration'>,
  ctx: Context,
  uid: string,
): Promise<PendingInteraction> {
  const interaction = await provider.interactionDetails(ctx.req, ctx.res).catch((error: unknown) => {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  });
  if (interaction === undefined || interaction.uid !== uid) throw over();
  return toPending(interaction, configuration.models);
}

/** What the page before it needs to know, by the address alone; undefined when there is none. */
export async function findInteraction(
  provider: AuthorizationProvider,
  uid: string,
): Promise<Pick<PendingInteraction, 'clientId' | 'redirectUri'> | undefined> {
  const interaction = await provider.Interaction.find(uid);
  return interaction && readParties(interaction);
}

export function over(): Refusal {
  return new Refusal({
    status: 400,
    reason: 'interaction_over',
    message: 'This request is over, or was begun in another browser. Go back to the app and connect again.',
  });
}

function toPending(interaction: Interaction, models: ModelCatalogue): PendingInteraction {
  const { uid, prompt, session, params } = interaction;
  const { [ownerSessionDetail]: ownerSession } = prompt.details;
  return {
    uid,
    prompt: prompt.name === 'login' ? 'login' : 'consent',
    needsFreshSignIn: prompt.reasons.some((reason) => freshReasons.includes(reason)),
    ownerSession: typeof ownerSession === 'string' ? ownerSession : undefined,
    accountId: session?.accountId,
    ...readParties(interaction),
    request: readAccessRequest(params, models),
  };
}

const freshReasons: readonly string[] = ['login_prompt', 'select_account_prompt', 'max_age'];

function readParties({ params }: Interaction): Pick<PendingInteraction, 'clientId' | 'redirectUri'> {
  return { clientId: String(params['client_id']), redirectUri: String(params['redirect_uri']) };
}

/** The owner is who they say. @returns where the browser goes on */
export async function finishLogin(
  provider: AuthorizationProvider,
  ctx: Context,
  { accountId, authenticatedAt }: { readonly accountId: string; readonly authenticatedAt: Date },
): Promise<string> {
  const ts = toSeconds(authenticatedAt);
  return provider.interactionResult(ctx.req, ctx.res, {
    login: { accountId, ts, amr: ['pwd'], remember: false },
    select_account: {},
  });
}

/** The owner allowed it; the grant is in our table by now. @returns where the browser goes on */
export async function finishConsent(provider: AuthorizationProvider, ctx: Context, grantId: string): Promise<string> {
  return provider.interactionResult(ctx.req, ctx.res, { consent: { grantId } });
}

/** The owner denied it (RFC 6749 section 4.1.2.1). @returns where the browser goes on */
export async function denyInteraction(provider: AuthorizationProvider, ctx: Context): Promise<string> {
  const result = { error: 'access_denied', error_description: 'the owner denied the request' };
  return provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
}
