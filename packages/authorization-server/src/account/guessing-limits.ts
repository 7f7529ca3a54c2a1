import type { Database } from '@aipassport/store';
import {
  type AttemptLimit,
  clearAttempts,
  countAttempt,
  normalizeEmail,
  uncountAttempt,
} from '@aipassport/store/authorization';
import ipaddr from 'ipaddr.js';
import { Denied, type SignInSubject } from '../denials/denial.js';
import type { HashQueueShare } from './hash-queue-share.js';

const windowSeconds = 15 * 60;
/** The number of wrong passwords after which an account is locked until the window ends. */
export const guessesPerAccount = 10;
const perIpAddress = 100;
const resetLinksPerIpAddress = 30;
/** On average one change a second. A change can add rows that are kept for a long time, such as audit events. */
const changes = { limit: 600, windowSeconds: 10 * 60 };
const refusals = { limit: 100, windowSeconds };
/** How many unknown tokens one network may send to each JSON API. */
export const unknownTokens = { limit: 100, windowSeconds };
/** A sign-in that succeeds also adds rows that are kept for a long time. */
const signIns = { limit: 60, windowSeconds };

export interface SignInAttempt {
  readonly email: string;
  readonly ipAddress: string;
  /** The random name of this browser; undefined when this account is not the one that the browser remembers. */
  readonly knownDevice: string | undefined;
}

/**
 * Counts a guess at a password or recovery code across all replicas, and refuses it when there were too many.
 *
 * A browser that has signed in to the account before has a count of its own. An attacker elsewhere, or behind the same
 * IP address, cannot use that count up, so the owner can still sign in. The answer does not reveal whether the account
 * exists.
 * @throws Denied
 */
export async function requireAttempt(db: Database, attempt: SignInAttempt): Promise<void> {
  const limits = [{ key: accountKey(attempt), limit: guessesPerAccount }];
  if (attempt.knownDevice === undefined) limits.push({ key: ipAddressKey(attempt.ipAddress), limit: perIpAddress });
  const signIn = { email: attempt.email };
  for (const { key, limit } of limits) await requireFew(db, { key, limit, windowSeconds }, signIn);
}

/**
 * Called when the guess was right. Clears the count in which the guess was counted: the known browser's, or else the
 * account's. The guess of an unknown browser is also taken off the IP address's count.
 */
export async function forgetAttempts(db: Database, attempt: SignInAttempt): Promise<void> {
  await clearAttempts(db, accountKey(attempt));
  if (attempt.knownDevice === undefined) await uncountAttempt(db, ipAddressKey(attempt.ipAddress));
}

/** Limits the new accounts from one IP address. Each adds rows, and may cost a password hash. @throws Denied */
export async function requireAccountCreation(db: Database, ipAddress: string): Promise<void> {
  await requireFew(db, { key: `create-account:${networkOf(ipAddress)}`, limit: perIpAddress, windowSeconds });
}

/** Limits the links that one IP address asks for, because each may send an e-mail to a stranger. @throws Denied */
export async function requireResetLink(db: Database, ipAddress: string): Promise<void> {
  await requireFew(db, { key: `reset-link:${networkOf(ipAddress)}`, limit: resetLinksPerIpAddress, windowSeconds });
}

/** Limits the changes that an account makes on its pages and through the API. @throws Denied */
export async function requireFewChanges(db: Database, accountId: string): Promise<void> {
  await requireFew(db, { key: `change:${accountId}`, ...changes });
}

/**
 * Limits the sign-ins of an account that succeed. Each way to sign in has a count of its own, so that someone who knows
 * the password cannot keep the owner from signing in with a passkey.
 * @param signIn `by` as in `recordSignIn`
 * @throws Denied
 */
export async function requireFewSignIns(
  db: Database,
  { accountId, by = 'password' }: { readonly accountId: string; readonly by?: string | undefined },
): Promise<void> {
  await requireFew(db, { key: `signed-in:${by}:${accountId}`, ...signIns });
}

/**
 * Limits how many refused sign-ins are recorded for an account and for a network. Guesses have limits of their own. A
 * sign-in that succeeds is not checked against this limit, so the owner can sign in after a stranger has reached it.
 * @throws Denied
 */
export async function requireFewRefusals(
  db: Database,
  { accountId, ipAddress }: { readonly accountId: string; readonly ipAddress: string },
): Promise<void> {
  for (const key of [`refused:${networkOf(ipAddress)}`, `refused:${accountId}`])
    await requireFew(db, { key, ...refusals }, { accountId });
}

/**
 * Counts an attempt, across all replicas, and refuses it when there were too many in this window.
 * @param signIn the account of the sign-in attempt; undefined if the attempt is not a sign-in
 * @throws Denied
 */
export async function requireFew(db: Database, limit: AttemptLimit, signIn?: SignInSubject): Promise<void> {
  const verdict = await countAttempt(db, limit);
  if (verdict.allowed) return;
  throw new Denied({ reason: 'too_many_attempts', retryAfterSeconds: verdict.retryAfterSeconds, signIn });
}

function ipAddressKey(ipAddress: string): string {
  return `sign-in:address:${networkOf(ipAddress)}`;
}

function accountKey({ email, knownDevice }: SignInAttempt): string {
  return knownDevice === undefined ? `sign-in:account:${normalizeEmail(email)}` : `sign-in:device:${knownDevice}`;
}

/** The network of a request and the account with this e-mail address, for the queue of password hashes. */
export function hashQueueShareOf({ ip }: { readonly ip: string }, email: string): HashQueueShare {
  return { network: networkOf(ip), account: normalizeEmail(email) };
}

/**
 * The network for which attempts from an IP address are counted. One IPv6 subscriber has 2^64 addresses, so the network
 * is the first 64 bits. Each IPv4 address is a network of its own. A text that is not an address is returned unchanged.
 */
export function networkOf(ipAddress: string): string {
  if (!ipaddr.isValid(ipAddress)) return ipAddress;
  const parsed = ipaddr.process(ipAddress); // converts an IPv4-mapped IPv6 address to IPv4
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  const firstGroups = parsed.parts.slice(0, 4);
  return firstGroups.map((group) => group.toString(16)).join(':');
}
