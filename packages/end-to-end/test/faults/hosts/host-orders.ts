import type { Server } from '@aipassport/launcher';
import type { Address } from './balancer.js';

/** What a host runs from the moment that it is switched on. */
export interface HostOrders {
  /** The name of its network interface, and its address with the length of the prefix. */
  readonly link: { readonly name: string; readonly address: string };
  readonly postgres: {
    /** A directory of `startPostgres`. */
    readonly directory: string;
    readonly settings: Readonly<Record<string, string>>;
    readonly logFile: string;
  };
  /** Our servers. Each is started again when it ends. */
  readonly servers: readonly Server[];
  /** An address on this host at which the servers reach a program outside. */
  readonly door: { readonly own: Address; readonly target: Address };
}
