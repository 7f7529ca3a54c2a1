import {
  approveClient,
  blockClient,
  deleteAuthenticatorApp,
  deleteInvitation,
  disableAccount,
  disapproveClient,
  enableAccount,
  findAccount,
  findClient,
  maxInvitationsOfAccount,
  nameInvitation,
  setMayInvite,
  unblockClient,
} from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { type FixedId, type Message, message } from '../texts/texts.js';

/** One change that an operator can make. `subject`: the identifier of the account, the client or the invitation. */
interface Change {
  /** The page to return to. */
  readonly returnTo: (subject: string) => string;
  readonly title: FixedId;
  /** What the change does, in sentences. */
  readonly about: Message;
  readonly isDanger: boolean;
  /** The name of the subject; undefined when there is no such subject, or when this operator may not change it. */
  readonly findName: (deps: Dependencies, subject: string, operatorId: string) => Promise<string | undefined>;
  /** @returns false when nothing changed */
  readonly perform: (deps: Dependencies, subject: string, operatorId: string) => Promise<boolean>;
}

/** Finds any client but the proxy's: if that one were blocked, every request to the proxy would be refused. */
const findClientName: Change['findName'] = async ({ db, configuration }, subject) =>
  subject === configuration.proxyClientId ? undefined : (await findClient(db, subject))?.name;

/** Finds any account but the operator's own: if the only operator disabled it, these pages could not be opened. */
const findOtherName: Change['findName'] = async ({ db }, subject, operatorId) =>
  subject === operatorId ? undefined : (await findAccount(db, subject))?.email;

const ofAccount = {
  returnTo: (accountId: string) => formatPath(paths.operatorAccount, accountId),
  findName: async ({ db }: Dependencies, subject: string) => (await findAccount(db, subject))?.email,
} as const;

const ofClient = { returnTo: () => paths.operatorClients, findName: findClientName } as const;

export const changes = {
  disable_account: {
    ...ofAccount,
    findName: findOtherName,
    title: 'operator.disableTitle',
    about: message('operator.disableAbout'),
    isDanger: true,
    perform: ({ db }, accountId, by) => disableAccount(db, accountId, by),
  },
  enable_account: {
    ...ofAccount,
    title: 'operator.enableTitle',
    about: message('operator.enableAbout'),
    isDanger: false,
    perform: ({ db }, accountId, by) => enableAccount(db, accountId, by),
  },
  let_invite: {
    ...ofAccount,
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
    findName: findOtherName,
    title: 'operator.removeAuthenticatorTitle',
    about: message('operator.removeAuthenticatorAbout'),
    isDanger: true,
    perform: ({ db }, accountId, by) => deleteAuthenticatorApp(db, accountId, by),
  },
  withdraw_invitation: {
    returnTo: () => paths.operatorInvitations,
    findName: ({ db }, id) => nameInvitation(db, id),
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
    title: 'operator.unblockTitle',
    about: message('operator.unblockAbout'),
    isDanger: false,
    perform: ({ db }, clientId, by) => unblockClient(db, { clientId, by }),
  },
  approve_client: {
    ...ofClient,
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
