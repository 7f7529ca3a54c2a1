import type { IncomingHttpHeaders } from 'node:http';
import type { Logger } from 'pino';

export interface TracingOptions {
  /** Where the spans are sent, by OTLP over HTTP. Undefined: there are no traces. */
  readonly endpoint: string | undefined;
  /** The name of this server in the traces. */
  readonly service: string;
  readonly log: Pick<Logger, 'warn'>;
}

/** What a span says. Names, codes and counts only: never content, keys, tokens or people's data. */
export type SpanFacts = Readonly<Record<string, string | number | undefined>>;

/** How a request ended, for its span. */
export interface SpanEnd {
  readonly name: string;
  /** The status of the answer. */
  readonly status: number;
  readonly facts: SpanFacts;
}

/** The span of one request. */
export interface RequestSpan {
  /** 32 hexadecimal digits; undefined if there are no traces. */
  readonly traceId: string | undefined;
  /** Runs the work of the request: the steps and statements in it become parts of the span. */
  readonly run: <Result>(work: () => Result) => Result;
  readonly end: (end: SpanEnd) => void;
}

/** Makes the spans of a server. */
export interface Tracing {
  /** Begins a request. Its span continues the trace that the client names in `traceparent`, if it names one. */
  readonly beginRequest: (headers: IncomingHttpHeaders) => RequestSpan;
  /** Runs a step as a span of its own below the present one. Without a present span, only runs the step. */
  readonly step: <Result>(name: string, work: () => Promise<Result>) => Promise<Result>;
  /** The header that continues the present trace at another server; empty without a present span. */
  readonly headers: () => Readonly<Record<string, string>>;
  /** Adds a statement that has ended to the present span. Undefined if there are no traces. */
  readonly onStatement: ((sql: string, milliseconds: number) => void) | undefined;
  /** Sends the spans that are not sent yet, if that takes only a moment. */
  readonly close: () => Promise<void>;
}

const noHeaders = {};
const noSpan: RequestSpan = { traceId: undefined, run: (work) => work(), end: () => undefined };

/** No traces. */
export const noTracing: Tracing = {
  beginRequest: () => noSpan,
  step: (_name, work) => work(),
  headers: () => noHeaders,
  onStatement: undefined,
  close: () => Promise.resolve(),
};
