import type { Configuration } from './configuration.js';

export interface CookieNames {
  /** The owner's session. */
  readonly owner: string;
  /** The session that the owner's session has just replaced. */
  readonly replacedSession: string;
  /** A random value to which the tokens of forms are bound. */
  readonly form: string;
  /** Identifies a browser in which an account has signed in before. */
  readonly device: string;
  /**
   * `invitation` contains the code of the invitation link that was opened. `newInvitation` passes a new code to the
   * page that shows it.
   */
  readonly invitation: string;
  readonly newInvitation: string;
  /** The token of the link that sets a new password. */
  readonly passwordReset: string;
  /** The page to which the browser goes back after a reset of the password. */
  readonly resetReturn: string;
  /** New recovery codes, on the way to the page that shows them. */
  readonly newRecoveryCodes: string;
  /** A link that an operator made for the owner of an account, on the way to the page that shows it. */
  readonly newResetLink: string;
  /** A sign-in that waits for the code of an authenticator app. */
  readonly secondFactor: string;
  /** The token of the link that confirms an e-mail address. */
  readonly confirmationLink: string;
  /** A new secret of a client, on the way to the page that shows it. */
  readonly newClientSecret: string;
  /** A new API token, on the way to the page that shows it. */
  readonly newAccountToken: string;
  /** A sign-in that has begun at an identity provider. */
  readonly identity: string;
  /** The code of the link that makes an account an operator. */
  readonly operatorLink: string;
  /** A form that waits while this browser signs in again. */
  readonly keptForm: string;
  /** What the next page says about the act before it. */
  readonly notice: string;
  /** The session of oidc-provider. `interaction` and `resume` are its cookies for one authorization request. */
  readonly providerSession: string;
  readonly interaction: string;
  readonly resume: string;
}

/**
 * Over https the names have prefixes. Browsers accept a cookie whose name begins with `__Host-` only from this host
 * itself, over https and with the path `/`, so no other host of the same domain can set it. The two cookies that have
 * another path begin with `__Secure-`, for which browsers require only https. Over plain http, which is used on
 * loopback addresses only, browsers do not accept the prefixes.
 */
export function cookieNames({ issuer }: Pick<Configuration, 'issuer'>): CookieNames {
  const https = issuer.startsWith('https:');
  const host = https ? '__Host-aipassport_' : 'aipassport_';
  const secure = https ? '__Secure-aipassport_' : 'aipassport_';
  return {
    owner: `${host}owner`,
    replacedSession: `${host}replaced_session`,
    form: `${host}form`,
    device: `${host}device`,
    invitation: `${host}invitation`,
    newInvitation: `${host}new_invitation`,
    passwordReset: `${host}password_reset`,
    resetReturn: `${host}reset_return`,
    secondFactor: `${host}second_factor`,
    newResetLink: `${host}new_reset_link`,
    newRecoveryCodes: `${host}new_recovery_codes`,
    confirmationLink: `${host}address_link`,
    newClientSecret: `${host}new_client_secret`,
    newAccountToken: `${host}new_account_token`,
    identity: `${host}identity`,
    operatorLink: `${host}operator_link`,
    keptForm: `${host}kept_form`,
    notice: `${host}notice`,
    providerSession: `${host}session`,
    interaction: `${secure}interaction`,
    resume: `${secure}resume`,
  };
}

/**
 * The attributes of every cookie that our code sets. No script can read such a cookie, and browsers do not send it with
 * a POST from another site.
 */
export const cookieAttributes = { httpOnly: true, sameSite: 'lax', path: '/', signed: false, overwrite: true } as const;
