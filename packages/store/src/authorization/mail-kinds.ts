import type { AuditEventKind } from './audit-events.js';

/** The token of a link, encrypted with an encryption key that the database does not contain. */
type SealedToken = string;

/** Money in nano-US-dollars, as decimal digits: JSON has no integers of this size. */
type Amount = string;

/** No details: the text needs only what every mail has. */
type Nothing = Readonly<Record<string, never>>;

/**
 * What the texts of each kind of mail need besides the e-mail address, the time, the language and the time zone. A
 * device is described in words, such as `Firefox`. The name of an app is the name that the app chose.
 */
export interface MailDetails {
  /** Only this kind and `confirm_new_address` are sent to an e-mail address that is not confirmed. */
  readonly confirm_address: { readonly sealedToken: SealedToken };
  readonly confirm_new_address: { readonly sealedToken: SealedToken };
  readonly reset_password: { readonly sealedToken: SealedToken };
  /** Sent to the e-mail address that the account had before. */
  readonly address_changed: Nothing;
  readonly password_changed: Nothing;
  /** A passkey, an identity, an authenticator app or recovery codes were added or removed. */
  readonly sign_in_changed: { readonly event: AuditEventKind };
  /** An API token was made or removed. */
  readonly api_token_changed: { readonly event: 'account_token_created' | 'account_token_removed' };
  /** A client that the account registered got other redirect URIs, or a new secret. */
  readonly own_client_changed: {
    readonly event: 'client_changed' | 'client_secret_replaced';
    readonly app: string;
    readonly clientId: string;
  };
  /** The account became an operator, or is no longer one. */
  readonly operator_changed: { readonly event: 'operator_added' | 'operator_removed' };
  /** Sent to the e-mail address that the account had. `timeZone`: the one of the account. */
  readonly account_deleted: { readonly timeZone: string };
  readonly new_device: { readonly browser: string | null; readonly system: string | null };
  /** `hadAccess`: whether the app had access before, and the owner changed it. The previous release leaves this out. */
  readonly new_app: { readonly app: string; readonly grantId: string; readonly hadAccess?: boolean };
  /** The budget of one app; if `app` is null, the budget of all apps together. */
  readonly budget: {
    readonly app: string | null;
    readonly grantId: string | null;
    readonly period: 'total' | 'day' | 'month';
    readonly level: 80 | 100;
    readonly used: Amount;
    readonly limit: Amount;
  };
  readonly key_refused: { readonly upstream: string };
  readonly access_ends: { readonly app: string; readonly grantId: string; readonly endsAt: string };
}

export type MailKind = keyof MailDetails;

/**
 * The class of each kind of mail. `link`: the mail has a link that the owner asked for. `security`: the mail is about
 * the security of the account, and owners cannot switch it off. `chosen`: owners can switch it off.
 */
const kinds = {
  confirm_address: 'link',
  confirm_new_address: 'link',
  reset_password: 'link',
  address_changed: 'security',
  password_changed: 'security',
  sign_in_changed: 'security',
  api_token_changed: 'security',
  own_client_changed: 'security',
  operator_changed: 'security',
  account_deleted: 'security',
  new_device: 'security',
  new_app: 'chosen',
  budget: 'chosen',
  key_refused: 'chosen',
  access_ends: 'chosen',
} as const satisfies Readonly<Record<MailKind, 'link' | 'security' | 'chosen'>>;

type KindOf<Class> = { [Kind in MailKind]: (typeof kinds)[Kind] extends Class ? Kind : never }[MailKind];

/** The kinds that tell an owner what happened. */
export type NoticeKind = KindOf<'security' | 'chosen'>;
/** The kinds that an owner can switch off. */
export type ChosenNotice = KindOf<'chosen'>;

/** All kinds that this release can send. */
export const mailKinds = Object.keys(kinds) as readonly MailKind[]; // a constant object has no other keys

export const chosenNotices = mailKinds.filter((kind): kind is ChosenNotice => kinds[kind] === 'chosen');

export function classOfMail(kind: MailKind): 'link' | 'security' | 'chosen' {
  return kinds[kind];
}
