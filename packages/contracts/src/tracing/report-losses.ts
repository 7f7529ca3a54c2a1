import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';

/** Logs a warning when spans cannot be sent, but once a minute at most, because each batch of an outage fails. */
export function reportLosses(exporter: SpanExporter, log: Pick<Logger, 'warn'>): SpanExporter {
  let silentUntil = Number.NEGATIVE_INFINITY;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error !== undefined && performance.now() >= silentUntil) {
          silentUntil = performance.now() + silentMilliseconds;
          log.warn({ event: 'traces_lost', err: result.error }, 'spans cannot be sent to OTEL_EXPORTER_OTLP_ENDPOINT');
        }
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush && { forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve() }),
  };
}

const silentMilliseconds = 60_000;
