import { parseArgs } from 'node:util';

export const modes = ['compare', 'revocation', 'streams', 'soak', 'growth', 'replicas', 'profile', 'proofs'] as const;
export type Mode = (typeof modes)[number];

/** The choices on the command line. */
export interface Options {
  readonly mode: Mode;
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly grants: number;
  readonly streams: number;
  readonly revocations: number;
  readonly minutes: number;
  readonly manyGrants: number;
  readonly ledgerRows: number;
  /** Whether to write docs/performance.md and its picture. */
  readonly write: boolean;
}

export const help = `npm run bench -- [mode] [options]

  compare     the upstream directly, nginx, forwarding only, the whole proxy (the default)
  revocation  from an owner's revocation to the end of the client's stream
  streams     memory before, during and after many open streams
  soak        memory over a long run at a third of capacity
  growth      few grants and an empty ledger, against many and a long one, with the plans of every statement
  replicas    two proxies on one database, against one
  profile     where the whole proxy's CPU time goes
  proofs      what DPoP costs, in the proxy and in the statement of an admission

  --rounds 5 --seconds 3 --connections 64   of each round
  --grants 1000                             in use
  --streams 1000 --revocations 300          of revocation and streams
  --minutes 60                              of soak
  --many-grants 1000000 --ledger-rows 10000000   of growth
  --write                                   writes the figures into docs/performance.md
`;

/** @returns undefined when the command line is not valid. The reason is printed */
export function readOptions(commandLine: readonly string[]): Options | undefined {
  try {
    return parse(commandLine);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return undefined;
  }
}

function parse(commandLine: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...commandLine],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      connections: { type: 'string', default: '64' },
      grants: { type: 'string', default: '1000' },
      streams: { type: 'string', default: '1000' },
      revocations: { type: 'string', default: '300' },
      minutes: { type: 'string', default: '60' },
      'many-grants': { type: 'string', default: '1000000' },
      'ledger-rows': { type: 'string', default: '10000000' },
      write: { type: 'boolean', default: false },
    },
  });
  const [name = 'compare', ...others] = positionals;
  const mode = modes.find((each) => each === name);
  if (mode === undefined || others.length > 0) throw new Error(`one of: ${modes.join(', ')}`);
  const number = (text: string) => {
    const value = Number(text);
    if (!(value > 0)) throw new Error(`${text} is no positive number`);
    return value;
  };
  return {
    mode,
    rounds: number(values.rounds),
    seconds: number(values.seconds),
    connections: number(values.connections),
    grants: number(values.grants),
    streams: number(values.streams),
    revocations: number(values.revocations),
    minutes: number(values.minutes),
    manyGrants: number(values['many-grants']),
    ledgerRows: number(values['ledger-rows']),
    write: values.write,
  };
}
