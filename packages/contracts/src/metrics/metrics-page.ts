import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CounterMetric, GaugeMetric, HistogramMetric, Label, Metric, MetricTable } from './define-metrics.js';

type ValuesOf<M extends Metric> = {
  readonly [Name in keyof M['labels']]: M['labels'][Name] extends Label<infer Value> ? Value : never;
};

export interface CounterInstrument<Values> {
  readonly inc: (values: Values, by?: number) => void;
}

export interface GaugeInstrument<Values> {
  readonly set: (values: Values, value: number) => void;
}

export interface HistogramInstrument<Values> {
  readonly observe: (values: Values, value: number) => void;
}

type InstrumentOf<M extends Metric> = M extends CounterMetric
  ? CounterInstrument<ValuesOf<M>>
  : M extends GaugeMetric
    ? GaugeInstrument<ValuesOf<M>>
    : M extends HistogramMetric
      ? HistogramInstrument<ValuesOf<M>>
      : never;

/** The instruments with which code counts: one for each metric of a table. */
export type Instruments<T extends MetricTable> = { readonly [Key in keyof T]: InstrumentOf<T[Key]> };

/** The metrics of one server: it holds their values, and writes them in the format of Prometheus. */
export class MetricsPage<T extends MetricTable> {
  readonly instruments: Instruments<T>;
  readonly #registry = new Registry();
  readonly #readers: (() => void | Promise<void>)[] = [];

  constructor(table: T) {
    this.instruments = Object.fromEntries(
      Object.entries(table).map(([key, metric]) => [key, createInstrument(this.#registry, metric)]),
    ) as unknown as Instruments<T>; // the table has the type of each instrument
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Adds what Node.js and the operating system say about the process: its event loop, memory and processor time. */
  addProcess(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Calls `read` each time that the metrics are asked for. It sets gauges, and must not reject. */
  addReader(read: () => void | Promise<void>): void {
    this.#readers.push(read);
  }

  async read(): Promise<string> {
    await Promise.all(this.#readers.map(async (read) => read()));
    return this.#registry.metrics();
  }
}

function createInstrument(registry: Registry, metric: Metric): Counter | Gauge | Histogram {
  const { name, help, labels } = metric;
  const options = { name, help, labelNames: Object.keys(labels), registers: [registry] };
  switch (metric.type) {
    case 'counter':
      return new Counter(options);
    case 'gauge':
      return new Gauge(options);
    case 'histogram':
      return new Histogram({ ...options, buckets: [...metric.buckets] });
  }
}
