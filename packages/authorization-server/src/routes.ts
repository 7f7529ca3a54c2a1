import Router from '@koa/router';
import { showAccountTokens, submitAccountToken, submitAccountTokenRemoval } from './account/account-tokens.js';
import { showApp } from './account/app.js';
import { showApps } from './account/apps.js';
import {
  showAuthenticator,
  submitAuthenticator,
  submitAuthenticatorCode,
  submitAuthenticatorRemoval,
} from './account/authenticator.js';
import { submitConsentDefaults } from './account/consent-defaults.js';
import { showKeptForm } from './account/continue-form.js';
import { showCreateAccount, submitCreateAccount } from './account/create-account.js';
import { showDeletion, submitDeletion } from './account/delete-account.js';
import { submitDeleteKey } from './account/delete-key.js';
import { showEmail, submitEmailChange, submitLinkRequest, submitNotices } from './account/email.js';
import { showEmailConfirmation, submitEmailConfirmation } from './account/email-confirmation.js';
import { showExport, submitExport } from './account/export-account.js';
import { createFirstPasskeyOptions } from './account/first-passkey.js';
import { showForgottenPassword, submitForgottenPassword } from './account/forgotten-password.js';
import { showGrant } from './account/grant.js';
import { showGrantLimits, submitGrantLimits } from './account/grant-limits.js';
import { showGrants, submitRevokeGrant } from './account/grants.js';
import { requireFewChanges } from './account/guessing-limits.js';
import { showInvitations, submitInvitation, submitWithdrawal } from './account/invitations.js';
import { showKeys, submitKey } from './account/keys.js';
import { submitKeyName } from './account/name-key.js';
import { showOverview } from './account/overview.js';
import { findOwner } from './account/owner-session.js';
import { createPasskeyChallenge, submitPasskeySignIn } from './account/passkey-sign-in.js';
import {
  createPasskeyOptions,
  showPasskeys,
  submitPasskey,
  submitPasskeyName,
  submitPasskeyRemoval,
} from './account/passkeys.js';
import { showPassword, submitPassword } from './account/password.js';
import { showPasswordReset, submitPasswordReset } from './account/password-reset.js';
import { showRecoveryCodes, submitRecoveryCodes, submitRecoveryCodesSaved } from './account/recovery-codes.js';
import { showRemoveAll, submitRemoveAll, submitRemoveApp } from './account/remove-access.js';
import { homePath } from './account/return-to.js';
import { showSecondFactor, submitSecondFactor } from './account/second-factor.js';
import { showSecurity } from './account/security.js';
import { submitResetLinkRequest } from './account/send-reset-link.js';
import { showSessions, submitEndOtherSessions, submitEndSession } from './account/sessions.js';
import { showSettings, submitLanguage, submitTimeZone } from './account/settings.js';
import { seeOther, showSignIn, submitSignIn } from './account/sign-in.js';
import { submitSignOut } from './account/sign-out.js';
import {
  submitDeleteSpareKey,
  submitSpareKeyFirst,
  submitSpareKeyName,
  submitSpareKeyTest,
} from './account/spare-keys.js';
import { submitAccountLimit } from './account/submit-account-limit.js';
import { submitKeyTest } from './account/test-key.js';
import { showActivity, submitActivityExport } from './activity/show-activity.js';
import type { Context, RequestState } from './context.js';
import type { Dependencies } from './dependencies.js';
import { showClient, submitClientDeletion, submitEndSecrets, submitRotation } from './developers/client.js';
import { showClients, showNewClient, submitNewClient } from './developers/clients.js';
import { showEditClient, submitEditClient } from './developers/edit-client.js';
import { showPlayground } from './developers/playground.js';
import {
  showDevelopers,
  showReference,
  showReferences,
  showSpecification,
  showSpecificationFile,
} from './developers/show-reference.js';
import { showDevice, submitDevice } from './device/enter-code.js';
import { showDeviceRequest } from './device/show-device-request.js';
import { showDeviceSummary } from './device/show-device-summary.js';
import { submitDeviceConsent } from './device/submit-device-consent.js';
import { showLogo } from './documents/show-logo.js';
import { isLimited } from './endpoint.js';
import { type Endpoint, pageEndpoints } from './endpoints.js';
import { forRequest } from './for-request.js';
import { showHelp } from './help/show-help.js';
import { finishIdentitySignIn } from './identity/finish-sign-in.js';
import { showIdentities, submitIdentity, submitIdentityRemoval } from './identity/identities.js';
import { startIdentitySignIn } from './identity/start-sign-in.js';
import { showConsentSummary } from './interaction/show-consent-summary.js';
import { showInteraction } from './interaction/show-interaction.js';
import { submitConsent } from './interaction/submit-consent.js';
import { requireSameOrigin } from './middleware/form-token.js';
import { showOperatorAccount, submitAccountCap, submitResetLink } from './operator/account.js';
import { showAuditLog, submitAuditExport } from './operator/audit-log.js';
import { showOperatorKeys, submitOperatorCaps } from './operator/caps.js';
import { showOperatorClaim, submitOperatorClaim } from './operator/claim.js';
import { showOperatorInvitations, submitOperatorInvitation } from './operator/invitations.js';
import { showOperatorAccounts, showOperatorClients } from './operator/lists.js';
import { showOperatorOverview } from './operator/overview.js';
import { showOperatorSpending } from './operator/spending.js';
import { showChange, submitChange } from './operator/submit-change.js';

/** @param value the value of the path's variable segment; empty for a path without one */
type Handler = (deps: Dependencies, ctx: Context, value: string) => Promise<void> | void;

type PageEndpoints = typeof pageEndpoints;

/** One handler for each method of each page. The table of endpoints lists the methods. */
type Handlers = {
  readonly [Name in keyof PageEndpoints]: Readonly<Record<PageEndpoints[Name]['methods'][number], Handler>>;
};

const showHome: Handler = (_deps, ctx) => seeOther(ctx, homePath);

const handlers: Handlers = {
  logo: { GET: showLogo },

  developers: { GET: showDevelopers },
  developerClients: { GET: showClients },
  newDeveloperClient: { GET: showNewClient, POST: submitNewClient },
  developerClient: { GET: showClient },
  developerClientEdit: { GET: showEditClient, POST: submitEditClient },
  developerClientSecret: { POST: submitRotation },
  developerClientSecretsEnd: { POST: submitEndSecrets },
  developerClientDeletion: { POST: submitClientDeletion },
  playground: { GET: showPlayground },
  references: { GET: showReferences },
  reference: { GET: showReference },
  specification: { GET: showSpecification },
  specificationFile: { GET: showSpecificationFile },

  help: { GET: showHelp },
  root: { GET: showHome },
  account: { GET: showOverview },

  firstPasskeyOptions: { POST: createFirstPasskeyOptions },
  createAccount: { GET: showCreateAccount, POST: submitCreateAccount },
  signIn: { GET: showSignIn, POST: submitSignIn },
  secondFactor: { GET: showSecondFactor, POST: submitSecondFactor },
  passkeySignIn: { POST: submitPasskeySignIn },
  passkeyChallenge: { POST: createPasskeyChallenge },
  signOut: { POST: submitSignOut },

  apps: { GET: showApps },
  app: { GET: showApp },
  appRemoval: { POST: submitRemoveApp },
  removeAll: { GET: showRemoveAll, POST: submitRemoveAll },
  grants: { GET: showGrants },
  grant: { GET: showGrant },
  grantLimits: { GET: showGrantLimits, POST: submitGrantLimits },
  grantRevocation: { POST: submitRevokeGrant },

  keys: { GET: showKeys, POST: submitKey },
  keyTest: { POST: submitKeyTest },
  keyName: { POST: submitKeyName },
  keyDeletion: { POST: submitDeleteKey },
  spareKeyTest: { POST: submitSpareKeyTest },
  spareKeyName: { POST: submitSpareKeyName },
  spareKeyFirst: { POST: submitSpareKeyFirst },
  spareKeyDeletion: { POST: submitDeleteSpareKey },

  invitations: { GET: showInvitations, POST: submitInvitation },
  invitationWithdrawal: { POST: submitWithdrawal },

  identities: { GET: showIdentities },
  identityStart: { GET: startIdentitySignIn },
  identityCallback: { GET: finishIdentitySignIn },
  identityConnection: { POST: submitIdentity },
  identityRemoval: { POST: submitIdentityRemoval },
  password: { GET: showPassword, POST: submitPassword },
  security: { GET: showSecurity },
  accountTokens: { GET: showAccountTokens, POST: submitAccountToken },
  accountTokenRemoval: { POST: submitAccountTokenRemoval },
  passkeys: { GET: showPasskeys, POST: submitPasskey },
  passkeyOptions: { POST: createPasskeyOptions },
  passkeyName: { POST: submitPasskeyName },
  passkeyRemoval: { POST: submitPasskeyRemoval },
  authenticator: { GET: showAuthenticator, POST: submitAuthenticator },
  authenticatorConfirmation: { POST: submitAuthenticatorCode },
  authenticatorRemoval: { POST: submitAuthenticatorRemoval },
  recoveryCodes: { GET: showRecoveryCodes, POST: submitRecoveryCodes },
  recoveryCodesSaved: { POST: submitRecoveryCodesSaved },
  forgottenPassword: { GET: showForgottenPassword, POST: submitForgottenPassword },
  passwordResetLink: { POST: submitResetLinkRequest },
  passwordReset: { GET: showPasswordReset, POST: submitPasswordReset },
  sessions: { GET: showSessions },
  otherSessionsEnd: { POST: submitEndOtherSessions },
  sessionEnd: { POST: submitEndSession },
  activity: { GET: showActivity },
  activityExport: { POST: submitActivityExport },
  accountExport: { GET: showExport, POST: submitExport },
  accountDeletion: { GET: showDeletion, POST: submitDeletion },
  email: { GET: showEmail },
  emailLinkRequest: { POST: submitLinkRequest },
  emailChange: { POST: submitEmailChange },
  emailNotices: { POST: submitNotices },
  emailConfirmation: { GET: showEmailConfirmation, POST: submitEmailConfirmation },
  continue: { GET: showKeptForm },
  settings: { GET: showSettings },
  accountLimit: { POST: submitAccountLimit },
  consentDefaults: { POST: submitConsentDefaults },
  timeZone: { POST: submitTimeZone },
  language: { POST: submitLanguage },

  operator: { GET: showOperatorOverview },
  operatorClaim: { GET: showOperatorClaim, POST: submitOperatorClaim },
  operatorAccounts: { GET: showOperatorAccounts },
  operatorAccount: { GET: showOperatorAccount },
  operatorAccountCap: { POST: submitAccountCap },
  operatorResetLink: { POST: submitResetLink },
  operatorInvitations: { GET: showOperatorInvitations, POST: submitOperatorInvitation },
  operatorKeys: { GET: showOperatorKeys },
  operatorCaps: { POST: submitOperatorCaps },
  operatorSpending: { GET: showOperatorSpending },
  operatorClients: { GET: showOperatorClients },
  operatorChange: { GET: showChange, POST: submitChange },
  operatorAudit: { GET: showAuditLog },
  operatorAuditExport: { POST: submitAuditExport },

  device: { GET: showDevice, POST: submitDevice },
  deviceRequest: { GET: showDeviceRequest },
  deviceConsent: { POST: submitDeviceConsent },
  deviceSummary: { POST: showDeviceSummary },

  interaction: { GET: showInteraction },
  consent: { POST: submitConsent },
  consentSummary: { POST: showConsentSummary },
};

/** The router of the pages. */
export function createRouter(deps: Dependencies): Router<RequestState> {
  const router = new Router<RequestState>();
  const endpoints: Readonly<Record<string, Endpoint>> = pageEndpoints;
  for (const [name, byMethod] of Object.entries(handlers))
    for (const [method, handle] of Object.entries<Handler>(byMethod))
      router.register(endpoints[name]?.path ?? '', [method], async (ctx) => {
        const own = forRequest(deps, ctx);
        if (isLimited(method, endpoints[name]?.changesLimitedBy)) await limitChanges(own, ctx);
        await handle(own, ctx, valueOf(ctx.params));
      });
  return router;
}

/** Counts the changes of the owner who is signed in. The handlers need not do it. @throws Denied */
async function limitChanges(deps: Dependencies, ctx: Context): Promise<void> {
  requireSameOrigin(ctx, deps.configuration.issuer); // otherwise another site could use up the owner's changes
  const owner = await findOwner(deps, ctx);
  if (owner !== undefined) await requireFewChanges(deps.db, owner.accountId);
}

/** The value of a path's variable segment. A path has at most one. */
function valueOf(parameters: Readonly<Record<string, string>>): string {
  return Object.values(parameters)[0] ?? '';
}
