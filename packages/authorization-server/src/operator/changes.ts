import type { Database } from '@aipassport/store';
import {
  approveClient,
  blockClient,
  type Client,
  deleteAuthenticatorApp,
  deleteInvitation,
  disableReplaceableAccount,
  disapproveClient,
  enableAccount,
  findAccount,
  findClient,
  lockAccount,
  lockClient,
  maxInvitationsOfAccount,
  nameInvitation,
  setMayInvite,
  unblockClient,
} from '@aipassport/store/authorization';
import { conflict } from '../api/refusals.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { type FixedId, type Message, message } from '../texts/texts.js';

/** The account, the client or the invitation that a change concerns, as the page shows it. */
export interface Subject {
  readonly name: string;
  /** What a client states about itself, and whether the operator vouches for it. */
  readonly client?: Pick<Client, 'name' | 'metadata' | 'webOrigins' | 'registeredBy' | 'isApproved'>;
}

/** One change that an operator can make. `subject`: the identifier of the account, the client or the invitation. */
interface Change {
  /** The page to return to. */
  readonly returnTo: (subject: string) => string;
  readonly title: FixedId;
  /** What the change does, in sentences. */
  readonly about: Message;
  readonly isDanger: boolean;
  /** Undefined when there is no such subject, or when this operator may not change it. */
  readonly find: (deps: Dependencies, subject: string, operatorId: string) => Promise<Subject | undefined>;
  /**
   * Locks the subject of a change that grants something, such as the operator's approval, so that the change applies to
   * exactly what the page showed. Undefined for a change that only takes something away.
   */
  readonly lock?: (transaction: Database, subject: string) => Promise<void>;
  /** @returns false when nothing changed */
  readonly perform: (deps: Dependencies, subject: string, operatorId: string) => Promise<boolean>;
}

/** Finds any client but the proxy's: if that one were blocked, every request to the proxy would be refused. */
const findAnyClient: Change['find'] = async ({ db, configuration }, subject) => {
  const client = subject === configuration.proxyClientId ? undefined : await findClient(db, subject);
  if (client === undefined) return undefined;
  const { name, metadata, webOrigins, registeredBy, isApproved } = client;
  return { name, client: { name, metadata, webOrigins, registeredBy, isApproved } };
};

const findAnyAccount: Change['find'] = async ({ db }, subject) => nameSubject((await findAccount(db, subject))?.email);

/** Finds any account but the operator's own: if the only operator disabled it, these pages could not be opened. */
const findOther: Change['find'] = async (deps, subject, operatorId) =>
  subject === operatorId ? undefined : findAnyAccount(deps, subject, operatorId);

function nameSubject(name: string | undefined): Subject | undefined {
  return name === undefined ? undefined : { name };
}

/** @throws Denied for the only operator who can sign in */
const disable: Change['perform'] = async ({ db }, accountId, by) => {
  const outcome = await disableReplaceableAccount(db, accountId, by);
  if (outcome !== 'only_operator') return outcome;
  throw conflict('The account is the only operator who can sign in. Make another account an operator first.');
};

const ofAccount = {
  returnTo: (accountId: string) => formatPath(paths.operatorAccount, accountId),
  find: findAnyAccount,
} as const;

const ofClient = { returnTo: () => paths.operatorClients, find: findAnyClient } as const;

export const changes = {
  disable_account: {
    ...ofAccount,
    find: findOther,
    title: 'operator.disableTitle',
    about: message('operator.disableAbout'),
    isDanger: true,
    perform: disable,
  },
  enable_account: {
    ...ofAccount,
    lock: lockAccount,
    title: 'operator.enableTitle',
    about: message('operator.enableAbout'),
    isDanger: false,
    perform: ({ db }, accountId, by) => enableAccount(db, accountId, by),
  },
  let_invite: {
    ...ofAccount,
    lock: lockAccount,
    title: 'operator.letInviteTitle',
    about: message('operator.letInviteAbout', { max: maxInvitationsOfAccount }),
    isDanger: false,
    perform: ({ db }, accountId, by) => setMayInvite(db, accountId, { mayInvite: true, by }),
  },
  stop_inviting: {
    ...ofAccount,
    title: 'operator.stopInvitingTitle',
    about: message('operator.stopInvitingAbout'),
    isDanger: true,
    perform: ({ db }, accountId, by) => setMayInvite(db, accountId, { mayInvite: false, by }),
  },
  remove_authenticator: {
    ...ofAccount,
    find: findOther,
    title: 'operator.removeAuthenticatorTitle',
    about: message('operator.removeAuthenticatorAbout'),
    isDanger: true,
    perform: ({ db }, accountId, by) => deleteAuthenticatorApp(db, accountId, by),
  },
  withdraw_invitation: {
    returnTo: () => paths.operatorInvitations,
    find: async ({ db }, id) => nameSubject(await nameInvitation(db, id)),
    title: 'operator.withdrawTitle',
    about: message('operator.withdrawAbout'),
    isDanger: true,
    perform: ({ db }, id, by) => deleteInvitation(db, id, { by }),
  },
  block_client: {
    ...ofClient,
    title: 'operator.blockTitle',
    about: message('operator.blockAbout'),
    isDanger: true,
    perform: ({ db }, clientId, by) => blockClient(db, { clientId, by }),
  },
  unblock_client: {
    ...ofClient,
    lock: lockClient,
    title: 'operator.unblockTitle',
    about: message('operator.unblockAbout'),
    isDanger: false,
    perform: ({ db }, clientId, by) => unblockClient(db, { clientId, by }),
  },
  approve_client: {
    ...ofClient,
    lock: lockClient,
    title: 'operator.approveTitle',
    about: message('operator.approveAbout'),
    isDanger: false,
    perform: ({ db }, clientId, by) => approveClient(db, { clientId, by }),
  },
  disapprove_client: {
    ...ofClient,
    title: 'operator.disapproveTitle',
    about: message('operator.disapproveAbout'),
    isDanger: false,
    perform: ({ db }, clientId, by) => disapproveClient(db, { clientId, by }),
  },
} as const satisfies Readonly<Record<string, Change>>;

export type ChangeName = keyof typeof changes;

export function findChange(name: string): (Change & { readonly name: ChangeName }) | undefined {
  const found = (Object.keys(changes) as ChangeName[]).find((each) => each === name); // the keys of a constant object
  return found === undefined ? undefined : { ...changes[found], name: found };
}
