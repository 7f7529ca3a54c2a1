/** The trace and the span that a caller names in `traceparent` (W3C Trace Context, section 3.2). */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
}

/** Version `ff` is invalid. A later version may have more fields. Identifiers of zeros only are invalid. */
const form =
  /^(?:00-(?=.{52}$)|(?!00|ff)[0-9a-f]{2}-)(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-|$)/;

/**
 * Reads the header. The caller chooses its values freely: they connect log lines and spans, and no decision depends on
 * them. The flags are not read: whether a trace is recorded is not the caller's choice.
 * @returns undefined if there is no header or it is malformed
 */
export function readTraceparent(header: string | string[] | undefined): TraceParent | undefined {
  const [, traceId, spanId] = (typeof header === 'string' && form.exec(header)) || [];
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
}
