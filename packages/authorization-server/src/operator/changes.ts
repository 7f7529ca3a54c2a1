import {
  approveClient,
  blockClient,
  disableAccount,
  disapproveClient,
  findAccount,
  findClient,
  unblockClient,
} from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import type { FixedId } from '../texts/texts.js';

/** One change of an operator. `subject`: the identifier of the account or client. */
interface Change {
  /** The page to return to. */
  readonly list: string;
  readonly title: FixedId;
  /** What the change does, in sentences. */
  readonly about: FixedId;
  readonly isDanger: boolean;
  /** The name of the subject; undefined when this operator cannot change it. */
  readonly findName: (deps: Dependencies, subject: string, operatorId: string) => Promise<string | undefined>;
  /** @returns false when nothing changed */
  readonly perform: (deps: Dependencies, subject: string, operatorId: string) => Promise<boolean>;
}

/** The proxy's client cannot be blocked, because every request would then be refused. */
const findClientName: Change['findName'] = async ({ db, configuration }, subject) =>
  subject === configuration.proxyClientId ? undefined : (await findClient(db, subject))?.name;

const ofClient = { list: paths.operatorClients, findName: findClientName } as const;

export const changes = {
  disable_account: {
    list: paths.operatorAccounts,
    title: 'operator.disableTitle',
    about: 'operator.disableAbout',
    isDanger: true,
    // an operator who disables their own account could lock everyone out of these pages
    findName: async ({ db }, subject, operatorId) =>
      subject === operatorId ? undefined : (await findAccount(db, subject))?.email,
    perform: ({ db }, subject, operatorId) => disableAccount(db, subject, operatorId),
  },
  block_client: {
    ...ofClient,
    title: 'operator.blockTitle',
    about: 'operator.blockAbout',
    isDanger: true,
    perform: ({ db }, clientId, by) => blockClient(db, { clientId, by }),
  },
  unblock_client: {
    ...ofClient,
    title: 'operator.unblockTitle',
    about: 'operator.unblockAbout',
    isDanger: false,
    perform: ({ db }, clientId, by) => unblockClient(db, { clientId, by }),
  },
  approve_client: {
    ...ofClient,
    title: 'operator.approveTitle',
    about: 'operator.approveAbout',
    isDanger: false,
    perform: ({ db }, clientId, by) => approveClient(db, { clientId, by }),
  },
  disapprove_client: {
    ...ofClient,
    title: 'operator.disapproveTitle',
    about: 'operator.disapproveAbout',
    isDanger: false,
    perform: ({ db }, clientId, by) => disapproveClient(db, { clientId, by }),
  },
} as const satisfies Readonly<Record<string, Change>>;

export type ChangeName = keyof typeof changes;

export function findChange(name: string): (Change & { readonly name: ChangeName }) | undefined {
  const found = (Object.keys(changes) as ChangeName[]).find((each) => each === name); // the keys of a constant object
  return found === undefined ? undefined : { ...changes[found], name: found };
}
