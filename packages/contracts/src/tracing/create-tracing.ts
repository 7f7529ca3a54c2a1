import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { readTraceparent } from '../requests/read-traceparent.js';
import { reportLosses } from './report-losses.js';
import type { RequestSpan, SpanEnd, Tracing, TracingOptions } from './tracing.js';

/** How long a server that stops waits until its last spans are sent. */
const closeMilliseconds = 2_000;

/**
 * Sends spans with the libraries of OpenTelemetry. No function of Node.js or of another library is patched: our code
 * begins and ends each span. Node.js keeps the present span through asynchronous code.
 */
export function createTracing({ endpoint, service, log }: TracingOptions & { readonly endpoint: string }): Tracing {
  const exporter = reportLosses(new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }), log);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('aipassport');
  const present = new AsyncLocalStorage<Span>();
  const contextOf = (span: Span): Context => trace.setSpan(ROOT_CONTEXT, span);

  return {
    beginRequest: (headers) => {
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER }, contextOfCaller(headers));
      return describeRequest(span, present);
    },
    step: async (name, work) => {
      const parent = present.getStore();
      if (parent === undefined) return work();
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT }, contextOf(parent));
      try {
        return await present.run(span, work);
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    },
    headers: () => formatTraceparent(present.getStore()),
    onStatement: (sql, milliseconds) => {
      const parent = present.getStore();
      if (parent === undefined || !parent.isRecording()) return;
      const options = { kind: SpanKind.CLIENT, startTime: performance.now() - milliseconds, attributes: describe(sql) };
      tracer.startSpan(`sql ${firstWord(sql)}`, options, contextOf(parent)).end();
    },
    close: async () => {
      await Promise.race([
        provider.shutdown().catch(() => undefined),
        sleep(closeMilliseconds, undefined, { ref: false }),
      ]);
    },
  };
}

/** Records every trace, even if the caller's `traceparent` asks not to record it. */
function contextOfCaller(headers: IncomingHttpHeaders): Context {
  const caller = readTraceparent(headers['traceparent']);
  if (caller === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { ...caller, traceFlags: TraceFlags.SAMPLED, isRemote: true });
}

function describeRequest(span: Span, present: AsyncLocalStorage<Span>): RequestSpan {
  return {
    traceId: span.spanContext().traceId,
    run: (work) => present.run(span, work),
    end: ({ name, status, facts }: SpanEnd) => {
      span.updateName(name);
      span.setAttributes({ 'http.response.status_code': status });
      for (const [key, value] of Object.entries(facts)) if (value !== undefined) span.setAttribute(key, value);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

function formatTraceparent(span: Span | undefined): Record<string, string> {
  if (span === undefined) return {};
  const { traceId, spanId } = span.spanContext();
  return { traceparent: `00-${traceId}-${spanId}-01` };
}

/** The text of a statement has placeholders instead of values. */
function describe(sql: string): Record<string, string> {
  return { 'db.system.name': 'postgresql', 'db.query.text': sql.slice(0, 500) };
}

function firstWord(sql: string): string {
  return /[a-z]+/i.exec(sql)?.[0].toLowerCase() ?? 'statement';
}
