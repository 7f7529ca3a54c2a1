/** What a kind is a kind of; the words of the messages. */
export type KindPlace = 'tool' | 'item' | 'content' | 'edit';

/** Why one member of a body is refused. `field` is its place: `tools[2].type`. */
export type FieldDenial =
  /** Only where the operator wants unknown members refused. */
  | { readonly reason: 'field_not_offered'; readonly field: string }
  /** By members of this name other gateways choose an upstream, a key or headers. */
  | { readonly reason: 'field_forbidden'; readonly field: string }
  | {
      readonly reason: 'field_invalid';
      readonly field: string;
      /** The value, as `describeValue` names it. */
      readonly found?: string;
      /** What it has to be, as the end of a sentence. */
      readonly expected?: string;
    }
  | {
      readonly reason: 'value_not_offered';
      readonly field: string;
      readonly found: string;
      readonly problem: 'costs' | 'unknown';
      readonly offered: readonly string[];
    }
  | { readonly reason: 'stored_state_refused'; readonly field: string; readonly found?: string }
  /** A conversation that the vendor would have held. */
  | { readonly reason: 'thread_not_held'; readonly field: string }
  | {
      readonly reason: 'kind_not_offered';
      readonly field: string;
      readonly of: KindPlace;
      /** As `describeValue` names it. */
      readonly kind: string;
    };
