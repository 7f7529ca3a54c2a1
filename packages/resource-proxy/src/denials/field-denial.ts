/** The part of a body whose kind is refused. Messages name this part. */
export type KindPlace = 'tool' | 'item' | 'content' | 'edit';

/** Why one member of a body is refused. `field` is its path: `tools[2].type`. */
export type FieldDenial =
  /** The member is unknown. It is only refused if the operator has set UNKNOWN_FIELDS to `refuse`. */
  | { readonly reason: 'field_not_offered'; readonly field: string }
  /** Other gateways read a member of this name as a choice of the upstream, the provider key or headers. */
  | { readonly reason: 'field_forbidden'; readonly field: string }
  | {
      readonly reason: 'field_invalid';
      readonly field: string;
      /** The value, as `describeValue` describes it. */
      readonly found?: string;
      /** The required value, as the end of a sentence. */
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
  /** The member continues a conversation that the vendor has not stored, because this proxy removes `thread`. */
  | { readonly reason: 'thread_not_stored'; readonly field: string }
  | {
      readonly reason: 'kind_not_offered';
      readonly field: string;
      readonly of: KindPlace;
      /** The kind, as `describeValue` describes it. */
      readonly kind: string;
    };
