import { type Database, hashSecret } from '@aipassport/store';
import { findArtifact, upsertArtifact } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { readPushedRequestId } from './engine/find-pushed-request.js';
import { readOidc } from './engine/read-oidc.js';
import { seal, unseal } from './sealed.js';

/** How an interaction ended. SECRET: `location` contains a code. */
export interface InteractionAnswer {
  /** Where the browser was sent: to the client, or to the next interaction. */
  readonly location: string;
  readonly accountId: string;
  readonly clientId: string;
  readonly redirectUri: string;
  /** The grant of the code in `location`; undefined when `location` contains no code. */
  readonly grantId: string | undefined;
  /** A hash of everything that the owner chose; undefined when the owner was not asked, or denied the request. */
  readonly choice: string | undefined;
}

const model = 'InteractionAnswer';
/** How long an answer is kept: the longest time for which the browser keeps the cookie of an interaction. */
const keptSeconds = 3_600;

/**
 * Keeps the answer for repeats, for example when a form is sent twice or the owner goes back to a page. The answer is
 * sealed with the interaction's identifier, and is removed when the grant ends.
 * @param uid SECRET
 */
export async function keepInteractionAnswer(db: Database, uid: string, answer: InteractionAnswer): Promise<void> {
  const payload = { sealed: await seal(uid, answer) };
  const row = { model, idHash: hashSecret(uid), payload, grantId: answer.grantId, uid: undefined };
  await upsertArtifact(db, { ...row, expiresInSeconds: keptSeconds });
}

/** @param uid SECRET */
export async function findInteractionAnswer(db: Database, uid: string): Promise<InteractionAnswer | undefined> {
  const kept = await findArtifact(db, { model, idHash: hashSecret(uid) });
  return kept && unseal(uid, kept.payload['sealed']);
}

/** Whether the code in the answer can still be redeemed; true when the answer contains no code. */
export async function isCodeRedeemable(db: Database, { location }: InteractionAnswer): Promise<boolean> {
  const code = URL.parse(location)?.searchParams.get('code');
  if (code === null || code === undefined) return true;
  const artifact = await findArtifact(db, { model: 'AuthorizationCode', idHash: hashSecret(code) });
  return artifact !== undefined && artifact.consumedAt === undefined;
}

/**
 * Describes how the interaction of this request ended, after oidc-provider has redirected the browser.
 * @returns undefined when oidc-provider did not redirect, or when the request belongs to no interaction or no account
 */
export function describeAnswer(ctx: Context): InteractionAnswer | undefined {
  const { entities, session } = readOidc(ctx);
  const { Interaction: interaction, AuthorizationCode: code } = entities;
  const location = ctx.response.get('Location');
  const accountId = session?.accountId;
  if (interaction === undefined || accountId === undefined || location === '') return undefined;
  const { params, result } = interaction;
  return {
    location,
    accountId,
    clientId: String(params['client_id']),
    redirectUri: String(params['redirect_uri']),
    grantId: code?.grantId,
    choice: (result?.consent as { readonly choice?: string } | undefined)?.choice,
  };
}

/**
 * The identifier of the pushed request that began the interaction; undefined when the request was not pushed.
 * @returns SECRET
 */
export function findPushedRequest(ctx: Context): string | undefined {
  const { Interaction: interaction } = readOidc(ctx).entities;
  return interaction && readPushedRequestId(interaction);
}
