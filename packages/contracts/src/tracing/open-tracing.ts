import { noTracing, type Tracing, type TracingOptions } from './tracing.js';

/** Loads the libraries for traces only if there are traces. */
export async function openTracing({ endpoint, ...options }: TracingOptions): Promise<Tracing> {
  if (endpoint === undefined) return noTracing;
  const { createTracing } = await import('./create-tracing.js');
  return createTracing({ ...options, endpoint });
}
