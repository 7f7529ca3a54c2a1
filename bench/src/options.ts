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

  compare     the default: sends requests to the upstream directly, through nginx, through forwarding alone, and
              through the whole proxy
  revocation  measures the time from an owner's revocation to the end of the client's stream
  streams     measures the memory before, during and after many open streams
  soak        measures the memory during a long run at a third of the highest load
  growth      compares few grants and an empty ledger with many grants and a long ledger, and shows the plan of every
              statement
  replicas    compares two proxies on one database with one proxy
  profile     shows which parts of the whole proxy use the CPU time
  proofs      measures the cost of DPoP, in the proxy and in the statement of an admission

Options, with their defaults:
  --rounds 5                     how often each measurement is repeated
  --seconds 3                    how long a round takes
  --connections 64               how many requests are sent at a time
  --grants 1000                  how many grants the requests use
  --streams 1000                 how many streams are open: for revocation and streams
  --revocations 300              how many grants are revoked: for revocation
  --minutes 60                   how long the run takes: for soak
  --many-grants 1000000          how many grants there are: for growth
  --ledger-rows 10000000         how many rows the ledger has: for growth
  --write                        also write the figures into docs/performance.md
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
  if (mode === undefined || others.length > 0) throw new Error(`The mode must be one of: ${modes.join(', ')}`);
  const number = (text: string) => {
    const value = Number(text);
    if (!(value > 0)) throw new Error(`${text} is not a positive number`);
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
