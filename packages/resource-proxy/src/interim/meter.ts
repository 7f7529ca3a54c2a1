import type { Usage } from '@aipassport/policy';

/** Watches one successful answer go by, and finds out what was used. */
export interface Meter {
  /** The answer begins. */
  readonly start: (contentType: string) => void;
  /** Whether the client gets fewer bytes than the upstream sent. */
  readonly changesLength: boolean;
  /** @returns what the client gets of a chunk: usually the chunk itself */
  readonly feed: (chunk: Buffer) => Buffer;
  /** The answer has ended as it should. @returns what the client gets besides */
  readonly end: () => Buffer;
  /** @returns undefined when the upstream said nothing of its usage that can be trusted: then the estimate is charged */
  readonly readUsage: () => Usage | undefined;
}
