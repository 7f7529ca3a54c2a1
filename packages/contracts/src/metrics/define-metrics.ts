declare const valuesOf: unique symbol;

/** A label of a metric, and the type of its values. */
export interface Label<Value extends string> {
  readonly meaning: string;
  /** Exists only in the type: the compiler reads the type of the label's values from it. */
  readonly [valuesOf]?: Value;
}

/**
 * Declares a label. Its values must be a union of literals, or a branded type. `string` does not compile, because a
 * client could then create any number of time series.
 */
export function label<Value extends string>(
  meaning: string,
  ..._unbounded: string extends Value ? [never] : []
): Label<Value> {
  return { meaning };
}

export type Labels = Readonly<Record<string, Label<string>>>;

interface Described<L extends Labels> {
  readonly name: string;
  readonly help: string;
  readonly labels: L;
}

/** A number that only grows until the server is restarted. */
export interface CounterMetric<L extends Labels = Labels> extends Described<L> {
  readonly type: 'counter';
}

/** A number that rises and falls. It is read when the metrics are asked for. NaN: unknown at present. */
export interface GaugeMetric<L extends Labels = Labels> extends Described<L> {
  readonly type: 'gauge';
}

/** For each bucket, the number of observations that do not exceed its bound. */
export interface HistogramMetric<L extends Labels = Labels> extends Described<L> {
  readonly type: 'histogram';
  readonly buckets: readonly number[];
}

export type Metric<L extends Labels = Labels> = CounterMetric<L> | GaugeMetric<L> | HistogramMetric<L>;

/** The metrics of a server. The keys are the names in our code. */
export type MetricTable = Readonly<Record<string, Metric>>;

type NoLabels = Readonly<Record<never, never>>;

export function counter(name: string, help: string): CounterMetric<NoLabels>;
export function counter<L extends Labels>(name: string, help: string, labels: L): CounterMetric<L>;
export function counter(name: string, help: string, labels: Labels = {}): CounterMetric {
  return { type: 'counter', name, help, labels };
}

export function gauge(name: string, help: string): GaugeMetric<NoLabels>;
export function gauge<L extends Labels>(name: string, help: string, labels: L): GaugeMetric<L>;
export function gauge(name: string, help: string, labels: Labels = {}): GaugeMetric {
  return { type: 'gauge', name, help, labels };
}

export function histogram(name: string, help: string, buckets: readonly number[]): HistogramMetric<NoLabels>;
export function histogram<L extends Labels>(
  name: string,
  help: string,
  buckets: readonly number[],
  labels: L,
): HistogramMetric<L>;
export function histogram(
  name: string,
  help: string,
  buckets: readonly number[],
  labels: Labels = {},
): HistogramMetric {
  return { type: 'histogram', name, help, buckets, labels };
}
