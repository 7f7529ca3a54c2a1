import { formatAiAccess } from '@aipassport/policy';
import { decideDeviceCode, insertAuditEvent, type OwnerSession } from '@aipassport/store/authorization';
import { seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { leavePage } from '../interaction/keep-draft.js';
import { type AllowedGrant, makeGrant, showNewAccess } from '../interaction/make-grant.js';
import { readConsent } from '../interaction/read-consent.js';
import { rememberChoice } from '../interaction/remember-choice.js';
import { showConsent } from '../interaction/show-consent.js';
import { consentPurpose } from '../interaction/shown-request.js';
import { trimLimitTexts } from '../limits/limit-texts.js';
import { requireFormToken } from '../middleware/form-token.js';
import { readScope } from '../oidc/access-request.js';
import { describeAllowed, describeDenied } from '../oidc/engine/device-codes.js';
import { toSeconds } from '../oidc/engine/provider-session.js';
import { readForm } from '../read-form.js';
import type { DeviceRequest } from './find-device-request.js';
import { requireEnteredCode } from './require-entered-code.js';

interface Decider {
  readonly owner: OwnerSession;
  readonly device: DeviceRequest;
}

/**
 * `POST /device/:code/consent`: the owner's decision on the request of a terminal. A decision that is sent again leads
 * to the same page; another decision after the first changes nothing.
 */
export async function submitDeviceConsent(deps: Dependencies, ctx: Context, segment: string): Promise<void> {
  const form = trimLimitTexts(readForm(ctx));
  const entered = await requireEnteredCode(deps, ctx, segment);
  if (entered === undefined) return;
  const { owner, device } = entered;
  requireFormToken(deps, ctx, form, consentPurpose(device.consent));
  if (device.decision === undefined) {
    if (await leavePage(deps, ctx, { consent: device.consent, owner, form })) return;
    const consent = await readConsent(deps, ctx, { consent: device.consent, owner, form });
    switch (consent.outcome) {
      case 'denied':
        await deny(deps, entered);
        break;
      case 'shown_again':
        return showConsent(deps, ctx, { consent: device.consent, owner, view: consent });
      case 'granted':
        if (!(await allow(deps, entered, { grant: consent.grant, form })))
          return showConsent(deps, ctx, { consent: device.consent, owner, view: showNewAccess(form) });
        await rememberChoice(deps.db, owner, form);
    }
  }
  seeOther(ctx, formatPath(paths.deviceRequest, segment));
}

/**
 * Only the first decision on a device code makes a grant, in one transaction.
 * @returns false when the client has got access that the page did not show
 */
async function allow(
  deps: Dependencies,
  { owner, device }: Decider,
  { grant, form }: Pick<AllowedGrant, 'grant' | 'form'>,
): Promise<boolean> {
  const { configuration } = deps;
  const { id: grantId, accountId, tokens, limits, expiresAt } = grant;
  const { protocolTokens } = readScope(device.params, configuration.models);
  const decision = describeAllowed({
    accountId,
    grantId,
    scope: [...protocolTokens, ...tokens.map(({ text }) => text)].join(' '),
    resource: configuration.resourceProxyUrl,
    authorizationDetails: [{ ...formatAiAccess(tokens, limits, expiresAt) }],
    authTime: toSeconds(owner.authenticatedAt),
  });
  return makeGrant(deps, {
    grant,
    form,
    request: device.consent.request,
    decide: (transaction) => decideDeviceCode(transaction, { idHash: device.idHash, decision, grantId }),
  });
}

async function deny({ db }: Dependencies, { owner, device }: Decider): Promise<void> {
  const { accountId } = owner;
  const { clientId } = device.consent;
  const decision = { idHash: device.idHash, decision: describeDenied(owner), grantId: undefined };
  await db.transaction().execute(async (transaction) => {
    const isFirst = await decideDeviceCode(transaction, decision);
    if (isFirst) await insertAuditEvent(transaction, { event: 'consent_denied', accountId, clientId });
  });
}
