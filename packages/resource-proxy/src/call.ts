import type { Capability, Model, UploadOperationId } from '@aipassport/policy';
import type { CallCost } from './preparing/call-facts.js';
import type { PreparedBody } from './preparing/prepare-body.js';
import type { BodyReservation } from './reading/body-memory.js';
import type { Upload } from './reading/read-upload.js';
import type { StateFacts } from './state/state-facts.js';
import type { CountedKind, OperationMatch } from './steps/match-operation.js';

/** A request whose body was read and checked: what the client asks for, and what will be sent upstream. */
export interface Call {
  readonly match: OperationMatch<CountedKind>;
  readonly model: Model;
  /** All capabilities that the call needs. The first one is the capability of the operation. */
  readonly capabilities: ReadonlySet<Capability>;
  /** Whether the answer is streamed while the model writes it. */
  readonly isStream: boolean;
  readonly state: StateFacts;
  readonly cost: CallCost;
  readonly content: CallContent;
}

/**
 * The parsed body, or a form that may still be arriving. The upstream gets neither as the client wrote it: a parsed
 * body is serialised again, and a form is rewritten while it arrives.
 */
export type CallContent =
  | {
      readonly kind: 'json';
      readonly prepared: PreparedBody;
      /** The reservation of the memory that the body occupies. */
      readonly bodyReservation: BodyReservation;
    }
  | { readonly kind: 'upload'; readonly form: UploadOperationId; readonly upload: Upload };
