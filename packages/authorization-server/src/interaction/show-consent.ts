import { type AccessRequest, defaultLifetimeSeconds, limitBounds } from '@aipassport/policy';
import type { OwnerSession } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { formActionSource } from '../middleware/form-action-source.js';
import { issueFormToken } from '../middleware/form-token.js';
import type { PendingInteraction } from '../oidc/interactions.js';
import { type ConsentFields, type LifetimeChoice, renderConsentPage } from '../pages/consent-page.js';
import type { Problem } from '../pages/parts.js';
import { formatDay } from './read-expiry.js';
import { consentPurpose, getClient, hashShownRequest, requireSameAccount } from './shown-request.js';

const offeredLifetimes: readonly LifetimeChoice[] = [
  { seconds: 3_600, text: '1 hour' },
  { seconds: 86_400, text: '1 day' },
  { seconds: 604_800, text: '7 days' },
  { seconds: 2_592_000, text: '30 days' },
];

export interface ConsentView {
  readonly fields: ConsentFields;
  readonly problems: readonly Problem[];
}

/** The page on which the owner decides; a second time with what they chose and what is wrong with it. */
export async function showConsent(
  deps: Dependencies,
  ctx: Context,
  interaction: PendingInteraction,
  owner: OwnerSession,
  view: ConsentView = { fields: proposeFields(interaction.request), problems: [] },
): Promise<void> {
  requireSameAccount(interaction, owner);
  const client = await getClient(deps, interaction);
  const { uid, request, redirectUri } = interaction;
  const now = deps.now();
  const longest = request.lifetimeSeconds ?? limitBounds.maxLifetimeSeconds;
  ctx.state.formActions = [formActionSource(redirectUri)];
  ctx.type = 'html';
  ctx.body = renderConsentPage({
    ...view,
    stylesheet: deps.stylesheet,
    csrfToken: issueFormToken(deps, ctx, consentPurpose(interaction)),
    requestHash: hashShownRequest(interaction, client),
    action: `/interaction/${uid}/consent`,
    email: owner.email,
    clientName: client.name,
    destination: describeDestination(redirectUri),
    isVouchedFor: client.registeredBy === 'operator',
    request,
    lifetimes: listLifetimes(request),
    firstDay: formatDay(now),
    lastDay: formatDay(new Date(now.getTime() + longest * 1_000)),
  });
}

/** As the client asked; where it asked for nothing, the shortest life that is offered. */
function proposeFields({ tokens, limits, lifetimeSeconds }: AccessRequest): ConsentFields {
  return {
    tickedTokens: tokens.map(({ text }) => text),
    maxRequests: limits.maxRequests?.toString() ?? '',
    maxRequestsPerMinute: limits.maxRequestsPerMinute?.toString() ?? '',
    expiresIn: String(lifetimeSeconds ?? defaultLifetimeSeconds),
    expiresOn: '',
  };
}

/** What is offered and no longer than asked for; and what was asked for, in any case. */
function listLifetimes({ lifetimeSeconds }: AccessRequest): readonly LifetimeChoice[] {
  if (lifetimeSeconds === undefined) return offeredLifetimes;
  const shorter = offeredLifetimes.filter(({ seconds }) => seconds < lifetimeSeconds);
  const asked = offeredLifetimes.find(({ seconds }) => seconds === lifetimeSeconds);
  return [...shorter, asked ?? { seconds: lifetimeSeconds, text: describeSeconds(lifetimeSeconds) }];
}

const units = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const;

/** In the largest unit that fits without a rest. */
export function describeSeconds(seconds: number): string {
  const [size, name] = units.find(([unit]) => seconds % unit === 0) ?? [1, 'second'];
  const count = seconds / size;
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** The host that people can compare with the app's address; of a native app, the scheme that opens it. */
function describeDestination(redirectUri: string): string {
  const { protocol, host } = new URL(redirectUri);
  return /^https?:$/.test(protocol) ? host : `the app on this device that opens ${protocol}`;
}
