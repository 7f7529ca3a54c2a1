import type { AccessRequest, ModelCatalogue } from '@aipassport/policy';
import type { Grant } from '@aipassport/store/authorization';
import { errors, type Interaction, type InteractionResults } from 'oidc-provider';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { proposeLanguages } from '../texts/choose-texts.js';
import { readAccessRequest } from './access-request.js';
import { oauthError } from './describe-oauth-denial.js';
import type { AuthorizationProvider } from './engine/authorization-provider.js';
import { describeLogin, needsFreshSignIn } from './engine/create-login-prompt.js';
import { findPushedRequest, readPushedRequestId } from './engine/find-pushed-request.js';
import { asksForNewGrant, type ChangeRequest, readChangeRequest } from './grant-management/change-request.js';
import { ownerSessionDetail } from './interaction-policy.js';
import type { OAuthDenial } from './oauth-denial.js';

/** A request that its owner decides on the consent page. */
export interface ConsentRequest {
  readonly uid: string;
  /** The path to which the consent form is sent. */
  readonly action: string;
  /** The path to which the page's script sends the form, to get a new summary of the owner's choices. */
  readonly summaryAction: string;
  /** The path of the page. */
  readonly returnPath: string;
  /** The account that signed in for the request; undefined before that. */
  readonly accountId: string | undefined;
  readonly clientId: string;
  readonly destination: Destination;
  readonly request: AccessRequest;
  /** The grant that the request changes; undefined when it makes a new one. */
  readonly changed?: ChangedGrant;
  /** Whether the client wants a grant besides those that it has (`grant_management_action=create`). */
  readonly wantsAnother: boolean;
}

/** A grant that a client wants to change, with its present terms. */
export interface ChangedGrant {
  readonly action: ChangeRequest['action'];
  readonly grant: Grant;
}

/**
 * The place to which an answer goes: the client's redirect URI, or the terminal that shows the user code (RFC 8628).
 */
export type Destination =
  | { readonly kind: 'redirect'; readonly redirectUri: string }
  | { readonly kind: 'terminal'; readonly userCode: string };

/** An authorization request that waits for its owner. */
export interface PendingInteraction extends ConsentRequest {
  readonly prompt: 'login' | 'consent';
  /**
   * Whether the owner must sign in again, although they signed in before the request (`prompt=login`,
   * `prompt=select_account`, `max_age`).
   */
  readonly needsFreshSignIn: boolean;
  /** The owner's session when the request began; undefined if the owner was not signed in. */
  readonly ownerSession: string | undefined;
  /** SECRET: the identifier of the pushed request that began the interaction; undefined when it was not pushed. */
  readonly pushedRequestId: string | undefined;
  /** Set when the request changes a grant. */
  readonly change: ChangeRequest | undefined;
  /**
   * The grant that the owner has allowed in this interaction, while the browser has not yet continued to the app;
   * undefined when the owner has not decided yet.
   */
  readonly grantId: string | undefined;
}

/**
 * Finds the interaction with this `uid`, which the browser's cookie must also name. Undefined when there is no such
 * interaction, when it has ended, or when it belongs to another browser.
 */
export async function findPending(
  { provider, configuration }: Pick<Dependencies, 'provider' | 'configuration'>,
  ctx: Context,
  uid: string,
): Promise<PendingInteraction | undefined> {
  const interaction = await provider.interactionDetails(ctx.req, ctx.res).catch(ignoreMissing);
  if (interaction?.uid !== uid || (await isUsedUp(provider, interaction))) return undefined;
  proposeLanguages(ctx, readParties(interaction).uiLocales);
  return toPending(interaction, configuration.models);
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof errors.SessionNotFound)) throw error;
}

/** A pushed request leads to one decision, even if it was opened in several tabs (RFC 9126 section 4). */
async function isUsedUp(provider: AuthorizationProvider, interaction: Interaction): Promise<boolean> {
  const pushed = await findPushedRequest(provider, interaction);
  return pushed?.consumed !== undefined;
}

/** Finds the data that the sign-in page needs, by the `uid` alone. @returns undefined when there is no interaction */
export async function findInteraction(provider: AuthorizationProvider, uid: string): Promise<Parties | undefined> {
  const interaction = await provider.Interaction.find(uid);
  return interaction && readParties(interaction);
}

export function interactionOver(): Denied {
  return new Denied({ reason: 'interaction_over' });
}

function toPending(interaction: Interaction, models: ModelCatalogue): PendingInteraction {
  const { uid, prompt, session, params } = interaction;
  const { [ownerSessionDetail]: ownerSession } = prompt.details;
  const { clientId, redirectUri } = readParties(interaction);
  return {
    uid,
    action: formatPath(paths.consent, uid),
    summaryAction: formatPath(paths.consentSummary, uid),
    returnPath: formatPath(paths.interaction, uid),
    prompt: prompt.name === 'login' ? 'login' : 'consent',
    needsFreshSignIn: needsFreshSignIn(prompt),
    ownerSession: typeof ownerSession === 'string' ? ownerSession : undefined,
    accountId: session?.accountId,
    clientId,
    destination: { kind: 'redirect', redirectUri },
    request: readRequest(params, models),
    pushedRequestId: readPushedRequestId(interaction),
    change: readChangeRequest(params),
    wantsAnother: asksForNewGrant(params),
    grantId: interaction.result?.consent?.grantId,
  };
}

/**
 * An update (`grant_management_action` is `update` or `merge`) names all access that it adds. If it names no model or
 * no capability, it adds none of that kind, so the owner is offered none to choose.
 */
function readRequest(parameters: Interaction['params'], models: ModelCatalogue): AccessRequest {
  const request = readAccessRequest(parameters, models);
  return readChangeRequest(parameters)?.action === 'update' ? { ...request, choosable: [] } : request;
}

interface Parties {
  readonly clientId: string;
  readonly redirectUri: string;
  /** The languages that the client proposes for the pages; empty when it proposes none. */
  readonly uiLocales: string;
}

function readParties({ params }: Interaction): Parties {
  const { ui_locales: uiLocales } = params;
  return {
    clientId: String(params['client_id']),
    redirectUri: String(params['redirect_uri']),
    uiLocales: typeof uiLocales === 'string' ? uiLocales : '',
  };
}

/** Finishes the sign-in of this owner. @returns the URL at which the browser continues */
export async function finishLogin(
  provider: AuthorizationProvider,
  ctx: Context,
  owner: { readonly accountId: string; readonly authenticatedAt: Date },
): Promise<string> {
  return provider.interactionResult(ctx.req, ctx.res, describeLogin(owner));
}

/**
 * Finishes with the owner's consent. The grant must already be stored in our table.
 * @returns the URL at which the browser continues
 */
export async function finishConsent(
  provider: AuthorizationProvider,
  ctx: Context,
  uid: string,
  consent: { readonly grantId: string; readonly choice: string },
): Promise<string> {
  return finish(provider, ctx, uid, { consent });
}

/** Finishes with a denial (RFC 6749 section 4.1.2.1). @returns the URL at which the browser continues */
export async function denyInteraction(provider: AuthorizationProvider, ctx: Context, uid: string): Promise<string> {
  return finish(provider, ctx, uid, describeResult({ reason: 'owner_denied' }));
}

/**
 * Finishes with an error, because the grant that the client wants to change has ended.
 * @returns the URL at which the browser continues
 */
export async function refuseChange(provider: AuthorizationProvider, ctx: Context, uid: string): Promise<string> {
  return finish(provider, ctx, uid, describeResult({ reason: 'grant_id_unknown' }));
}

function describeResult(denial: OAuthDenial): InteractionResults {
  const { error, error_description } = oauthError(denial);
  return { error, error_description };
}

/**
 * If the interaction has just ended, because its form was sent twice, the browser is sent to the path at which
 * `resume-once.ts` repeats the answer.
 */
async function finish(
  provider: AuthorizationProvider,
  ctx: Context,
  uid: string,
  result: InteractionResults,
): Promise<string> {
  const next = await provider.interactionResult(ctx.req, ctx.res, result).catch(ignoreMissing);
  return next ?? formatPath(paths.resumption, uid);
}
