/** An instant in ISO 8601, as JSON stores it. */
type Instant = string;

/** SECRET: the token of a link. */
type LinkToken = string;

/**
 * What the texts of each kind of mail need beside the address, the language and the time zone. A device is described in
 * words, such as `Firefox`.
 */
export interface MailDetails {
  /** To an address that is not confirmed: the only kind that is sent there. */
  readonly confirm_address: { readonly token: LinkToken };
  readonly confirm_new_address: { readonly token: LinkToken };
  readonly reset_password: { readonly token: LinkToken };
  /** To the address that the account had before. */
  readonly address_changed: { readonly at: Instant };
  readonly password_changed: { readonly at: Instant };
  readonly new_device: { readonly at: Instant; readonly browser: string | null; readonly system: string | null };
  readonly new_app: { readonly at: Instant; readonly app: string; readonly grantId: string };
}

export type MailKind = keyof MailDetails;

/** Whether each kind of mail is about the security of the account. Owners cannot switch such mails off. */
const kinds = {
  confirm_address: 'link',
  confirm_new_address: 'link',
  reset_password: 'link',
  address_changed: 'security',
  password_changed: 'security',
  new_device: 'security',
  new_app: 'chosen',
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
