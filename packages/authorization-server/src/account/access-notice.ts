import type { EndedAccess } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { type Message, message } from '../texts/texts.js';
import { type ActNotice, takeNotice } from './notices.js';

/** The numbers for the notice about access that an owner has just ended. */
export function describeEndedAccess({ clients, grants, tokens, requests }: EndedAccess): Required<ActNotice>['values'] {
  return { apps: String(clients), accesses: String(grants), tokens: String(tokens), answers: String(requests) };
}

/** The sentence for what an owner has just done; undefined when the page was reached in another way. */
export function takeAccessNotice(deps: Pick<Dependencies, 'configuration'>, ctx: Context): Message | undefined {
  const { done, values = {} } = takeNotice(deps, ctx) ?? {};
  const count = (name: string) => Number(values[name] ?? 0);
  const [apps, accesses, tokens, answers] = [count('apps'), count('accesses'), count('tokens'), count('answers')];
  switch (done) {
    case 'removed':
      return accesses === 0
        ? message('connected.noneLeft')
        : message('connected.removed', { accesses, tokens, answers });
    case 'removed-all':
      return apps === 0 ? message('connected.noneLeftAll') : message('connected.removedAll', { apps, tokens, answers });
    case 'revoked':
      return message('connected.revoked');
    default:
      return undefined;
  }
}
